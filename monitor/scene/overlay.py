"""What a clip or a snapshot shows: the picture, where the people are, how many, how sure.

Text is sized by the picture. Where a picture is too small for all of it, the least important is
left out first, so that what is shown can be read.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from monitor.core.arrays import RgbImage
from monitor.core.prediction import Prediction
from monitor.scene.heatmap import blend, full_people_of, heat_colours

_FONT = cv2.FONT_HERSHEY_SIMPLEX
_FONT_HEIGHT_PX = 22.0
"""Height of a capital at scale 1."""
_TEXT_SHARE = 1 / 26
"""Height of a capital as a share of the picture's shorter side."""
_SMALLEST_PX = 8.0
"""Capitals below this cannot be read."""
_LARGEST_PX = 90.0
_BOX_OPACITY = 0.62
_WHITE = (255, 255, 255)


def draw_prediction(
    image: RgbImage,
    prediction: Prediction,
    *,
    title: str = "",
    truth: float | None = None,
    counted: str = "people",
    full_people: float | None = None,
) -> RgbImage:
    """Draw heat map and count onto a picture.

    Args:
        image: Shape (H, W, 3), uint8, RGB; of any size, also another than was counted.
        prediction: What the model says of it.
        title: What stands above the count, such as the camera's name; empty: nothing.
        truth: Number known to be there; None: not known, not shown.
        counted: What is counted, in the plural.
        full_people: People per block at which the heat map is the brightest; None: the usual
            scale for the size of its blocks.

    Returns:
        The annotated picture, of the same size, a new array.
    """
    height, width = image.shape[:2]
    # Blocks at the right and lower edge may hang over the picture: draw them whole, then cut.
    rows, columns = prediction.density.shape
    scale_y, scale_x = height / prediction.size_hw[0], width / prediction.size_hw[1]
    full_height = max(height, round(rows * prediction.block_px * scale_y))
    full_width = max(width, round(columns * prediction.block_px * scale_x))
    scale = full_people_of(prediction.block_px) if full_people is None else full_people
    heat = heat_colours(prediction.density, (full_height, full_width), full_people=scale)
    drawn = blend(image, heat[:height, :width])
    draw_lines(drawn, count_lines(prediction, title=title, truth=truth, counted=counted))
    return drawn


def count_lines(
    prediction: Prediction, *, title: str = "", truth: float | None = None, counted: str = "people"
) -> list[tuple[str, ...]]:
    """Give what is written: one line after the other, each in wordings from long to short.

    Args:
        prediction: What the model says.
        title: First line; empty: none.
        truth: Number known to be there; None: not known.
        counted: What is counted, in the plural.

    Returns:
        Lines in order of importance from the second on; the title comes first.
    """
    number = f"{prediction.count:.0f}"
    bounds = prediction.interval()
    short = (f"{number} {counted}", number)
    lines: list[tuple[str, ...]] = []
    if bounds is None:
        lines.append(short)
    else:
        low, high = f"{bounds[0]:.0f}", f"{bounds[1]:.0f}"
        lines.append((f"{number} {counted} ({low} to {high})", f"{number} ({low}-{high})", *short))
    if truth is not None:
        lines.append((f"true number {truth:.0f}", f"true {truth:.0f}"))
    return [(title,), *lines] if title else lines


def draw_lines(image: RgbImage, lines: Sequence[tuple[str, ...]]) -> None:
    """Write lines into the lower left corner, in place, on a dark ground.

    Args:
        image: Shape (H, W, 3), uint8, RGB, writable.
        lines: Each in wordings from long to short; the longest that fits is written, or none.
    """
    height, width = image.shape[:2]
    capital_px = min(_LARGEST_PX, max(_SMALLEST_PX, _TEXT_SHARE * min(height, width)))
    margin = round(0.7 * capital_px)
    line_px = round(1.9 * capital_px)
    room = (height - margin) // line_px
    fitting = [_that_fits(one, capital_px, width - 2 * margin) for one in lines]
    texts = [text for text in fitting if text]
    texts = texts[-room:] if len(texts) > room else texts
    if room < 1 or not texts:
        return
    widest = max(_width_px(text, capital_px) for text in texts)
    top = height - line_px * len(texts) - margin
    box = image[max(0, top) :, : min(width, widest + 2 * margin)]
    box[:] = (box * (1 - _BOX_OPACITY)).astype(np.uint8)
    for index, text in enumerate(texts):
        base = top + margin // 2 + line_px * index + round(1.35 * capital_px)
        _write(image, text, (margin, base), capital_px)


def _that_fits(wordings: tuple[str, ...], capital_px: float, room_px: int) -> str:
    return next((one for one in wordings if _width_px(one, capital_px) <= room_px), "")


def _thickness(capital_px: float) -> int:
    return max(1, round(capital_px / 9))


def _width_px(text: str, capital_px: float) -> int:
    scale = capital_px / _FONT_HEIGHT_PX
    return int(cv2.getTextSize(text, _FONT, scale, _thickness(capital_px))[0][0])


def _write(image: RgbImage, text: str, place: tuple[int, int], capital_px: float) -> None:
    scale = capital_px / _FONT_HEIGHT_PX
    cv2.putText(image, text, place, _FONT, scale, _WHITE, _thickness(capital_px), cv2.LINE_AA)
