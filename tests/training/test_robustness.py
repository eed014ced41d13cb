"""Smaller pictures and how counts change with them."""

import numpy as np
import pytest

from training.robustness import relative_change, shrink


def test_shrinking_takes_means_over_areas():
    """Half the size: every pixel is the mean of four."""
    image = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
    expected = image.reshape(2, 2, 3, 2, 3).astype(float).mean(axis=(1, 3))

    assert np.abs(shrink(image, 0.5) - expected).max() <= 0.5
    assert shrink(image, 1.0) is image
    assert shrink(image, 0.05).shape == (1, 1, 3)


def test_change_by_hand():
    """10 → 8 is a fifth; below one person the change itself counts."""
    assert relative_change([8.0, 0.5], [10.0, 0.2]) == pytest.approx((0.2 + 0.3) / 2)


def test_nothing_to_compare_is_refused():
    """A mean of nothing is not 0."""
    with pytest.raises(ValueError, match="no pictures"):
        relative_change([], [])
