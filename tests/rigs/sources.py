"""Sources of frames that follow a script."""

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from threading import Event

import numpy as np

from monitor.core.clock import Clock
from monitor.settings import CameraSettings
from monitor.video.frame import Frame
from monitor.video.pictures import ArrayPicture

_ENDLESS_EVERY_S = 0.02


def gray_frame(
    index: int = 0,
    *,
    captured_s: float = 0.0,
    is_damaged: bool = False,
    truth: float | None = None,
    size_hw: tuple[int, int] = (16, 24),
) -> Frame:
    """Make a small frame whose gray is its number."""
    image = np.full((*size_hw, 3), index % 256, dtype=np.uint8)
    return Frame(ArrayPicture(image), index, index / 10, captured_s, truth, is_damaged)


class ScriptedSource:
    """Does what its script says: gives a frame, raises an error, calls a function, or waits."""

    def __init__(
        self,
        script: Sequence[Frame | Exception | Callable[[], None] | Event],
        *,
        is_live: bool = True,
    ) -> None:
        self._script = script
        self._is_live = is_live
        self.is_closed = False

    @property
    def label(self) -> str:
        """Its name."""
        return "script"

    @property
    def is_live(self) -> bool:
        """Whether its end is a loss."""
        return self._is_live

    def frames(self, stop: Event) -> Iterator[Frame]:
        """Follow the script; an Event in it is waited for, or for `stop`."""
        try:
            for step in self._script:
                if isinstance(step, Frame):
                    yield step
                elif isinstance(step, Exception):
                    raise step
                elif isinstance(step, Event):
                    while not (step.is_set() or stop.is_set()):
                        stop.wait(0.01)
                else:
                    step()
        finally:
            self.is_closed = True


class EndlessSource:
    """Gives a small picture every few milliseconds until it is stopped."""

    label = "endless"
    is_live = True

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def frames(self, stop: Event) -> Iterator[Frame]:
        """Give one frame after the other."""
        for index in count():
            if stop.wait(_ENDLESS_EVERY_S):
                return
            yield gray_frame(index, captured_s=self._clock.monotonic_s())


class GrayCamera:
    """A camera before a wall: a gray picture some times a second, until it is stopped."""

    label = "gray"
    is_live = True

    def __init__(
        self,
        _settings: CameraSettings,
        clock: Clock,
        *,
        every_s: float = 0.05,
        size_hw: tuple[int, int] = (16, 24),
    ) -> None:
        self._clock = clock
        self._every_s = every_s
        self._size_hw = size_hw

    def frames(self, stop: Event) -> Iterator[Frame]:
        """Give pictures until stopped."""
        index = 0
        while not stop.wait(self._every_s):
            yield gray_frame(index, captured_s=self._clock.monotonic_s(), size_hw=self._size_hw)
            index += 1
