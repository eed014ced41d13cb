"""How slow this machine is right now, and time limits that allow for it.

A limit in a test says how long something may take on a machine that has nothing else to do.
On one that is shared with other work the same thing takes several times as long and is no less
right, so every limit of wall time is multiplied by `slowness`: 1 on an idle machine, about 10 at
a load of 20 on two cores.
"""

import os
import time
from threading import Lock

_MEASURE_EVERY_S = 5.0
_SPINS = 50_000
_SPIN_S = 0.01
"""What `_SPINS` additions take on an idle core that is slow for our time."""
_SLOWEST = 40.0
"""A limit is never stretched further: a test that hangs has to end."""


class _Gauge:
    """The newest measurement; any thread may ask."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._measured_s = float("-inf")
        self._slowness = 1.0

    def read(self) -> float:
        with self._lock:
            if time.monotonic() - self._measured_s > _MEASURE_EVERY_S:
                self._slowness = min(max(1.0, _load_per_core(), _spin()), _SLOWEST)
                self._measured_s = time.monotonic()
            return self._slowness


def slowness() -> float:
    """Say how many times longer things take now than on an idle machine; at least 1.

    Measured by the load average over the cores and by a short calibrated spin, whichever says
    more; the answer is kept for some seconds.
    """
    return _gauge.read()


def scaled_s(limit_s: float) -> float:
    """Stretch a limit of wall time by how slow the machine is now."""
    return limit_s * slowness()


def _load_per_core() -> float:
    if not hasattr(os, "getloadavg"):  # Windows has none
        return 1.0
    return os.getloadavg()[0] / (os.cpu_count() or 1)


def _spin() -> float:
    began_s = time.perf_counter()
    total = 0
    for number in range(_SPINS):
        total += number
    return (time.perf_counter() - began_s) / _SPIN_S


_gauge = _Gauge()
