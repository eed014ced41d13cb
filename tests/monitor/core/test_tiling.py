"""Whatever the size of a picture, the model sees every person, and each counts once."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.core.density import grid_size, points_to_blocks
from monitor.core.tiling import cut_tiles, merge_tiles, plan_tiles, run_tiled

BLOCK_PX = 8


def count_bright_pixels(tile):
    """Stand in for a model: people are white pixels, each counted in its block."""
    white = (tile[..., 0] == 255).astype(np.float32)
    rows, columns = white.shape[0] // BLOCK_PX, white.shape[1] // BLOCK_PX
    blocks = white.reshape(rows, BLOCK_PX, columns, BLOCK_PX).sum(axis=(1, 3))
    return blocks, 2 * blocks


heights, widths = st.integers(1, 3000), st.integers(1, 4000)
ways = st.sampled_from(
    [
        (None, None, 32, None),
        (None, None, 32, (64, 96)),
        (None, None, 32, (736, 1280)),
        (224, 224, 16, None),
        (224, 112, 16, None),
        (224, 200, 8, None),
        (448, 8 * 17, 8, None),
    ]
)


@settings(max_examples=40, deadline=None)
@given(heights, widths, ways, st.integers(0, 2**32 - 1))
@example(1, 1, (None, None, 32, None), 0)
@example(65, 1300, (None, None, 32, (64, 96)), 3)
@example(1, 1, (224, 112, 16, None), 0)
@example(3000, 4000, (448, 448, 8, None), 1)
@example(225, 224, (224, 224, 16, None), 2)
def test_everyone_counts_once(height, width, way, seed):
    """Any picture from 1×1 to 4000×3000, whole or in windows: the map is that of a hand count."""
    window_px, stride_px, multiple, fixed_hw = way
    draw = np.random.default_rng(seed)
    people = draw.integers(1, 40)
    x, y = draw.integers(0, width, people), draw.integers(0, height, people)
    image = np.zeros((height, width, 3), np.uint8)
    image[y, x] = 255
    places = np.unique(np.stack([x, y], 1), axis=0).astype(np.float32)
    plan = plan_tiles(
        (height, width),
        block_px=BLOCK_PX,
        size_multiple=multiple,
        window_px=window_px,
        stride_px=stride_px,
        fixed_hw=fixed_hw,
    )

    density, variance = run_tiled(image, plan, count_bright_pixels)

    expected = points_to_blocks(places, (height, width), BLOCK_PX)
    np.testing.assert_allclose(density, expected, rtol=1e-6)
    np.testing.assert_allclose(variance, 2 * expected, rtol=1e-6)


@given(heights, widths, ways)
def test_windows_cover_the_picture_and_stay_in_it(height, width, way):
    """No window leaves the filled picture; every block is in one at least."""
    window_px, stride_px, multiple, fixed_hw = way

    plan = plan_tiles(
        (height, width),
        block_px=BLOCK_PX,
        size_multiple=multiple,
        window_px=window_px,
        stride_px=stride_px,
        fixed_hw=fixed_hw,
    )

    seen = np.zeros((plan.padded_hw[0] // BLOCK_PX, plan.padded_hw[1] // BLOCK_PX), bool)
    for tile in plan.tiles:
        assert tile.top + tile.height <= plan.padded_hw[0]
        assert tile.left + tile.width <= plan.padded_hw[1]
        seen[
            tile.top // BLOCK_PX : (tile.top + tile.height) // BLOCK_PX,
            tile.left // BLOCK_PX : (tile.left + tile.width) // BLOCK_PX,
        ] = True
    assert seen.all()
    assert plan.grid == grid_size((height, width), BLOCK_PX)


def test_people_seen_in_the_filling_are_dropped():
    """A model that sees a person in every block counts only the blocks of the picture."""
    plan = plan_tiles((20, 20), block_px=8, size_multiple=32)

    density, variance = run_tiled(
        np.zeros((20, 20, 3), np.uint8), plan, lambda tile: (np.ones((4, 4), np.float32), None)
    )

    assert density.sum() == 9
    assert variance is None


def test_overlapping_windows_are_averaged():
    """Where two windows disagree the block gets their mean."""
    plan = plan_tiles((8, 24), block_px=8, size_multiple=8, window_px=16, stride_px=8)
    maps = [np.full((2, 2), value, np.float32) for value in (1.0, 3.0)]

    merged = merge_tiles(maps, plan)

    np.testing.assert_allclose(merged, [[1.0, 2.0, 3.0]])


def test_picture_of_the_planned_size_is_not_copied():
    """The usual camera picture goes to the model as it is."""
    image = np.zeros((64, 96, 3), np.uint8)

    (tile,) = cut_tiles(image, plan_tiles((64, 96), block_px=8, size_multiple=32))

    assert np.shares_memory(tile, image)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"size_hw": (0, 5)}, "nobody"),
        ({"window_px": 224}, "stride"),
        ({"window_px": 224, "stride_px": 256}, "stride"),
    ],
)
def test_plans_that_lose_people_are_refused(arguments, words):
    """No picture, or gaps between windows, are mistakes of the caller."""
    with pytest.raises(ValueError, match=words):
        plan_tiles(**({"size_hw": (9, 9), "block_px": 8, "size_multiple": 8} | arguments))


def test_picture_of_another_size_is_refused():
    """A plan is for one size."""
    plan = plan_tiles((32, 32), block_px=8, size_multiple=32)

    with pytest.raises(ValueError, match="plan"):
        list(cut_tiles(np.zeros((31, 32, 3), np.uint8), plan))


def test_map_of_another_size_is_refused():
    """A model that gives the wrong grid is found out at once."""
    plan = plan_tiles((32, 32), block_px=8, size_multiple=32)

    with pytest.raises(ValueError, match="map of shape"):
        merge_tiles([np.zeros((4, 5), np.float32)], plan)
