"""Spreading a density map for the eye."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from monitor.scene.heatmap import spread


@given(arrays(np.float32, (24, 31), elements=st.floats(0, 50, width=32)), st.floats(0.3, 2.0))
def test_nobody_is_lost_or_added(density, blocks):
    """Also people at the edge stay in the map."""
    assert spread(density, blocks=blocks).sum() == pytest.approx(density.sum(), rel=1e-4, abs=1e-3)


def test_one_person_becomes_a_bell():
    """The middle of a bell of standard deviation s holds 1 / (2π s²) of it: 0.0398 for s = 2."""
    density = np.zeros((41, 41), dtype=np.float32)
    density[20, 20] = 1.0

    bell = spread(density, blocks=2.0)

    assert bell[20, 20] == pytest.approx(1 / (2 * np.pi * 4), rel=0.03)
    np.testing.assert_allclose(bell, bell.T, atol=1e-7)
    np.testing.assert_allclose(bell, bell[::-1, ::-1], atol=1e-7)


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (5, 1), (0, 4)])
def test_maps_smaller_than_the_bell_keep_their_shape_and_people(shape):
    """A picture of a few blocks is a picture, too."""
    density = np.full(shape, 0.5, dtype=np.float32)

    bell = spread(density, blocks=1.5)

    assert bell.shape == shape
    assert bell.sum() == pytest.approx(density.sum(), rel=1e-5)


def test_no_width_changes_nothing_and_a_negative_one_is_refused():
    """The map itself can be had."""
    density = np.eye(4, dtype=np.float32)

    assert spread(density, blocks=0.0) is density
    with pytest.raises(ValueError, match="negative"):
        spread(density, blocks=-1.0)
