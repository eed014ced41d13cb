"""The scale of the heat maps: right for the crowd, and calm."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.ui.heat_scale import STEPS_PEOPLE, HeatScale, peak_of


@given(st.floats(0, 20))
def test_the_scale_reaches_the_crowd_at_once(peak):
    """Two dense places never look the same because the scale was too small."""
    scale = HeatScale()

    scale.take(peak, 0.0)

    assert scale.full_people == min(step for step in STEPS_PEOPLE if step >= peak)


def test_a_crowd_beyond_all_steps_gets_the_last():
    """There is an end to everything."""
    scale = HeatScale()

    scale.take(1e6, 0.0)

    assert scale.full_people == STEPS_PEOPLE[-1]


def test_the_scale_falls_slowly():
    """A minute after the crowd has gone a third is still remembered: 2 · e^-1 = 0.74."""
    scale = HeatScale()
    scale.take(2.0, 0.0)

    scale.take(0.05, 60.0)
    after_a_minute = scale.full_people
    scale.take(0.05, 600.0)

    assert (after_a_minute, scale.full_people) == (2.0, 0.1)


@given(st.lists(st.floats(0.46, 0.54), min_size=2, max_size=50))
def test_the_scale_does_not_flicker_at_a_step(peaks):
    """A crowd that hovers around a step changes the colours once at most."""
    scale = HeatScale()

    shown = []
    for index, peak in enumerate(peaks):
        scale.take(peak, float(index))
        shown.append(scale.full_people)

    assert sum(a != b for a, b in itertools.pairwise(shown)) <= 1


def test_peak_ignores_a_single_wild_block():
    """One block in a thousand that is a mistake does not darken the map."""
    density = np.full((90, 160), 0.2, dtype=np.float32)
    density[3, 3] = 50.0

    assert peak_of(density) == pytest.approx(0.2)


@pytest.mark.parametrize("density", [np.zeros((0, 4)), np.zeros((4, 4)), np.full((4, 4), np.nan)])
def test_peak_of_nobody_is_nothing(density):
    """Empty, deserted or broken: no error, no scale."""
    assert peak_of(density.astype(np.float32)) == 0.0
