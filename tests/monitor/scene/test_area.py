"""One reading of an area: sums and maxima by hand, and no sum that lacks a part."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.interval import count_interval
from monitor.core.reading import Quality, Reading
from monitor.core.zone import Area, Combine, Crowding, Member, ZoneReading
from monitor.scene.area import Part, area_quality, combine, part_of

NOON = datetime(2030, 5, 1, 12, tzinfo=UTC)
MEMBERS = (Member("A"), Member("B", "stage"))
SUM, MAX = Area("stand", MEMBERS), Area("stand", MEMBERS, Combine.MAX)
GOOD, LOST = Quality.GOOD, Quality.LOST


def reading(count, *, at_s=0.0, variance=4.0, per_minute=1.0, crowding=None):
    """What a camera says."""
    return Reading(
        "A", NOON + timedelta(seconds=at_s), at_s, count, None, None, variance, count + 0.5, GOOD,
        per_minute=per_minute, crowding=crowding,
    )  # fmt: skip


def test_different_ground_adds_up():
    """Counts, variances and changes; as old as the older of both."""
    found = combine(SUM, [Part(reading(10.0, at_s=5), GOOD), Part(reading(20.0, at_s=3), GOOD)])

    assert (found.camera, found.count, found.smoothed) == ("stand", 30.0, 31.0)
    assert (found.variance, found.per_minute) == (8.0, 2.0)
    assert (found.low, found.high) == count_interval(30.0, 8.0)
    assert (found.captured_s, found.at_utc) == (3, NOON + timedelta(seconds=3))


def test_the_same_ground_is_counted_once():
    """The camera that sees more is right, with its own interval."""
    few, many = reading(10.0, variance=1.0), reading(20.0, variance=9.0)

    found = combine(MAX, [Part(many, GOOD), Part(few, GOOD)])

    assert (found.count, found.variance, found.camera) == (20.0, 9.0, "stand")


def test_densities_are_joined_by_area_and_peaks_are_kept():
    """100 m² at 1 and 300 m² at 2 are 700 people on 400 m²; the peak is the fuller one's."""
    one, other = Crowding(100.0, 1.0, 5.0, "E", 0.1), Crowding(300.0, 2.0, None, "D", 0.0)

    added = combine(SUM, [Part(reading(1.0, crowding=each), GOOD) for each in (one, other)])
    most = combine(MAX, [Part(reading(1.0, crowding=each), GOOD) for each in (one, other)])

    assert added.crowding == Crowding(400.0, 1.75, 5.0, "E", pytest.approx(0.1 * 100 / 700))
    assert most.crowding == one


def test_a_sum_that_lacks_a_part_is_none():
    """Half of a stand is not the stand."""
    parts = [Part(reading(10.0), GOOD), Part(None, LOST)]

    assert combine(SUM, parts) is None
    assert area_quality(parts, Combine.SUM) is LOST


def test_one_camera_that_still_sees_the_ground_is_enough_but_doubtful():
    """What it says may ring, but never calm; the lost one's last count does not linger."""
    parts = [Part(reading(10.0), GOOD), Part(reading(99.0), LOST)]

    assert combine(MAX, parts).count == 10.0
    assert combine(MAX, parts).quality is Quality.DEGRADED


def test_a_sum_with_a_lost_part_is_lost_with_its_last_count():
    """The number stays to be seen with its age; its quality says that it is none."""
    found = combine(SUM, [Part(reading(10.0), GOOD), Part(reading(99.0), LOST)])

    assert found.quality is LOST


@given(st.lists(st.sampled_from(Quality), min_size=1, max_size=4), st.sampled_from(Combine))
def test_quality_does_not_depend_on_the_order(qualities, how):
    """And a sum is never better than its worst part."""
    found = {area_quality([Part(None, q) for q in one], how) for one in permutations(qualities)}

    assert len(found) == 1
    if how is Combine.SUM:
        assert found <= set(qualities)
        assert (found == {GOOD}) is (set(qualities) == {GOOD})


def test_a_zone_is_a_part():
    """Its numbers in place of the camera's; a zone that is not there is lost."""
    zone = ZoneReading("stage", 4.0, 3.0, 5.0, 1.0, 4.2, 0.5, Crowding(9.0, 1.0, 2.0, "C"))
    whole = replace(reading(50.0), zones=(zone,))

    part, missing = (part_of(whole, name, GOOD) for name in ("stage", "pit"))

    assert (part.reading.count, part.reading.smoothed, part.reading.variance) == (4.0, 4.2, 1.0)
    assert part.reading.crowding == zone.crowding
    assert missing == Part(None, LOST)
    assert part_of(None, None, LOST) == Part(None, LOST)
