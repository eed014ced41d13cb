"""Memory that two processes share, in slots for pictures: one writes, the other reads.

The memory is a file that lives in memory where the system has such a place. Its name is taken away
as soon as both processes hold it, so nothing is left behind however they end, killed included.
"""

import mmap
import tempfile
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

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
