"""Memory that two processes share, in slots for pictures: one writes, the other reads.

The memory is a file that lives in memory where the system has such a place. Its name is taken away
as soon as both processes hold it, so nothing is left behind however they end, killed included.
"""

import mmap
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from monitor.video.decoded import DecodedPicture
from monitor.video.frame import Picture

SLOTS = 8
"""Pictures that may be held at a time: shown, waiting, being counted, counted, some to spare."""

_MEMORY_FOLDER = Path("/dev/shm")
_FREE, _TAKEN = 0, 1
_HEAD_BYTES = 4096  # a page: slots begin where memory does


class FrameRing:
    """Slots in shared memory.

    The writer's process alone calls `take`, the reader's alone `release`; a slot's state is one
    byte, which is written whole or not at all, so neither waits for the other.
    """

    def __init__(self, path: Path, slot_bytes: int) -> None:
        """Open the memory behind a file.

        Args:
            path: The file; see `create`.
            slot_bytes: Room for one picture.

        Raises:
            OSError: If it is gone or too small.
        """
        self.slot_bytes = slot_bytes
        with path.open("r+b") as file:
            memory = mmap.mmap(file.fileno(), _HEAD_BYTES + SLOTS * slot_bytes)
        whole = np.frombuffer(memory, dtype=np.uint8)
        self._states = whole[:SLOTS]
        self._slots = whole[_HEAD_BYTES:].reshape(SLOTS, slot_bytes)

    @property
    def held(self) -> int:
        """How many slots are taken now."""
        return int(np.count_nonzero(self._states == _TAKEN))

    def take(self) -> int | None:
        """Give the number of a slot to write to; None: the reader holds them all."""
        free = np.flatnonzero(self._states == _FREE)
        if not len(free):
            return None
        self._states[free[0]] = _TAKEN
        return int(free[0])

    def release(self, slot: int) -> None:
        """Let a slot be written again."""
        self._states[slot] = _FREE

    def slot(self, number: int) -> NDArray[np.uint8]:
        """Give the bytes of a slot, shape (slot_bytes,), uint8, shared with the other process."""
        view: NDArray[np.uint8] = self._slots[number]
        return view


def create_memory(slot_bytes: int) -> Path:
    """Make the file for a ring, with all slots free; whoever makes it takes its name away.

    Args:
        slot_bytes: Room for one picture.

    Returns:
        Its path, readable by this user alone.

    Raises:
        OSError: If there is no room for it.
    """
    folder = _MEMORY_FOLDER if _MEMORY_FOLDER.is_dir() else None
    with tempfile.NamedTemporaryFile(prefix="crowd-", dir=folder, delete=False) as file:
        file.truncate(_HEAD_BYTES + SLOTS * slot_bytes)
    return Path(file.name)


def forget_memory(path: Path) -> None:
    """Take the file's name away; the memory goes when the last process lets go of it."""
    with suppress(PermissionError):  # Windows keeps the name of a file that is in use
        path.unlink(missing_ok=True)


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
