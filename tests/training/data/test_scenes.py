"""Pictures of one place stay on one side of the split."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.plaza import Plaza
from training.data.scenes import (
    Corners,
    connect,
    find_corners,
    group_scenes,
    hold_out,
    hold_out_tail,
    matching_corners,
    shared_corners,
)


def _by_opencv(one, other):
    """Mutual nearest neighbors of fewer than 48 bits, as OpenCV's own matcher finds them."""
    found = cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True).match(one.looks, other.looks)
    return [[each.queryIdx, each.trainIdx] for each in found if each.distance < 48]


@pytest.mark.parametrize("people", [5, 200])
def test_corners_match_as_opencv_matches_them(people):
    """One drawn square at two moments: the same corners are each other's nearest."""
    place = Plaza(people, 11, size_wh=(640, 360))
    one, other = (find_corners(np.array(place.render(time).image)) for time in (0.0, 40.0))

    matched = matching_corners(one, other)

    assert len(matched) > 12
    assert matched.tolist() == _by_opencv(one, other)


def test_equally_near_corners_match_as_opencv_matches_them():
    """Where several corners look the same, the first of them is the match, in both directions."""
    draw = np.random.default_rng(3)
    looks = draw.integers(0, 256, (40, 32), dtype=np.uint8)
    one, other = looks[draw.integers(0, 40, 300)], looks[draw.integers(0, 40, 250)]
    other[::3, 0] ^= 1
    other[7] = ~one[0]  # as far as can be: 256 bits, more than a byte holds
    places = np.zeros((300, 2), np.float32)

    matched = matching_corners(Corners(places, one), Corners(places[:250], other))

    assert matched.tolist() == _by_opencv(Corners(places, one), Corners(places[:250], other))


def test_same_square_with_other_people_is_one_scene():
    """Three squares, each at two moments and once from slightly nearer: three scenes."""
    pictures = []
    for seed in (11, 12, 13):
        place = Plaza(40, seed, size_wh=(640, 360))
        first, second = np.array(place.render(0.0).image), np.array(place.render(40.0).image)
        nearer = cv2.resize(first[18:-18, 32:-32], (640, 360))
        pictures += [first, second, nearer]

    scenes = group_scenes([find_corners(one) for one in pictures])

    assert scenes == [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_picture_without_structure_shares_nothing():
    """A covered lens is like no place."""
    black = find_corners(np.zeros((100, 100, 3), np.uint8))
    place = find_corners(np.array(Plaza(5, 1, size_wh=(320, 180)).render(0).image))

    assert shared_corners(black, place) == 0


def test_chains_are_one_scene():
    """If a is like b and b like c, then all are one scene."""
    assert connect([{1}, {0, 3}, set(), {1}, {5}, {4}]) == [0, 0, 1, 0, 2, 2]


@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=200),
    st.floats(0.05, 0.5),
    st.integers(0, 9),
)
def test_a_scene_is_never_split(scenes, share, seed):
    """Held out or not is decided for whole scenes, and not far beyond the share wanted."""
    held = hold_out(scenes, share=share, seed=seed)

    for scene in set(scenes):
        assert len({one for one, where in zip(held, scenes, strict=True) if where == scene}) == 1
    assert sum(held) <= 1.5 * share * len(scenes)
    assert held == hold_out(scenes, share=share, seed=seed)


def test_share_is_reached_where_scenes_are_small():
    """With 100 scenes of two pictures, 15 % means 30 pictures."""
    held = hold_out([index // 2 for index in range(200)], share=0.15, seed=3)

    assert sum(held) == 30


def test_tail_is_the_last_stretch():
    """One camera: the newest frames are the ones never seen."""
    assert hold_out_tail(8, share=0.25) == [False] * 6 + [True] * 2
