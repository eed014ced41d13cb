"""A frame's number written into its pixels, so that a test can tell which frame it is looking at.

Black and white squares in the upper left corner, where nobody walks: two rows of 18. The first
two and the last two of each row are always white, black and black, white; between them stand 20
bits of the number and 8 bits of a check sum. Squares are large enough to survive JPEG and H.264.
"""

import numpy as np
from numpy.typing import NDArray

from monitor.core.arrays import RgbImage

NUMBER_BITS = 20
"""Numbers start again from 0 after 1,048,576 frames: 29 hours at 10 frames a second."""
CHECK_BITS = 8
_COLUMNS, _ROWS = 18, 2
_DATA_COLUMNS = _COLUMNS - 4
_CELLS_ACROSS_PICTURE = 160  # squares of 8 px in a picture 1280 px wide
_LEAST_CONTRAST = 60.0
_POLYNOMIAL = 0x07  # CRC-8 of SMBus; detects every error burst up to 8 squares


def draw_frame_number(image: RgbImage, number: int) -> None:
    """Write a number into a picture's upper left corner, in place.

    Args:
        image: Shape (H, W, 3), uint8; 160 pixels wide or more.
        number: 0 or more; the lowest 20 bits are written.
    """
    side = image.shape[1] / _CELLS_ACROSS_PICTURE
    cells = _cells(number % (1 << NUMBER_BITS))
    for row in range(_ROWS):
        for column in range(_COLUMNS):
            top, bottom = round(row * side), round((row + 1) * side)
            left, right = round(column * side), round((column + 1) * side)
            image[top:bottom, left:right] = 235 if cells[row, column] else 16


def read_frame_number(image: RgbImage) -> int | None:
    """Read the number that `draw_frame_number` wrote.

    Args:
        image: Shape (H, W, 3), uint8; also after compression or a change of size.

    Returns:
        The number; None where none stands or it cannot be read for certain.
    """
    side = image.shape[1] / _CELLS_ACROSS_PICTURE
    if side < 1 or image.shape[0] < _ROWS * side:
        return None
    means = np.array(
        [[_middle_mean(image, row, column, side) for column in range(_COLUMNS)]
         for row in range(_ROWS)]
    )  # fmt: skip
    white, black = means[:, [0, -1]].mean(), means[:, [1, -2]].mean()
    if white - black < _LEAST_CONTRAST:
        return None
    cells = means > (white + black) / 2
    number = _from_bits(cells[:, 2:-2].ravel()[:NUMBER_BITS])
    return number if np.array_equal(cells, _cells(number)) else None


def _middle_mean(image: RgbImage, row: int, column: int, side: float) -> float:
    # A quarter of the square is left out all round: there its neighbors bleed in.
    top, left = (row + 0.25) * side, (column + 0.25) * side
    bottom = max(int(top) + 1, int((row + 0.75) * side))
    right = max(int(left) + 1, int((column + 0.75) * side))
    return float(image[int(top) : bottom, int(left) : right].mean())


def _cells(number: int) -> NDArray[np.bool_]:
    data = (number << CHECK_BITS) | _check_sum(number)
    bits = [bool(data >> place & 1) for place in reversed(range(NUMBER_BITS + CHECK_BITS))]
    cells = np.zeros((_ROWS, _COLUMNS), dtype=bool)
    cells[:, 0] = cells[:, -1] = True
    cells[:, 2:-2] = np.array(bits).reshape(_ROWS, _DATA_COLUMNS)
    return cells


def _from_bits(bits: NDArray[np.bool_]) -> int:
    number = 0
    for bit in bits:
        number = number << 1 | int(bit)
    return number


def _check_sum(number: int) -> int:
    check = 0xFF  # not 0, so that a number 0 is not all black
    for byte in number.to_bytes(3, "big"):
        check ^= byte
        for _ in range(8):
            check = (check << 1 ^ _POLYNOMIAL if check & 0x80 else check << 1) & 0xFF
    return check
