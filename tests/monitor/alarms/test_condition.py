"""How well a rule can be judged, and when its condition holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alarms.condition import Measured, Sight, is_reached, sight_of
from monitor.core.interval import probability_at_least
from monitor.core.reading import Quality
from monitor.core.rule import Level, Measure, Rule

COUNT, ZONE = Rule(10.0), Rule(10.0, zone="stage")
DENSITY = Rule(2.0, measure=Measure.DENSITY)
STREAM = Rule(5.0, measure=Measure.STREAM)
CLEAR, DOUBTFUL, BLIND = Sight


@pytest.mark.parametrize(
    ("quality", "count", "zone", "density"),
    [
        (Quality.GOOD, CLEAR, CLEAR, CLEAR),
        (Quality.DEGRADED, DOUBTFUL, DOUBTFUL, DOUBTFUL),
        (Quality.UNCALIBRATED, CLEAR, DOUBTFUL, DOUBTFUL),
        (Quality.OUT_OF_DISTRIBUTION, DOUBTFUL, DOUBTFUL, DOUBTFUL),
        (Quality.STALE, BLIND, BLIND, BLIND),
        (Quality.LOST, BLIND, BLIND, BLIND),
    ],
)
def test_how_well_rules_are_judged(quality, count, zone, density):
    """The table of the guide; the stream's own rule is about just that."""
    assert [sight_of(one, quality) for one in (COUNT, ZONE, DENSITY)] == [count, zone, density]
    assert sight_of(STREAM, quality) is CLEAR


limits = st.floats(1, 1000)
values = st.floats(-1000, 2000)


@given(limits, values, st.sampled_from(Level))
def test_what_begins_a_condition_also_keeps_it(limit, value, level):
    """The dead band only ever prolongs."""
    rule = Rule(limit, level=level)

    if is_reached(Measured(value), rule, was_reached=False):
        assert is_reached(Measured(value), rule, was_reached=True)


@given(limits, values, st.floats(0, 500), st.booleans(), st.sampled_from(Level))
def test_more_is_never_less_dangerous(limit, value, more, was_reached, level):
    """A value farther beyond the limit reaches it whenever a nearer one does."""
    rule = Rule(limit, level=level)
    farther = value - more if level is Level.LOW else value + more

    nearer_reaches = is_reached(Measured(value), rule, was_reached=was_reached)

    assert not nearer_reaches or is_reached(Measured(farther), rule, was_reached=was_reached)


@given(limits, values, st.floats(0.1, 1e4), st.floats(0.01, 0.99))
def test_a_low_limit_asks_for_confidence_in_the_mirror(limit, value, variance, confidence):
    """P(X ≤ limit) ≥ confidence, by the other tail of the same distribution."""
    rule = Rule(limit, level=Level.LOW, confidence=confidence)

    reached = is_reached(Measured(value, variance), rule, was_reached=False)

    below = 1 - probability_at_least(limit, count=value, variance=variance)
    assert reached is (below >= confidence) or below == pytest.approx(confidence, abs=1e-9)
