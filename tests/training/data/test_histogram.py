"""Blocks and windows are counted as the papers count them."""

from pathlib import Path

import numpy as np
import pytest
import scipy.io
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.bins import mean_values, parse_bins
from training.data.histogram import block_histogram, window_histogram
from training.data.labelled import LabelledPicture

REAL = Path(__file__).parents[4] / "shared" / "data" / "ShanghaiTech" / "part_B" / "train_data"


def picture(points, size_hw):
    """A picture of which only marks and size matter."""
    return LabelledPicture(Path("p.png"), size_hw, np.array(points, np.float32).reshape(-1, 2))


@given(
    st.lists(st.tuples(st.integers(0, 13), st.integers(0, 10)), max_size=30),
    st.integers(1, 12),
    st.booleans(),
)
def test_windows_by_brute_force(places, window_px, shared_pixels):
    """Every place of the window is looked at, one by one."""
    width, height = 14, 11
    heads = places if shared_pixels else sorted(set(places))
    expected = {}
    for top in range(height - window_px + 1):
        for left in range(width - window_px + 1):
            inside = sum(
                left <= x < left + window_px and top <= y < top + window_px for x, y in heads
            )
            expected[inside] = expected.get(inside, 0) + 1

    found = window_histogram(
        [picture([(x + 0.4, y + 0.9) for x, y in places], (height, width))],
        window_px=window_px,
        shared_pixels=shared_pixels,
    )

    assert {people: windows for people, windows in enumerate(found) if windows} == expected


def test_pictures_add_up():
    """Pictures of any size and crowd, in any order."""
    one, other = picture([(1, 1)] * 5, (8, 8)), picture([(3, 3)], (20, 30))

    both = window_histogram([one, other], window_px=8, shared_pixels=True)

    assert both == window_histogram([other, one], window_px=8, shared_pixels=True)
    assert sum(both) == 1 + 13 * 23
    assert both[5] == 1


@pytest.mark.data
@pytest.mark.skipif(not REAL.is_dir(), reason="needs ../shared/data")
def test_published_anchors_of_part_b():
    """The open bins of ShanghaiTech B at blocks of 8 stand for what is published, to 5 digits.

    Its 400 training pictures of 1024 × 768 px are untouched by the published preprocessing.
    """
    pictures = [
        picture(scipy.io.loadmat(path)["image_info"][0, 0]["location"][0, 0], (768, 1024))
        for path in sorted((REAL / "ground-truth").glob("*.mat"))
    ]

    histogram = window_histogram(pictures, window_px=8)

    assert len(pictures) == 400
    for bins, published in (("0,1,2+", 2.15171), ("0,1,2,3,4+", 4.41009)):
        anchors = mean_values(parse_bins(bins), histogram)
        assert anchors[-1] == pytest.approx(published, abs=5e-6)


def test_blocks_side_by_side():
    """Each head is in one block; those that share a pixel all count."""
    found = block_histogram([picture([(1, 1), (1, 1), (9, 1)], (16, 16))], block_px=8)

    assert found == [2, 1, 1]
