"""Whatever is done to a density map, nobody appears and nobody is lost."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from monitor.core.density import grid_size, mask, points_to_blocks, resize

side = st.integers(1, 23)
maps = st.tuples(side, side).flatmap(
    lambda shape: arrays(np.float32, shape, elements=st.floats(0, 5, width=32))
)
ROUNDING = 1e-4  # float32 sums of up to 529 cells of up to 5 people


@given(maps, side, side)
def test_resize_keeps_the_sum(density, rows, columns):
    """Larger, smaller or squeezed: the count stays."""
    resized = resize(density, (rows, columns))

    assert resized.shape == (rows, columns)
    assert resized.sum(dtype=float) == pytest.approx(
        density.sum(dtype=float), abs=ROUNDING, rel=1e-5
    )


def test_resize_to_half_adds_neighbors():
    """Halving both sides adds up squares of four cells."""
    density = np.arange(16, dtype=np.float32).reshape(4, 4)

    resized = resize(density, (2, 2))

    np.testing.assert_allclose(resized, [[0 + 1 + 4 + 5, 2 + 3 + 6 + 7], [42, 50]], rtol=1e-6)


def test_resize_to_the_same_size_changes_nothing():
    """The identity."""
    density = np.random.default_rng(0).random((5, 7)).astype(np.float32)

    np.testing.assert_allclose(resize(density, (5, 7)), density, rtol=1e-6)


def test_resize_to_nothing_is_refused():
    """A map without cells cannot hold people."""
    with pytest.raises(ValueError, match="0 rows"):
        resize(np.ones((2, 2), np.float32), (0, 3))


@given(maps)
def test_mask_and_its_complement_share_the_sum(density):
    """Inside and outside together are everybody."""
    share = np.random.default_rng(1).random(density.shape).astype(np.float32)

    inside, outside = mask(density, share), mask(density, 1 - share)

    assert (inside.sum(dtype=float) + outside.sum(dtype=float)) == pytest.approx(
        density.sum(dtype=float), abs=ROUNDING, rel=1e-5
    )


def test_mask_of_another_shape_is_refused():
    """A mask belongs to one grid."""
    with pytest.raises(ValueError, match="shape"):
        mask(np.ones((2, 2), np.float32), np.ones((2, 3), np.float32))


def test_mask_beyond_one_is_refused():
    """A share above 1 would make people."""
    with pytest.raises(ValueError, match="between 0 and 1"):
        mask(np.ones((1, 1), np.float32), np.full((1, 1), 1.5, np.float32))


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.floats(0, 99, width=32), st.floats(0, 59, width=32)), max_size=80),
    st.sampled_from([4, 8, 16, 32]),
)
def test_every_mark_counts_in_its_block(points, block_px):
    """The blocks agree with counting mark by mark, also where marks share a pixel."""
    marks = np.array([*points, *points[:3]], dtype=np.float32).reshape(-1, 2)

    blocks = points_to_blocks(marks, (60, 100), block_px)

    expected = np.zeros(grid_size((60, 100), block_px))
    for x, y in marks:
        expected[int(y // block_px), int(x // block_px)] += 1
    np.testing.assert_array_equal(blocks, expected)


def test_marks_outside_go_to_the_nearest_block():
    """A mark beyond the edge is still a person."""
    blocks = points_to_blocks(np.array([[-5, -5], [1e6, 1e6]], np.float32), (20, 20), 8)

    assert blocks[0, 0] == 1
    assert blocks[-1, -1] == 1
