"""Questions to a real history: a rule replayed, a trend, a report."""

from datetime import UTC, datetime, timedelta

import pytest

from monitor.core.alarm import AlarmEvent, AlarmState
from monitor.core.reading import Quality, Reading
from monitor.core.rule import Measure, Rule
from monitor.core.zone import Crowding, ZoneReading
from monitor.engine.rule_replay import how_long_until, load_between, would_have_rung
from monitor.outputs.history.history import History
from monitor.outputs.outbox import Pace
from monitor.settings.outputs import parse_address

NOON = datetime(2030, 5, 1, 12, tzinfo=UTC)
HOUR = NOON + timedelta(hours=1)


def after(seconds):
    """A moment after noon."""
    return NOON + timedelta(seconds=seconds)


def count_at(second):
    """Twenty people, ninety from minute 20 to 30, then two more every minute."""
    if 1200 <= second < 1800:
        return 90.0
    return 20.0 if second < 1200 else 20.0 + 2 * (second - 1800) / 60


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """An hour of one camera, a reading every two seconds, and a journal."""
    path = tmp_path_factory.mktemp("past") / "history.sqlite"
    kept = History(parse_address(f"sqlite:///{path}", {}), pace=Pace(flush_s=0.01))
    kept.start()
    for second in range(0, 3600, 2):
        people = count_at(second)
        zone = ZoneReading("stage", people / 2, None, None, None, people / 2)
        kept.on_reading(
            Reading(
                "Gate", after(second), 0.0, people, None, None, None, people, Quality.GOOD,
                zones=(zone,), crowding=Crowding(100.0, people / 100, people / 20, "C"),
            )
        )  # fmt: skip
    kept.on_event(
        AlarmEvent(
            "Gate", after(1210), AlarmState.NORMAL, AlarmState.UNACKNOWLEDGED, 90.0, 80.0,
            alarm_id="Gate/limit",
        )
    )  # fmt: skip
    assert kept.stop(30)
    yield kept
    kept.stop(1)


@pytest.mark.parametrize(
    "rule",
    [
        Rule(80.0),
        Rule(40.0, zone="stage"),
        Rule(0.8, measure=Measure.DENSITY),
        Rule(4.0, measure=Measure.PEAK_DENSITY),
    ],
    ids=lambda one: f"{one.measure.value} {one.zone or ''}",
)
def test_a_rule_would_have_rung_in_the_twentieth_minute(history, rule):
    """Whatever it is about; to the ten seconds by which the past is asked."""
    (ringing,) = would_have_rung(history, "Gate", rule, NOON, HOUR).ringings

    assert (ringing.start_utc - after(1210)).total_seconds() == pytest.approx(0, abs=10)
    assert (ringing.end_utc - after(1815)).total_seconds() == pytest.approx(0, abs=10)


def test_a_surge_would_have_rung(history):
    """Seventy more within a minute, from the first ten of which on it is known."""
    rule = Rule(60.0, measure=Measure.RATE)

    (ringing,) = would_have_rung(history, "Gate", rule, NOON, HOUR).ringings

    assert (ringing.start_utc - after(1210)).total_seconds() == pytest.approx(0, abs=15)
    assert ringing.worst == pytest.approx(70, abs=1)


def test_a_rule_that_was_never_reached_never_rings(history):
    """And a camera that was not there has no past."""
    quiet = would_have_rung(history, "Gate", Rule(500.0), NOON, HOUR)

    assert quiet.ringings == ()
    assert quiet.judged_s == pytest.approx(3600, abs=20)
    assert would_have_rung(history, "Attic", Rule(1.0), NOON, HOUR).judged_s == 0


def test_the_time_until_a_limit_is_told(history):
    """At 80 people and two more a minute, 100 is ten minutes away and 200 beyond what is told."""
    soon = how_long_until(history, "Gate", Rule(100.0), HOUR)
    late = how_long_until(history, "Gate", Rule(200.0), HOUR)

    assert soon.in_s == pytest.approx(600, abs=15)
    assert (late.in_s, late.per_minute) == (None, pytest.approx(2.0, rel=0.01))


def test_the_load_is_read_from_the_journal(history):
    """One alarm that nobody acknowledged."""
    load = load_between(history, NOON, HOUR)

    assert (load.rang, load.unacknowledged) == (1, 1)


def test_a_streams_past_is_not_known(history):
    """It is told rather than guessed."""
    with pytest.raises(ValueError, match="does not tell"):
        would_have_rung(history, "Gate", Rule(5.0, measure=Measure.STREAM), NOON, HOUR)
