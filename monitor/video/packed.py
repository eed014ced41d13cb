"""Decoded pictures as plain bytes, to be handed to another process, and back."""

from dataclasses import dataclass

import av
import numpy as np
from numpy.typing import NDArray

from monitor.video.decoded import DecodedPicture
from monitor.video.frame import Picture

_AS_THEY_ARE = frozenset({"yuv420p", "yuvj420p", "nv12"})
"""Layouts that are handed over without a change; half the bytes of RGB."""


@dataclass(frozen=True, slots=True)
class Packing:
    """What the bytes of a picture mean."""

    layout: str
    """FFmpeg's name of the pixels' layout."""
    shape: tuple[int, ...]
    """Shape of the array that they are; uint8."""
    turns: int = 0
    """Quarter turns counter-clockwise to be shown upright."""
    colorspace: int = 2
    """How its colors are meant, FFmpeg's number; 2: not said."""
    color_range: int = 0
    """How far its colors reach, FFmpeg's number; 0: not said."""

    @property
    def size_bytes(self) -> int:
        """How many bytes it takes."""
        return int(np.prod(self.shape))


def pack(picture: Picture) -> tuple[Packing, NDArray[np.uint8]]:
    """Give a picture's pixels and what they mean.

    Args:
        picture: Any picture; a decoded one keeps its own layout.

    Returns:
        The meaning, and an array of the shape that it says.
    """
    if not isinstance(picture, DecodedPicture):
        rgb = picture.to_rgb()
        return Packing("rgb24", rgb.shape), rgb
    frame = picture.decoded
    fits = frame.width % 2 == 0 and frame.height % 4 == 0  # PyAV reads no other heights back
    layout = frame.format.name if fits and frame.format.name in _AS_THEY_ARE else "rgb24"
    pixels = np.asarray(
        frame.to_ndarray(format="rgb24") if layout == "rgb24" else frame.to_ndarray(),
        dtype=np.uint8,
    )
    if layout == "rgb24":
        return Packing(layout, pixels.shape, picture.turns), pixels
    colors = (int(frame.colorspace), int(frame.color_range))
    return Packing(layout, pixels.shape, picture.turns, *colors), pixels


def unpack(
    packing: Packing, data: NDArray[np.uint8], *, holder: object | None = None
) -> DecodedPicture:
    """Make a picture of bytes, without copying them.

    Args:
        packing: What they mean.
        data: Shape (n,), uint8, at least as many as the picture takes; kept, so that nobody may
            change them while the picture lives.
        holder: Lives as long as the picture; whose end tells that the bytes are free again.

    Returns:
        The picture.
    """
    pixels = data[: packing.size_bytes].reshape(packing.shape)
    frame = av.VideoFrame.from_numpy_buffer(pixels, format=packing.layout)
    if packing.layout != "rgb24":
        frame.colorspace = packing.colorspace
        frame.color_range = packing.color_range
    return DecodedPicture(frame, turns=packing.turns, holder=holder)
