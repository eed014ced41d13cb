"""What is said on the broker: never a count without its quality, never 0 for nobody knows."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from monitor.core.alarm import AlarmState
from monitor.core.reading import Quality
from monitor.core.rule import Rule
from monitor.outputs.mqtt.discovery import discovery_document, discovery_topic
from monitor.outputs.mqtt.payloads import (
    alarm_document,
    count_document,
    density_document,
    encode,
    event_document,
    moment,
)
from monitor.outputs.mqtt.topics import topics_of
from tests.rigs.history import read_of, ring_of
from tests.rigs.snapshots import status_of
from tests.rigs.states import state_of


def test_a_count_has_interval_quality_time_and_age():
    """By hand from the reading 131 s after noon."""
    state = state_of()

    assert count_document(state, state.reading) == {
        "value": 131.0,
        "low": 130.0,
        "high": 132.0,
        "smoothed": 131.0,
        "quality": "good",
        "stream": "live",
        "ts": "2030-05-01T12:02:11.000Z",
        "age_ms": 500,
    }


@pytest.mark.parametrize("part", ["picture", "zone"])
def test_a_lost_count_is_null(part):
    """The old count is nowhere; its time and age tell how old it is."""
    state = state_of(quality=Quality.LOST, stream="unreachable", age_s=60.0)
    known = state.reading if part == "picture" else state.reading.zones[0]

    document = count_document(state, known)

    assert {document[name] for name in ("value", "low", "high", "smoothed")} == {None}
    assert (document["quality"], document["stream"], document["age_ms"]) == (
        "lost", "unreachable", 60_000,
    )  # fmt: skip


def test_a_stale_count_stays_with_its_quality():
    """A count of the past is told as one."""
    state = state_of(quality=Quality.STALE, age_s=4.0)

    document = count_document(state, state.reading)

    assert (document["value"], document["quality"], document["age_ms"]) == (131.0, "stale", 4000)


def test_before_the_first_count_nothing_is_known():
    """A camera that connects is told, without a number."""
    state = state_of(reading=None, age_s=None, quality=Quality.LOST, stream="connecting")

    document = count_document(state, None)

    assert set(document.values()) == {None, "lost", "connecting"}


def test_what_is_no_number_is_null():
    """JSON knows no infinity; whoever reads it must not stumble."""
    state = state_of()

    text = encode(count_document(state, read_of(1, count=float("inf"), low=float("nan"))))

    assert json.loads(text)["value"] is None
    assert json.loads(text)["low"] is None


def test_density_has_mean_peak_and_level():
    """By hand from the zone."""
    state = state_of()

    document = density_document(state, state.reading.zones[0].crowding)

    assert (document["value"], document["peak"], document["level_of_service"]) == (1.5, 4.0, "D")
    lost = density_document(state_of(quality=Quality.LOST), state.reading.zones[0].crowding)
    assert (lost["value"], lost["peak"], lost["level_of_service"]) == (None, None, None)


@pytest.mark.parametrize(
    ("state", "is_active"),
    [
        (AlarmState.NORMAL, False),
        (AlarmState.UNACKNOWLEDGED, True),
        (AlarmState.ACKNOWLEDGED, True),
        (AlarmState.RETURNED_UNACKNOWLEDGED, True),
        (AlarmState.SHELVED, False),
        (AlarmState.SUPPRESSED, False),
    ],
)
def test_an_alarm_tells_whether_it_asks_for_anybody(state, is_active):
    """Every state there is."""
    document = alarm_document(status_of(state))

    assert document["is_active"] is is_active
    assert document["state"] == state.value
    assert (document["limit"], document["unit"], document["value"]) == (120.0, "people", 131.4)


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (AlarmState.NORMAL, AlarmState.UNACKNOWLEDGED, "new"),
        (AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED, "update"),
        (AlarmState.ACKNOWLEDGED, AlarmState.NORMAL, "end"),
        (AlarmState.NORMAL, AlarmState.NORMAL, "update"),
    ],
)
def test_an_event_is_a_beginning_a_change_or_an_end(before, after, kind):
    """As systems that open and close incidents want it; the same event has the same id."""
    event = ring_of(5, before=before, after=after)

    assert event_document(event)["type"] == kind
    assert event_document(event)["id"] == event_document(event)["id"]
    assert event_document(event)["id"] != event_document(ring_of(6))["id"]


def test_moments_are_told_in_utc():
    """An hour east is an hour earlier."""
    east = timezone(timedelta(hours=1))

    assert moment(datetime(2030, 1, 1, 1, tzinfo=east)) == "2030-01-01T00:00:00.000Z"
    assert moment(datetime(2030, 1, 1, tzinfo=UTC)) == "2030-01-01T00:00:00.000Z"


def test_home_assistant_is_told_of_everything_that_is_published():
    """Every state topic of the announcement is one that a camera fills; ids differ."""
    topics = topics_of("crowd", "main", ["Gate 1"])
    document = discovery_document(
        topics,
        "Gate 1",
        zones={"stairs": "Stairs"},
        rules={"limit": Rule(120.0)},
        every_s=4.0,
        has_commands=True,
    )

    parts = document["components"]
    assert {part["state_topic"] for part in parts.values() if "state_topic" in part} == {
        "crowd/main/gate_1/state",
        "crowd/main/gate_1/density",
        "crowd/main/gate_1/stairs/count",
        "crowd/main/gate_1/stairs/density",
        "crowd/main/gate_1/alarm/limit",
    }
    assert parts["ack_limit"]["command_topic"] == "crowd/main/gate_1/alarm/limit/ack/set"
    assert parts["count"]["expire_after"] == 12
    assert parts["count"]["state_class"] == "measurement"
    assert document["availability_topic"] == "crowd/main/status"
    assert len({part["unique_id"] for part in parts.values()}) == len(parts)
    assert all(part["platform"] for part in parts.values())
    assert discovery_topic("homeassistant", topics, "Gate 1") == (
        "homeassistant/device/crowd_main_gate_1/config"
    )


def test_without_commands_there_is_no_button():
    """What would do nothing is not offered."""
    document = discovery_document(
        topics_of("crowd", "main", ["Gate 1"]),
        "Gate 1",
        zones={},
        rules={"limit": Rule(120.0)},
        every_s=1.0,
        has_commands=False,
    )

    assert not [part for part in document["components"].values() if part["platform"] == "button"]
