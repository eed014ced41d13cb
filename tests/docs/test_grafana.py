"""The dashboard: every metric that it asks for is one that the program has."""

import json
import re
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from monitor.core.alarm import AlarmState
from monitor.core.reading import Stages
from monitor.core.zone import Crowding
from monitor.outputs.metrics import Backend, Metrics, Sources, Storage
from monitor.outputs.outbox import OutboxHealth
from tests.rigs.history import read_of, ring_of
from tests.rigs.states import state_of

DASHBOARD = Path(__file__).parents[2] / "docs" / "grafana" / "crowd-monitor.json"
NAME = re.compile(r"\b((?:crowd|process)_[a-z_]+)")
SELECTOR = re.compile(r"([a-z_]+)\{([^}]*)\}")
LABEL = re.compile(r"([a-z]+)\s*(?:=~|!=|=)")


def queries():
    """Give every query of the dashboard, those of its variables among them."""
    document = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    found = [target["expr"] for panel in document["panels"] for target in panel.get("targets", ())]
    found += [
        one["query"]["query"]
        for one in document["templating"]["list"]
        if isinstance(one["query"], dict)
    ]
    return found


def samples():
    """Give the labels of every sample that a program in full use has, by name."""
    crowding = Crowding(10.0, 1.0, 2.0, "B")
    state = state_of(reading=read_of(1, crowding=crowding))
    sources = Sources(
        cameras=lambda: [state],
        outputs=lambda: {"mqtt": OutboxHealth()},
        storage=lambda: Storage(1, 1, 1),
        stream_states=["live"],
        backend=lambda: Backend("m", "cpu", "abacus", "fp32", "x"),
    )
    metrics = Metrics(sources)
    metrics.on_reading(read_of(1, stages=Stages()))
    metrics.on_event(ring_of(0))
    metrics.on_event(
        ring_of(1, before=AlarmState.UNACKNOWLEDGED, after=AlarmState.ACKNOWLEDGED, who="Ada")
    )
    return {
        sample.name: set(sample.labels)
        for family in text_string_to_metric_families(metrics.text().decode())
        for sample in family.samples
    }


def test_every_query_names_metrics_that_exist():
    """A panel that stays empty for ever is worse than none."""
    known = samples()

    asked = {name for query in queries() for name in NAME.findall(query)}

    assert asked
    assert asked <= set(known)


def test_every_selector_names_labels_that_exist():
    """A selector with a wrong label finds nothing and says nothing."""
    known = samples()

    for query in queries():
        for name, selectors in SELECTOR.findall(query):
            assert set(LABEL.findall(selectors)) <= known[name], query


def test_every_metric_of_ours_is_on_the_dashboard():
    """What nobody looks at need not be measured; parts of histograms count as one."""
    shown = {name for query in queries() for name in NAME.findall(query)}
    shown = {re.sub(r"_(bucket|sum|count)$", "", name) for name in shown} | shown
    ours = {
        re.sub(r"_(bucket|sum|count|created)$", "", name)
        for name in samples()
        if name.startswith("crowd_") and name != "crowd_count"
    }
    ours = {name for name in ours if not name.endswith("_created")}

    assert {name for name in ours if name not in shown and f"{name}_total" not in shown} == set()


def test_panels_do_not_lie_on_each_other():
    """Every place of the grid holds one panel at most."""
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    places = [
        (x, y)
        for place in (panel["gridPos"] for panel in panels)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]

    assert len(places) == len(set(places))
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert max(x for x, _ in places) < 24
