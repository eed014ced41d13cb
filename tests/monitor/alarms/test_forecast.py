"""The time to a limit: laws of a line through a crowd, and silence where there is no trend."""

from dataclasses import replace

import numpy as np
import pytest

from monitor.alarms.forecast import limit_outlook, outlook_of
from monitor.core.reading import Quality
from monitor.core.rule import Level, Measure, Rule
from tests.rigs.snapshots import reading_of

TIMES = np.arange(-600.0, 0.1, 0.5)
LIMIT = Rule(150.0)
SEEDS = 120


def pairs(values, times=TIMES):
    return list(zip(times.tolist(), np.asarray(values, dtype=float).tolist(), strict=True))


def unrest(seed, *, lasts_s, by, times=TIMES):
    """Noise that hangs together for some seconds, around 0."""
    random = np.random.default_rng(seed)
    keeps = np.exp(-(times[1] - times[0]) / lasts_s)
    steps = random.standard_normal(len(times)) * by * np.sqrt(1 - keeps**2)
    steps[0] = by * random.standard_normal()
    values = np.empty(len(times))
    last = 0.0
    for place, step in enumerate(steps):
        last = values[place] = keeps * last + step if place else step
    return values


@pytest.mark.parametrize("slope", [0.05, 0.1, 0.5, 3.0])
def test_a_straight_line_reaches_the_limit_when_it_does(slope):
    """From 100 now to 150; without unrest the bounds are the time itself."""
    found = outlook_of(pairs(100 + slope * TIMES), LIMIT)

    assert found.in_s == pytest.approx(50 / slope, rel=1e-6)
    assert found.soonest_s == pytest.approx(50 / slope, rel=1e-6)
    assert found.latest_s == pytest.approx(50 / slope, rel=1e-6)


def test_a_low_limit_is_the_mirror():
    """Falling from 200 to 150 takes as long as rising from 100."""
    noise = unrest(3, lasts_s=10, by=5)
    rising = outlook_of(pairs(100 + 0.1 * TIMES + noise), LIMIT)
    falling = outlook_of(pairs(200 - 0.1 * TIMES - noise), Rule(150.0, level=Level.LOW))

    assert falling.in_s == pytest.approx(rising.in_s)
    assert falling.soonest_s == pytest.approx(rising.soonest_s)
    assert falling.latest_s == pytest.approx(rising.latest_s)


@pytest.mark.parametrize("scale", [0.01, 7.0, 1000.0])
def test_the_unit_does_not_matter(scale):
    """People, people per m², thousands."""
    values = 100 + 0.1 * TIMES + unrest(5, lasts_s=10, by=5)
    one = outlook_of(pairs(values), LIMIT)

    other = outlook_of(pairs(scale * values), Rule(150.0 * scale))

    assert other.in_s == pytest.approx(one.in_s)
    assert other.latest_s == pytest.approx(one.latest_s)


@pytest.mark.parametrize("step_s", [0.1, 1.0, 5.0])
def test_the_frame_rate_does_not_matter(step_s):
    """The same crowd counted oftener or more seldom."""
    times = np.arange(-600.0, step_s / 2, step_s)

    found = outlook_of(pairs(100 + 0.1 * times, times), LIMIT)

    assert found.in_s == pytest.approx(500, rel=1e-6)


@pytest.mark.parametrize("lasts_s", [0.5, 15.0, 60.0, 120.0])
def test_a_crowd_that_comes_and_goes_is_no_trend(lasts_s):
    """The limit is two deviations away; hardly ever may a time be named for it."""
    shown = [
        outlook_of(pairs(100 + unrest(seed, lasts_s=lasts_s, by=10)), Rule(120.0))
        for seed in range(SEEDS)
    ]

    # The bound of 1 %, and three deviations of so many seeds on top of it and of its own error.
    assert sum(one is not None for one in shown) <= 0.06 * SEEDS


