"""Pictures get the sizes of the published preprocessing, and marks stay on their people."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rigs.labelled import dotted_picture, write_picture
from training.data.crops import read_rgb
from training.data.labelled import LabelledPicture
from training.data.sizes import SideLimits, fit_pictures, fit_size


@pytest.mark.parametrize(
    ("size_wh", "largest_px", "expected_wh"),
    [
        ((1024, 768), 4096, (1024, 768)),
        ((400, 300), 4096, (608, 448)),
        ((200, 1000), 4096, (448, 2240)),
        ((9999, 6666), 2048, (2048, 1376)),
        ((6000, 4000), 3072, (3072, 2048)),
        ((700, 350), 2048, (896, 448)),
        ((1999, 1333), 2048, (1984, 1344)),
        pytest.param((4608, 448), 2048, (4608, 448), id="upper limit given up"),
        pytest.param((5000, 400), 2048, (5600, 448), id="upper limit given up, enlarged"),
    ],
)
def test_published_sizes(size_wh, largest_px, expected_wh):
    """Sizes that the published program gives, smallest side 448 px; either way around."""
    limits = SideLimits(448, largest_px)

    assert fit_size(size_wh[::-1], limits) == expected_wh[::-1]
    assert fit_size(size_wh, limits) == expected_wh


@given(
    st.tuples(st.integers(1, 12000), st.integers(1, 12000)),
    st.integers(1, 30),
    st.one_of(st.none(), st.integers(0, 200)),
)
def test_limits_are_kept(size_hw, smallest, more):
    """Multiples of 32, never too small, and too large only where too narrow; once is enough."""
    smallest_px = 32 * smallest
    largest_px = None if more is None else smallest_px + 32 * more
    limits = SideLimits(smallest_px, largest_px)

    fitted = fit_size(size_hw, limits)

    assert all(side % 32 == 0 for side in fitted)
    assert min(fitted) >= smallest_px
    if largest_px is not None and max(size_hw) * smallest_px <= largest_px * min(size_hw):
        assert max(fitted) <= largest_px


@pytest.mark.parametrize(
    ("smallest_px", "largest_px"), [(16, None), (448, 416), (100, None), (64, 100)]
)
def test_impossible_limits_are_refused(smallest_px, largest_px):
    """Limits must be multiples of 32 in ascending order."""
    with pytest.raises(ValueError, match="sides"):
        SideLimits(smallest_px, largest_px)


def test_no_picture_has_no_size():
    """Nothing cannot be enlarged."""
    with pytest.raises(ValueError, match="no size"):
        fit_size((0, 100), SideLimits())


def test_heads_stay_on_their_people(tmp_path):
    """After enlarging, every dark dot is still under its mark; fitting pictures are untouched."""
    image, _ = dotted_picture((150, 200), 0, seed=1)
    points = np.array([[20, 30], [150, 100], [199.99, 149.99]], np.float32)
    for x, y in points:
        image[max(0, int(y) - 3) : int(y) + 4, max(0, int(x) - 3) : int(x) + 4] = 0
    small = LabelledPicture(write_picture(tmp_path / "small.png", image), (150, 200), points)
    other, marks = dotted_picture((320, 416), 3, seed=2)
    fitting = LabelledPicture(write_picture(tmp_path / "fitting.png", other), (320, 416), marks)
    resized = tmp_path / "resized"
    resized.mkdir()

    one, untouched = fit_pictures([small, fitting], SideLimits(320, 640), resized)

    assert untouched is fitting
    assert one.size_hw == (320, 416)  # 150 → 320; 200 × 2.1333 = 426.7 → 13.3 × 32 → 416
    np.testing.assert_allclose(one.points_xy[:2], points[:2] * [416 / 200, 320 / 150], rtol=1e-6)
    assert (one.points_xy < [416, 320]).all()
    found = read_rgb(one)
    assert found.shape == (320, 416, 3)
    for x, y in one.points_xy:
        assert found[int(y), int(x)].max() < 40
