"""Roll-ups: sums that do not depend on how the readings came."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.reading import Quality
from monitor.outputs.history.database import open_database, writing
from monitor.outputs.history.rollups import (
    Rollup,
    Sample,
    add_rollups,
    joined,
    rolled_up,
    rollup_of,
)
from monitor.outputs.history.schema import rollups

COUNTS = st.integers(0, 2000).map(float)  # whole numbers, so that sums are exact in any order
MAYBE = st.none() | COUNTS
SAMPLES = st.lists(
    st.builds(
        Sample,
        camera=st.sampled_from(["Gate 1", "Gate 2"]),
        zone=st.sampled_from(["", "stairs"]),
        at_us=st.integers(0, 3 * 3600 * 10**6),
        count=COUNTS,
        low=MAYBE,
        high=MAYBE,
        quality=st.sampled_from(Quality),
        truth=MAYBE,
        density_mean_m2=MAYBE,
        density_peak_m2=MAYBE,
    ),
    max_size=60,
)


@given(SAMPLES)
def test_every_reading_is_in_one_minute_and_one_hour(samples):
    """Nothing is lost and nothing counted twice."""
    found = rolled_up(samples)

    for period_s in (60, 3600):
        of_period = [one for one in found if one.period_s == period_s]
        assert sum(one.readings for one in of_period) == len(samples)
        assert sum(one.count_sum for one in of_period) == sum(one.count for one in samples)
        assert sum(one.good for one in of_period) == sum(
            one.quality is Quality.GOOD for one in samples
        )
    for one in found:
        assert one.start_us % (one.period_s * 10**6) == 0
        assert one.start_us <= one.first_us <= one.last_us < one.start_us + one.period_s * 10**6
        assert one.count_min <= one.count_sum / one.readings <= one.count_max


@given(SAMPLES, st.randoms(use_true_random=False))
def test_the_order_does_not_matter(samples, random):
    """Readings that come late are summed up all the same."""
    shuffled = list(samples)
    random.shuffle(shuffled)

    assert rolled_up(shuffled) == rolled_up(samples)


def test_bounds_are_the_outer_ones_of_those_known():
    """A model that gives no interval does not hide that another did."""

    def sample(low, high):
        return Sample("Gate 1", "", 5, 10.0, low, high, Quality.GOOD)

    one = rollup_of(sample(4.0, 11.0), 60)
    other = rollup_of(sample(None, None), 60)
    third = rollup_of(sample(3.0, 9.0), 60)

    whole = joined(joined(one, other), third)
    assert (whole.low, whole.high, whole.readings) == (3.0, 11.0, 3)


def test_different_minutes_are_not_joined():
    """A mistake of the program does not spoil a sum."""
    one = rollup_of(Sample("Gate 1", "", 5, 1.0, None, None, Quality.GOOD), 60)
    later = rollup_of(Sample("Gate 1", "", 60_000_005, 1.0, None, None, Quality.GOOD), 60)

    with pytest.raises(ValueError, match="different"):
        joined(one, later)


def test_batches_in_the_database_join_as_in_memory(address):
    """Written in seven batches or summed up at once: the same table."""
    samples = [
        Sample(
            camera="Gate 1",
            zone="stairs" if index % 3 else "",
            at_us=index * 7_000_000,
            count=float(index * index % 101),
            low=None if index % 4 == 0 else float(-index),
            high=None if index % 5 == 0 else float(index),
            quality=Quality.GOOD if index % 2 else Quality.LOST,
            truth=None if index % 6 == 0 else 3.0,
            density_mean_m2=None if index % 7 == 0 else 2.0,
            density_peak_m2=None if index % 8 == 0 else float(index % 9),
        )
        for index in range(700)
    ]
    engine = open_database(address)
    for first in range(7):
        with writing(engine) as connection:
            add_rollups(connection, rolled_up(samples[first::7]))
    with engine.connect() as connection:
        key = (rollups.c.camera, rollups.c.zone, rollups.c.period_s, rollups.c.start_us)
        rows = connection.execute(rollups.select().order_by(*key)).all()
    engine.dispose()

    found = tuple(Rollup(*row) for row in rows)
    assert found == tuple(sorted(rolled_up(samples), key=lambda one: (
        one.camera, one.zone, one.period_s, one.start_us,
    )))  # fmt: skip
    assert not any(math.isnan(one.count_sum) for one in found)
