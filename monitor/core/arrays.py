"""Names for the kinds of arrays that cross rooms, so that a signature says what it carries."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatMap: TypeAlias = NDArray[np.float32]
"""Shape (H, W), float32: people per block, a variance per block, or a weight per cell."""

BoolMap: TypeAlias = NDArray[np.bool_]
"""Shape (H, W), bool: a claim on each block."""

RgbImage: TypeAlias = NDArray[np.uint8]
"""Shape (H, W, 3), uint8, RGB."""

Points: TypeAlias = NDArray[np.float32]
"""Shape (N, 2), float32: x (right) and y (down) in pixels, origin at the picture's corner."""

AnyArray: TypeAlias = NDArray[Any]
"""Any array: used only where the kind is checked at run-time, as with a model's outputs."""


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Mark an array as not writable, in place, and hand it back; for arrays in frozen records."""
    array.setflags(write=False)
    return array
