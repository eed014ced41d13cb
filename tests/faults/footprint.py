"""What a process holds, and what it should have let go."""

import ctypes
import gc
import os
import threading
from dataclasses import dataclass
from multiprocessing import resource_tracker
from pathlib import Path

from tests.rigs.waiting import wait_until


@dataclass(frozen=True, slots=True)
class Footprint:
    """What a process holds."""

    threads: int
    open_files: int
    memory_mib: float

    @classmethod
    def now(cls) -> "Footprint":
        """Measure it."""
        gc.collect()
        _give_back_free_memory()
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        memory_mib = pages * os.sysconf("SC_PAGE_SIZE") / 2**20
        return cls(threading.active_count(), len(list(Path("/proc/self/fd").iterdir())), memory_mib)


def baseline() -> Footprint:
    """Measure what is held before anything was tried."""
    # Python starts this helper with the first process of its own and keeps it to the end.
    resource_tracker.ensure_running()
    return Footprint.now()


def leaks_between(before: Footprint, after: Footprint) -> list[str]:
    """Say what is held after that was not held before; memory is judged by its slope."""
    found = []
    if after.threads > before.threads:
        found.append(f"{after.threads - before.threads} threads")
    if after.open_files > before.open_files:
        found.append(f"{after.open_files - before.open_files} open files")
    return found


def settle(before: Footprint) -> Footprint:
    """Wait until threads that are on their way out are gone; give what is held then."""
    try:
        wait_until(lambda: not leaks_between(before, Footprint.now()), "all is let go", within_s=5)
    except AssertionError:
        return Footprint.now()
    return Footprint.now()


def _give_back_free_memory() -> None:
    """Let go of what was freed but is kept for later, where the C library can."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
