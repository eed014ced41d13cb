"""The drawn square: its number of people is exact and its pictures are functions of time."""

import numpy as np
import pytest

from monitor.plaza.draw import VISIBLE_SHARE, Plaza, heads_that_count
from monitor.plaza.figure import PersonPainter, fix_outlines, head_mark, mix_palette, pose


def visible_by_brute_force(plaza: Plaza, time_s: float) -> list[int]:
    """Say who counts by drawing everybody alone and taking away all that is nearer."""
    crowd, camera, light = plaza._crowd, plaza._camera, plaza._light
    figures = pose(crowd.at(time_s), crowd.stature, camera, light.shadow_reach)
    outlines = fix_outlines(figures)
    palette = mix_palette(plaza._looks, light, figures.depth_m)
    width, height = plaza.size_wh
    alone = []
    for person in range(len(crowd)):
        owners = np.zeros((height, width), dtype=np.int32)
        image = np.zeros((height, width, 3), dtype=np.uint8)
        PersonPainter(image, owners, outlines, palette, plaza._looks).paint(person)
        alone.append(owners)
    counted = []
    for person, owners in enumerate(alone):
        shows = owners == head_mark(person)
        for other in range(len(crowd)):
            if figures.ground_z[other] < figures.ground_z[person]:
                shows &= alone[other] == 0
        for thing in plaza._backdrop.occluders:
            if thing.distance_m < figures.ground_z[person]:
                left, top, right, bottom = thing.box_xyxy
                shows[top:bottom, left:right] &= thing.mask == 0
        x, y = figures.head_xy[person]
        is_inside = 0 <= x < width and 0 <= y < height
        if is_inside and shows.sum() >= max(1.0, VISIBLE_SHARE * _area(figures.head[person])):
            counted.append(person)
    return counted


def _area(outline: np.ndarray) -> float:
    after = np.roll(outline, -1, axis=0)
    return abs(float(np.sum(outline[:, 0] * after[:, 1] - outline[:, 1] * after[:, 0]))) / 2


@pytest.mark.parametrize("seed", range(5))
def test_truth_is_who_shows(seed: int) -> None:
    """The number is that of the heads that show, found by drawing everybody alone."""
    plaza = Plaza(45, seed, (480, 270))

    picture = plaza.render(7.3)
    expected = visible_by_brute_force(plaza, 7.3)

    assert picture.truth == len(expected)


def test_some_are_hidden() -> None:
    """In a dense crowd not everybody shows: the rule above has something to decide."""
    plaza = Plaza(300, 2, (480, 270))
    crowd = plaza._crowd
    figures = pose(crowd.at(1.0), crowd.stature, plaza._camera, (0.0, 0.0))
    x, y = figures.head_xy.T
    in_view = int(((x >= 0) & (x < 480) & (y >= 0) & (y < 270)).sum())

    assert plaza.render(1.0).truth < in_view


@pytest.mark.parametrize("seed", range(4))
def test_every_head_is_a_point_in_the_picture(seed: int) -> None:
    """As many heads as the number says, all inside."""
    picture = Plaza(150, seed).render(2.0)

    assert picture.heads_xy.shape == (picture.truth, 2)
    assert picture.heads_xy.dtype == np.float32
    assert (picture.heads_xy >= 0).all()
    assert (picture.heads_xy < np.array([1280, 720])).all()


def test_most_people_are_in_the_picture() -> None:
    """Of those who walk about, at least two thirds are seen at any moment."""
    truths = [Plaza(120, seed).render(5.0).truth for seed in range(6)]

    assert min(truths) > 80
    assert max(truths) <= 120


def test_order_of_drawing_does_not_matter() -> None:
    """A moment looks the same whatever was drawn before, and in another object of the seed."""
    plaza = Plaza(60, 9, (640, 360))
    first = plaza.render(4.2)
    plaza.render(100.0)
    plaza.render(-3.0)

    again, elsewhere = plaza.render(4.2), Plaza(60, 9, (640, 360)).render(4.2)

    for other in (again, elsewhere):
        assert np.array_equal(first.image, other.image)
        assert np.array_equal(first.heads_xy, other.heads_xy)


def test_seeds_and_moments_differ() -> None:
    """Another seed is another square; another moment is another picture."""
    plaza = Plaza(20, 1, (320, 180))

    assert not np.array_equal(plaza.render(0.0).image, plaza.render(0.5).image)
    assert not np.array_equal(plaza.render(0.0).image, Plaza(20, 2, (320, 180)).render(0.0).image)


def test_an_empty_square_has_nobody() -> None:
    """With no people the picture is the square alone and the number is 0."""
    picture = Plaza(0, 3).render(1.0)

    assert picture.truth == 0
    assert picture.heads_xy.shape == (0, 2)
    assert picture.image.shape == (720, 1280, 3)


def test_people_are_drawn_where_the_heads_are() -> None:
    """At each head the picture differs from the empty square of the same seed."""
    full, empty = Plaza(80, 6).render(2.0), Plaza(0, 6).render(2.0)
    change = np.abs(full.image.astype(int) - empty.image).sum(axis=2)

    at_heads = [change[int(y), int(x)] for x, y in full.heads_xy]

    assert np.mean(np.array(at_heads) > 20) > 0.95  # a head may have the colour behind it


def test_the_picture_is_read_only() -> None:
    """What crosses threads cannot be written to."""
    picture = Plaza(1, 1, (160, 90)).render(0.0)

    assert not picture.image.flags.writeable
    assert not picture.heads_xy.flags.writeable


@pytest.mark.parametrize(
    ("people", "size_wh"), [(-1, (640, 360)), (30_000, (640, 360)), (5, (40, 40))]
)
def test_impossible_squares_are_refused(people: int, size_wh: tuple[int, int]) -> None:
    """A number or a size out of range is a mistake of the caller."""
    with pytest.raises(ValueError, match=r"people|plaza"):
        Plaza(people, 1, size_wh)


def test_a_head_at_the_border_needs_its_middle_inside() -> None:
    """Heads whose middle lies outside the picture do not count, though part of them shows."""
    plaza = Plaza(1, 1, (320, 180))
    crowd = plaza._crowd
    figures = pose(crowd.at(0.0), crowd.stature, plaza._camera, (0.0, 0.0))
    owners = np.full((180, 320), head_mark(0), dtype=np.int32)
    for x, expected in ((-0.5, 0), (0.0, 1), (319.9, 1), (320.0, 0)):
        figures.head_xy[0] = (x, 90.0)

        assert len(heads_that_count(owners, figures, (320, 180))) == expected
