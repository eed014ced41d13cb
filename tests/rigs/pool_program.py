"""A program that reads a film in another process for ever; to be killed by a test.

Usage: python -m tests.rigs.pool_program FILM. Prints the number of its worker when frames come.
"""

import sys
from threading import Event

from monitor.core.clock import SystemClock
from monitor.engine.reading_pool import ReadingPool
from monitor.settings import CameraSettings


def main() -> None:
    """Read until killed."""
    pool = ReadingPool(1)
    camera = CameraSettings(name="Gate", source=f"{sys.argv[1]}?loop=1")
    for number, _ in enumerate(pool.open_camera(camera, SystemClock()).frames(Event())):
        if number == 3:
            print(*pool.process_ids, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
