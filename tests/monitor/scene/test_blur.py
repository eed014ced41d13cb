"""What is stored of people cannot be had back, and what is not people stays."""

import numpy as np
import pytest

from monitor.core.privacy import Privacy
from monitor.scene.blur import blur_people, hidden, people_mask, pixelated, square_px
from tests.rigs.snapshots import prediction_of

SIZE = (20, 30)
"""Blocks of 16 px: a picture of 320 by 480."""


def crowd_of(*places):
    density = np.zeros(SIZE, dtype=np.float32)
    for row, column in places:
        density[row, column] = 0.5
    return prediction_of(density)


def noise(seed=0, size_hw=(320, 480)):
    return np.random.default_rng(seed).integers(0, 256, (*size_hw, 3), dtype=np.uint8)


@pytest.mark.parametrize("size_hw", [(320, 480), (317, 483), (7, 5), (1, 1), (1080, 1920)])
def test_each_square_has_its_mean_color_and_nothing_else(size_hw):
    """Worked out square by square; at the far edges a square is filled up by the last pixels."""
    image = noise(size_hw=size_hw)
    side = square_px(size_hw)
    down, right = -size_hw[0] % side, -size_hw[1] % side
    whole = np.pad(image, ((0, down), (0, right), (0, 0)), mode="edge").astype(float)

    found = pixelated(image)

    assert found.shape == image.shape
    for top in range(0, size_hw[0], side):
        for left in range(0, size_hw[1], side):
            square = found[top : top + side, left : left + side].reshape(-1, 3)
            mean = whole[top : top + side, left : left + side].reshape(-1, 3).mean(axis=0)
            assert (square == square[0]).all()
            assert np.abs(square[0] - mean).max() <= 1.0  # rounding


def test_what_is_inside_a_square_cannot_be_told():
    """Two pictures whose squares have the same pixels in another order become the same one."""
    image = noise()
    side = square_px(image.shape[:2])
    turned = image.reshape(320 // side, side, 480 // side, side, 3)[:, ::-1, :, ::-1].reshape(
        image.shape
    )

    assert (image != turned).any()
    assert (pixelated(image) == pixelated(turned)).all()


def test_people_are_hidden_and_the_rest_is_untouched():
    """Every pixel outside the mask is as it was, every one inside is a square's mean."""
    image, crowd = noise(), crowd_of((4, 5), (12, 20))
    mask = people_mask(crowd, (320, 480))

    found = blur_people(image, crowd)

    assert (found[~mask] == image[~mask]).all()
    assert (found[mask] == pixelated(image)[mask]).all()
    assert 0.01 < mask.mean() < 0.5


def test_there_is_room_around_people_and_more_below():
    """Models mark heads: shoulders are at the sides, clothes below."""
    mask = people_mask(crowd_of((8, 15)), (320, 480))
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))

    above, below = 8 * 16 - rows[0], rows[-1] + 1 - 9 * 16
    left, right = 15 * 16 - columns[0], columns[-1] + 1 - 16 * 16
    assert left == right == above == round(0.04 * 320)
    assert below == 3 * above


def test_more_people_never_hide_less():
    """What is hidden grows with the crowd."""
    few = people_mask(crowd_of((4, 5)), (320, 480))
    many = people_mask(crowd_of((4, 5), (4, 9), (18, 2)), (320, 480))

    assert (many | few == many).all()


def test_a_picture_of_another_size_is_hidden_at_the_same_place():
    """Saved pictures may be larger or smaller than the one that was counted."""
    crowd = crowd_of((8, 15))

    half = people_mask(crowd, (160, 240))

    whole = people_mask(crowd, (320, 480))[::2, ::2]
    assert np.mean(half != whole) < 0.01  # a pixel of rounding at the edges


def test_each_wish_is_granted():
    """As they are, without people, coarse, not at all."""
    image, crowd = noise(), crowd_of((4, 5))

    assert hidden(image, crowd, Privacy.NO_PICTURES) is None
    assert hidden(image, crowd, Privacy.AS_THEY_ARE) is image
    assert (hidden(image, crowd, Privacy.BLUR_PEOPLE) == blur_people(image, crowd)).all()
    assert (hidden(image, crowd, Privacy.BLUR_ALL) == pixelated(image)).all()


def test_where_people_are_not_known_all_is_hidden():
    """A picture that was not counted may show people anywhere."""
    image = noise()

    assert (hidden(image, None, Privacy.BLUR_PEOPLE) == pixelated(image)).all()
