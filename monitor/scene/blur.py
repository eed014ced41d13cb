"""Making people unrecognisable in pictures that are stored.

A square of the picture becomes its mean color, so that nothing of what was inside it can be had
back. Blurring where the model sees people leaves those clear whom it does not see: it protects, it
does not anonymise. Only a picture that is blurred as a whole, or none at all, depends on no model.
"""

import cv2
import numpy as np

from monitor.core.arrays import BoolMap, RgbImage
from monitor.core.prediction import Prediction
from monitor.core.privacy import Privacy
from monitor.scene.heatmap import full_people_of

_SEEN_SHARE = 0.01
"""Share of a heat map's scale from which a block counts as one with people: far below what is
drawn, as one who is half hidden adds little to a block."""
_ROOM_SHARE = 0.04
"""How far around such a block is blurred, as a share of the picture's shorter side: a head and
shoulders of those who stand near."""
_BODY_ROOMS = 3
"""How many times as far downwards: models mark heads, and clothes can be recognized too."""
_SQUARES = 40
"""Squares along the shorter side of what is blurred: a face in a wide picture is smaller than
one of them."""
_SQUARE_LEAST_PX = 8


def hidden(image: RgbImage, prediction: Prediction | None, privacy: Privacy) -> RgbImage | None:
    """Change a picture as far as it must be before it is stored.

    Args:
        image: Shape (H, W, 3), uint8, RGB.
        prediction: Where people are in it; None: not known, so all of it may be people.
        privacy: What may be stored.

    Returns:
        A picture of the same size; None where none may be stored.
    """
    match privacy:
        case Privacy.NO_PICTURES:
            return None
        case Privacy.AS_THEY_ARE:
            return image
        case Privacy.BLUR_PEOPLE if prediction is not None:
            return blur_people(image, prediction)
        case _:
            return pixelated(image)


def blur_people(image: RgbImage, prediction: Prediction) -> RgbImage:
    """Leave only coarse squares of the people that a model sees, and of what is around them.

    Args:
        image: Shape (H, W, 3), uint8, RGB; of any size, also another than was counted.
        prediction: Where people are in it.

    Returns:
        A picture of the same size; what lies outside `people_mask` is as it was.
    """
    mask = people_mask(prediction, (image.shape[0], image.shape[1]))
    return np.where(mask[:, :, None], pixelated(image), image)


def people_mask(prediction: Prediction, size_hw: tuple[int, int]) -> BoolMap:
    """Say which pixels belong to people that a model sees, with room around and below them.

    Args:
        prediction: Where people are.
        size_hw: Height and width of the picture.

    Returns:
        Shape (H, W), bool.
    """
    height, width = size_hw
    seen = prediction.density >= _SEEN_SHARE * full_people_of(prediction.block_px)
    rows, columns = seen.shape
    # Blocks at the right and lower edge may hang over the picture: draw them whole, then cut.
    full_hw = (
        max(height, round(rows * prediction.block_px * height / prediction.size_hw[0])),
        max(width, round(columns * prediction.block_px * width / prediction.size_hw[1])),
    )
    mask = cv2.resize(
        seen.astype(np.uint8), (full_hw[1], full_hw[0]), interpolation=cv2.INTER_NEAREST
    )[:height, :width]
    room = max(1, round(_ROOM_SHARE * min(size_hw)))
    across = np.ones((1, 2 * room + 1), dtype=np.uint8)
    along = np.ones((room + _BODY_ROOMS * room + 1, 1), dtype=np.uint8)
    mask = cv2.dilate(np.ascontiguousarray(mask), across)
    # OpenCV looks from the anchor, so what is spread downwards looks upwards.
    mask = cv2.dilate(mask, along, anchor=(0, _BODY_ROOMS * room))
    return np.asarray(mask > 0)


def pixelated(image: RgbImage) -> RgbImage:
    """Leave only coarse squares of a picture, each in its mean color.

    Args:
        image: Shape (H, W, 3), uint8, RGB.

    Returns:
        A picture of the same size.
    """
    height, width = image.shape[:2]
    side = square_px((height, width))
    small_wh = -(-width // side), -(-height // side)
    # Filled up to whole squares by its edge, so that every square is a mean of as many pixels.
    whole = cv2.copyMakeBorder(
        np.ascontiguousarray(image),
        0,
        small_wh[1] * side - height,
        0,
        small_wh[0] * side - width,
        cv2.BORDER_REPLICATE,
    )
    small = cv2.resize(whole, small_wh, interpolation=cv2.INTER_AREA)
    large = cv2.resize(small, (whole.shape[1], whole.shape[0]), interpolation=cv2.INTER_NEAREST)
    return np.asarray(large[:height, :width], dtype=np.uint8)


def square_px(size_hw: tuple[int, int]) -> int:
    """Give the side of the squares for a picture of a size, pixels."""
    return max(_SQUARE_LEAST_PX, round(min(size_hw) / _SQUARES))