@pytest.mark.parametrize(("slope", "lasts_s", "by"), [(0.1, 5, 5), (0.1, 30, 10), (0.2, 30, 5)])
def test_bounds_hold_the_truth_in_nine_of_ten_cases(slope, lasts_s, by):
    """A crowd that grows steadily under its unrest; four deviations of so many seeds allowed."""
    truth_s = 50 / slope
    found = [
        outlook_of(pairs(100 + slope * TIMES + unrest(seed, lasts_s=lasts_s, by=by)), LIMIT)
        for seed in range(SEEDS)
    ]
    shown = [one for one in found if one is not None]
    held = [one.soonest_s <= truth_s <= (one.latest_s or np.inf) for one in shown]

    assert len(shown) >= 0.6 * SEEDS
    assert np.mean(held) >= 0.9 - 4 * np.sqrt(0.09 / len(shown))


def test_more_unrest_never_makes_surer():
    """The same noise, larger: wider bounds, until nothing is said."""
    noise = unrest(11, lasts_s=20, by=1)
    widths = []
    for by in (1, 3, 9, 27, 81):
        one = outlook_of(pairs(100 + 0.1 * TIMES + by * noise), LIMIT)
        is_open = one is None or one.latest_s is None
        widths.append(np.inf if is_open else one.latest_s - one.soonest_s)

    assert widths == sorted(widths)
    assert widths[-1] == np.inf


def test_a_fifth_of_wrong_counts_moves_it_little():
    """A bus hides half of the square now and then."""
    values = 100 + 0.1 * TIMES
    for start in range(60, 1100, 200):
        values[start : start + 40] = 20.0

    assert outlook_of(pairs(values), LIMIT).in_s == pytest.approx(500, rel=0.1)


@pytest.mark.parametrize(
    "values",
    [
        pairs(100 - 0.1 * TIMES),
        pairs(160 + 0.1 * TIMES),
        pairs(100 + 0.001 * TIMES),
        pairs(np.full(len(TIMES), 100.0)),
        pairs(100 + 0.5 * TIMES[-300:], TIMES[-300:]),
        pairs([100.0], np.array([0.0])),
        [],
    ],
    ids=["away", "reached", "days-ahead", "still", "two-minutes", "one", "none"],
)
def test_where_there_is_nothing_to_say_nothing_is_said(values):
    """Rather silence than a number that somebody acts on."""
    assert outlook_of(values, LIMIT) is None


def readings(slope, **changes):
    return [
        reading_of(100 + slope * at_s, at_s=float(at_s), captured_s=float(at_s), **changes)
        for at_s in np.arange(-600, 1.0, 1.0)
    ]


def test_the_limit_that_comes_first_is_told():
    """Of two, whatever their order; those on other numbers are left out."""
    rules = [
        Rule(190.0, name="far"),
        Rule(130.0, name="near"),
        Rule(5.0, name="surge", measure=Measure.RATE),
    ]

    found = limit_outlook(readings(0.1), rules)

    assert found.rule.name == "near"
    assert found.outlook.in_s == pytest.approx(300, rel=0.01)


@pytest.mark.parametrize("quality", [one for one in Quality if one is not Quality.GOOD])
def test_counts_that_cannot_be_relied_on_name_no_time(quality):
    """The newest is bad; a camera that was moved still counts all people."""
    past = readings(0.1)
    past[-1] = replace(past[-1], quality=quality)

    found = limit_outlook(past, [Rule(130.0)])

    assert (found is not None) is (quality is Quality.UNCALIBRATED)


def test_bad_counts_of_the_past_are_left_out():
    """Five minutes of smeared pictures that saw nobody."""
    past = readings(0.1)
    for place in range(100, 400):
        past[place] = replace(past[place], count=0.0, smoothed=0.0, quality=Quality.DEGRADED)

    assert limit_outlook(past, [Rule(130.0)]).outlook.in_s == pytest.approx(300, rel=0.02)


def test_nothing_is_known_without_readings_and_rules():
    """At the start."""
    assert limit_outlook([], [LIMIT]) is None
    assert limit_outlook(readings(0.1), []) is None
