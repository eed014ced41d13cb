"""The learning rates of the published programs, step by step."""

import itertools
import math

import pytest

from training.schedule import Schedule, rate_share

FULL = 1e-4
CLIP_EBC = Schedule(steps=2600, warm_up_steps=50, warm_up_start=0.01, period_steps=5, lowest=1e-3)
CLIP_EBC_VIT = Schedule(steps=2600, warm_up_steps=50, warm_up_start=10.0, period_steps=5)
ZIP = Schedule(
    steps=1300, warm_up_steps=25, warm_up_start=0.1, warm_up="log-linear", period_steps=5
)


@pytest.mark.parametrize(
    ("epoch", "rate"),
    [
        (0, 1.0e-6), (1, 2.98e-6), (25, 5.05e-5), (49, 9.802e-5), (50, 1e-4), (51, 9.046e-5),
        (54, 9.640e-6), (55, 1e-4), (60, 5.005e-5), (64, 2.545e-6), (84, 7.150e-7),
        (1329, 1e-4), (2599, 1.054e-7),
    ],
)  # fmt: skip
def test_rates_of_clip_ebc(epoch, rate):
    """The rates measured in the published program, to the four digits given."""
    assert FULL * rate_share(CLIP_EBC, epoch) == pytest.approx(rate, rel=6e-4)


@pytest.mark.parametrize(("epoch", "rate"), [(0, 1e-3), (25, 5.5e-4), (49, 1.18e-4), (50, 1e-4)])
def test_rates_of_clip_ebc_on_a_transformer_come_down(epoch, rate):
    """Its warm-up begins at ten times the full rate."""
    assert FULL * rate_share(CLIP_EBC_VIT, epoch) == pytest.approx(rate)


def test_zip_warms_up_by_equal_ratios():
    """From a tenth of the rate to all of it in 25 epochs, each the same factor above the last."""
    rates = [rate_share(ZIP, epoch) for epoch in range(26)]

    assert (rates[0], rates[25]) == (pytest.approx(0.1), pytest.approx(1))
    assert [high / low for low, high in itertools.pairwise(rates)] == pytest.approx(
        [10 ** (1 / 25)] * 25
    )


def test_zip_restarts_where_published():
    """The rate is full at these epochs and nowhere else."""
    full = [epoch for epoch in range(1300) if rate_share(ZIP, epoch) == pytest.approx(1, abs=1e-9)]

    assert full == [25, 30, 40, 60, 100, 180, 340, 660]


def test_periods_of_one_length():
    """A factor of 1 repeats the same cosine."""
    schedule = Schedule(steps=30, period_steps=10, period_factor=1, lowest=0)

    assert [rate_share(schedule, step) for step in (0, 5, 10, 15, 25)] == pytest.approx(
        [1, 0.5, 1, 0.5, 0.5]
    )


def test_one_cosine_ends_at_the_lowest_rate():
    """Without restarts: up from just above 0, then half a cosine over all that is left."""
    schedule = Schedule(steps=110, warm_up_steps=10, lowest=0.01)

    assert rate_share(schedule, 0) == pytest.approx(1 / 11)
    assert rate_share(schedule, 10) == 1
    assert rate_share(schedule, 60) == pytest.approx((1 + 0.01) / 2)
    assert rate_share(schedule, 110) == pytest.approx(0.01)
    assert all(
        rate_share(schedule, step) > rate_share(schedule, step + 1) for step in range(10, 110)
    )
    assert math.isfinite(rate_share(schedule, 10_000))
