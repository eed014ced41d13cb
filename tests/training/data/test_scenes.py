"""Pictures of one place stay on one side of the split."""

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from monitor.plaza import Plaza
from training.data.scenes import (
    connect,
    find_corners,
    group_scenes,
    hold_out,
    hold_out_tail,
    shared_corners,
)


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
