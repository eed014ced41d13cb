"""What the pictures of the documents are taken of: known places, and words that grow."""

import math

import pytest

from docs.screenshots.long_words import lengthened
from docs.screenshots.sites import SITES, camera_of_square, cameras_of, ground_of_square
from monitor.scene.ground_check import camera_place


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_ground_of_a_square_is_that_of_its_camera(seed):
    """The rectangle that is clicked gives back the height in which the camera truly hangs."""
    ground = ground_of_square(seed)
    place = camera_place(ground.to_plane(), ground.head_height_m)

    assert place is not None
    assert math.isclose(place.height_m, camera_of_square(seed).height_m, rel_tol=1e-6)


def test_every_screen_has_a_name_of_its_own():
    """Else one picture would be written over another."""
    names = [screen.name for site in SITES for screen in site.screens]

    assert len(names) == len(set(names))


def test_every_site_has_as_many_cameras_as_it_says():
    """Each a valid one."""
    assert [len(cameras_of(site)) for site in SITES] == [site.cameras for site in SITES]


@pytest.mark.parametrize(
    ("text", "letters"), [("", 0), ("Save", 7), ("Acknowledge", 15), ("x" * 100, 135)]
)
def test_words_grow_as_german_ones_do(text, letters):
    """Short ones by four fifths, longer ones by a third; spaces only break what is added."""
    assert len(lengthened(text).replace(" ", "")) == letters


def test_what_is_put_into_a_text_still_can_be():
    """Braces are left alone."""
    assert lengthened("{count} people").format(count=3).startswith("3 people")
