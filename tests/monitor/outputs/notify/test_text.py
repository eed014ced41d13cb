"""Messages that a person understands at three in the morning."""

from monitor.core.reading import Quality
from monitor.core.rule import Measure, Priority, Rule
from monitor.outputs.notify.text import Ring, alarm_notice, end_notice
from tests.rigs.history import read_of, ring_of, zone_of


def test_an_alarm_says_where_what_how_sure_and_since_when():
    """By hand, the whole message."""
    event = ring_of(0, value=251.4, limit=250.0, priority=Priority.HIGH)
    reading = read_of(1, count=253.6, low=240.2, high=262.0, quality=Quality.DEGRADED)

    notice = alarm_notice(Ring(event, Rule(250.0), reading))

    assert notice.title == "HIGH alarm: Gate 1, limit"
    assert notice.body == (
        "Gate 1: 251 people, limit 250.\n"
        "Newest count: 254 people, 90 % sure between 240 and 262; quality degraded.\n"
        "Since 2030-05-01 12:00:00 UTC.\n"
        "Condition: at 100 or more for 10 s."
    )


def test_bicycles_are_called_bicycles():
    """Nobody runs to the gate for a crowd of bicycles taken for people."""
    event = ring_of(
        0, camera="Gate 1 · bicycles", alarm_id="Gate 1 · bicycles/full", value=31.0, limit=30.0
    )
    reading = read_of(1, camera="Gate 1 · bicycles", count=31.0)

    notice = alarm_notice(Ring(event, Rule(30.0, name="full"), reading))

    assert notice.title.endswith("Gate 1 · bicycles, full")
    assert "Gate 1 · bicycles: 31 bicycles, limit 30." in notice.body
    assert "Newest count: 31 bicycles" in notice.body
    assert "people" not in notice.title + notice.body


def test_a_zone_has_its_own_count_and_unit():
    """People per m² on the stairs: the count is that of the stairs, not of the whole picture."""
    rule = Rule(4.0, name="crush", measure=Measure.PEAK_DENSITY, zone="stairs")
    event = ring_of(0, value=4.26, limit=4.0, alarm_id="Gate 1/crush")
    reading = read_of(1, count=999.0, zones=(zone_of("stairs", 40.0),))

    body = alarm_notice(Ring(event, rule, reading)).body

    assert "Gate 1, stairs (peak density): 4.3 people/m², limit 4.0." in body
    assert "Newest count: 40 people, 90 % sure between 39 and 41" in body
    assert "999" not in body


def test_a_lost_stream_is_told_without_a_count():
    """Nothing that could be taken for a number of people."""
    event = ring_of(0, value=12.0, limit=5.0, alarm_id="Gate 1/stream", note="")

    body = alarm_notice(Ring(event, None, read_of(1))).body

    assert "cannot be counted" in body
    assert "people" not in body


def test_what_is_not_known_is_not_made_up():
    """No reading, no rule, no value, no interval."""
    event = ring_of(0, value=None)

    body = alarm_notice(Ring(event, None, None)).body

    assert "unknown" in body
    assert "90 %" not in alarm_notice(Ring(event, None, read_of(1, low=None, high=None))).body


def test_waiting_and_leaving_out_are_told():
    """In seconds while they are few, then in minutes."""
    ring = Ring(ring_of(0), None, None)

    assert "for 90 s" in alarm_notice(ring, waited_s=90.0).body
    assert "for 5 min" in alarm_notice(ring, waited_s=300.0).body
    assert "1 message was left out" in alarm_notice(ring, left_out=1).body


def test_the_end_is_told():
    """Where and when."""
    notice = end_notice(ring_of(7))

    assert notice.title == "Over: Gate 1, limit"
    assert "2030-05-01 12:00:07 UTC" in notice.body
