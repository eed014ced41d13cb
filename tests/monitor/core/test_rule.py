"""Rules: what cannot ring, or could never return, is refused."""

import math

import pytest

from monitor.core.rule import Level, Measure, Rule, stream_rule


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"limit": 0.0}, "more than 0 people"),
        ({"limit": math.nan}, "must be a number"),
        ({"limit": -2.0, "measure": Measure.DENSITY}, "more than 0 people/m²"),
        ({"name": ""}, "name"),
        ({"name": "a/b"}, "slash"),
        ({"dead_band": 100.0}, "between 0 and the limit"),
        ({"dead_band": -1.0}, "0 or more"),
        ({"on_delay_s": -1.0}, "negative"),
        ({"realarm_after_s": -1.0}, "negative"),
        ({"confidence": 1.0}, "between 0 and 1"),
    ],
)
def test_impossible_rules_are_refused(changes, message):
    """With what is wrong."""
    with pytest.raises(ValueError, match=message):
        Rule(**({"limit": 100.0} | changes))


def test_a_fall_in_people_may_be_watched_for():
    """Fifty fewer each minute is a negative limit, and only a rate has one."""
    rule = Rule(-50.0, measure=Measure.RATE, level=Level.LOW)

    assert rule.returns_at == -45.0


@pytest.mark.parametrize(
    ("level", "returns_at"), [(Level.HIGH, 90.0), (Level.HIGH_HIGH, 90.0), (Level.LOW, 110.0)]
)
def test_the_usual_dead_band_is_a_tenth(level, returns_at):
    """Below a high limit, above a low one."""
    assert Rule(100.0, level=level).returns_at == pytest.approx(returns_at)


def test_the_streams_own_rule_cannot_chatter():
    """It returns when the count was there for as long as it took to ring."""
    rule = stream_rule(after_s=7.0)

    assert (rule.limit, rule.off_delay_s, rule.unit) == (7.0, 7.0, "s")
