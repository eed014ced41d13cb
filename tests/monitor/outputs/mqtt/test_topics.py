"""Names on the broker: short, different, and the same tomorrow."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.outputs.mqtt.topics import short_names, topics_of

NAMES = st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), unique=True)


@pytest.mark.parametrize(
    ("name", "short"),
    [("North gate", "north_gate"), ("Tor 3 – Süd", "tor_3_sud"), ("cam/1+#", "cam_1")],
)
def test_an_ordinary_name_can_be_read(name, short):
    """Lower case, without accents, one _ for whatever a topic does not take."""
    assert short_names([name]) == {name: short}


@given(NAMES)
def test_any_names_get_different_forms_that_a_topic_takes(names):
    """Whatever people call things, nothing is mixed up and nothing breaks a topic."""
    short = short_names(names)

    assert len(set(short.values())) == len(names)
    assert all(re.fullmatch(r"[a-z0-9_]+", one) for one in short.values())
    assert not {"alarm", "state", "event", "density", "status"} & set(short.values())


@given(NAMES, st.randoms(use_true_random=False))
def test_the_order_of_the_settings_does_not_matter(names, random):
    """A camera that is moved up in the site file keeps its topic."""
    shuffled = list(names)
    random.shuffle(shuffled)

    assert short_names(shuffled) == short_names(names)


def test_names_that_are_nearly_the_same_are_kept_apart():
    """Both get a mark; a third name keeps its own."""
    short = short_names(["Gate 1", "gate-1", "Hall"])

    assert short["Hall"] == "hall"
    assert re.fullmatch(r"gate_1_[0-9a-f]{6}", short["Gate 1"])
    assert short["Gate 1"] != short["gate-1"]


def test_topics_are_those_of_the_documents():
    """The names that docs/outputs.md promises."""
    topics = topics_of("crowd", "City hall", ["North gate"])

    assert topics.status == "crowd/city_hall/status"
    assert topics.camera("North gate", "state") == "crowd/city_hall/north_gate/state"
    assert topics.zone("North gate", "stairs", "count") == "crowd/city_hall/north_gate/stairs/count"
    assert topics.alarm("North gate", "limit") == "crowd/city_hall/north_gate/alarm/limit"


@pytest.mark.parametrize(
    ("topic", "parts"),
    [
        ("crowd/main/gate/alarm/limit/ack/set", ("gate", "limit", "ack")),
        ("crowd/main/gate/alarm/limit/shelve/set", ("gate", "limit", "shelve")),
        ("crowd/main/gate/alarm/limit/explode/set", None),
        ("crowd/main/gate/alarm/limit", None),
        ("crowd/other/gate/alarm/limit/ack/set", None),
    ],
)
def test_commands_are_read_from_topics(topic, parts):
    """Only what we know, and only of our site."""
    assert topics_of("crowd", "main", ["gate"]).split_command(topic) == parts
