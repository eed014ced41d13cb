"""Filling outlines."""

import numpy as np
import pytest

from monitor.plaza.canvas import Canvas, hull_of, to_fixed


def blank(side: int = 40) -> np.ndarray:
    return np.zeros((side, side, 3), dtype=np.uint8)


def test_a_square_covers_its_pixels() -> None:
    """Corners at whole pixels fill exactly the pixels between them, edges aside."""
    image = blank()

    Canvas(image).fill(np.array([[10, 10], [30, 10], [30, 30], [10, 30]]), (255, 0, 0))

    assert (image[12:28, 12:28, 0] == 255).all()
    assert not image[:, :, 1:].any()
    assert not image[:8].any()
    assert not image[32:].any()


def test_the_mask_is_where_the_picture_changes() -> None:
    """What is drawn into the picture is drawn into the mask."""
    image, mask = blank(), np.zeros((40, 40), dtype=np.uint8)
    canvas = Canvas(image, mask)

    canvas.fill_hull(np.array([[5.0, 5], [20, 8], [12, 25], [11, 12]]), (255, 255, 255))
    canvas.disc(np.array([30.0, 30.0]), 5.0, (255, 255, 255))

    assert np.array_equal(mask, image[..., 0])
    assert mask[30, 30] == 255


def test_discs_have_their_area() -> None:
    """A disc of radius r covers about πr² pixels; its soft edge adds half a pixel all round."""
    image = blank(100)

    Canvas(image).disc(np.array([50.3, 49.6]), 20.0, (255, 255, 255))

    assert image[..., 0].sum() / 255 == pytest.approx(np.pi * 20.5**2, rel=0.03)


def test_hull_drops_inner_points() -> None:
    """A point inside the others is not on the outline."""
    hull = hull_of(np.array([[0.0, 0], [10, 0], [10, 10], [0, 10], [4, 5]]))

    assert len(hull) == 4


def test_points_far_outside_do_not_overflow() -> None:
    """Places beyond what OpenCV can hold are brought nearer, on their own side."""
    fixed = to_fixed(np.array([[1e12, -1e12], [0.5, 0.5]]))

    assert fixed[0, 0] > 0 > fixed[0, 1]
    assert tuple(fixed[1]) == (0, 0)
