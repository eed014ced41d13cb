"""The pictures that a file is proven on exist for every network."""

import pytest

from exports.pictures import patterned_pictures, sizes_for


@pytest.mark.parametrize("window_px", [1, 2, 3, 4, 5, 8, 224])
def test_sizes_for_any_window(window_px):
    """Windows of a single pixel too: sizes have pixels, one is the window, one is no multiple."""
    sizes = sizes_for(window_px)

    assert [one.shape[:2] for one in patterned_pictures(sizes)] == list(sizes)
    assert min(min(size) for size in sizes) >= 1
    assert (window_px, window_px) in sizes
    assert window_px == 1 or any(height % window_px for height, _ in sizes)
