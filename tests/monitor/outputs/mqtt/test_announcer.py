"""What the broker is told, given what it was told before."""

import json

from monitor.outputs.mqtt.announcer import Announcer
from monitor.outputs.mqtt.topics import topics_of
from tests.rigs.history import read_of
from tests.rigs.states import state_of

ZONE = "crowd/main/gate_1/stairs/count"


def announcer_of(*cameras):
    topics = topics_of("crowd", "main", cameras)
    return Announcer(topics, discovery="homeassistant", every_s=1.0, has_commands=False)


def told(announcer, *states):
    return {one.topic: one.payload for one in announcer.messages(states)}


def test_bicycles_are_announced_as_bicycles():
    """Home Assistant shows unit and name; people are still people."""
    names = ("Gate 1", "Gate 1 · bicycles")
    announcer = announcer_of(*names)

    payloads = told(announcer, *(state_of(name) for name in names))

    devices = [json.loads(body) for topic, body in payloads.items() if topic.endswith("/config")]
    counts = {one["device"]["name"]: one["components"]["count"] for one in devices}
    assert [counts[name]["unit_of_measurement"] for name in names] == ["people", "bicycles"]
    assert [counts[name]["name"] for name in names] == ["People", "Bicycles"]
    assert counts[names[0]]["state_topic"] != counts[names[1]]["state_topic"]


def test_what_has_not_changed_is_not_repeated():
    """The same states twice: nothing the second time."""
    announcer = announcer_of("Gate 1")

    assert told(announcer, state_of())
    assert told(announcer, state_of()) == {}


def test_after_a_new_connection_everything_is_told_again():
    """The broker may have lost what it kept."""
    announcer = announcer_of("Gate 1")
    first = told(announcer, state_of())

    announcer.forget()

    assert told(announcer, state_of()) == first


def test_a_camera_that_is_taken_away_leaves_the_broker():
    """Its count must not stand in a dashboard for ever; the others stay as they are."""
    announcer = announcer_of("Gate 1", "Gate 2")
    first = told(announcer, state_of("Gate 1"), state_of("Gate 2"))

    gone = told(announcer, state_of("Gate 1"))

    assert set(gone) == {topic for topic in first if "gate_2" in topic}
    assert set(gone.values()) == {b""}
    assert told(announcer, state_of("Gate 1")) == {}


def test_a_camera_that_is_taken_away_while_the_broker_is_away_leaves_it_too():
    """What it kept is taken off with the next connection."""
    announcer = announcer_of("Gate 1", "Gate 2")
    told(announcer, state_of("Gate 1"), state_of("Gate 2"))
    announcer.forget()

    again = told(announcer, state_of("Gate 1"))

    assert again["crowd/main/gate_2/state"] == b""


def test_a_new_camera_and_a_lost_zone_are_taken_over():
    """As after a change of the site file while the program runs."""
    announcer = announcer_of("Gate 1")
    told(announcer, state_of("Gate 1"))

    changed = told(announcer, state_of("Gate 1", reading=read_of(131)), state_of("Hall"))

    assert changed[ZONE] == b""
    assert "crowd/main/hall/state" in changed
    assert announcer.alarm_id("hall", "limit") == "Hall/limit"
    assert announcer.alarm_id("gate_1", "nothing") is None
