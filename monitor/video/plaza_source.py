"""The drawn square as a source of frames, like a camera."""

from collections.abc import Iterator
from threading import Event

from monitor.core.clock import Clock
from monitor.plaza.draw import Plaza
from monitor.plaza.frame_code import draw_frame_number
from monitor.video.frame import Frame
from monitor.video.pictures import ArrayPicture


class PlazaSource:
    """Frames of a drawn square, each with its number in its pixels; one thread reads them."""

    def __init__(
        self,
        people: int,
        seed: int,
        rate_hz: float = 10.0,
        *,
        pace: bool,
        clock: Clock,
        size_wh: tuple[int, int] = (1280, 720),
    ) -> None:
        """Set up the square; it is drawn when frames are asked for.

        Args:
            people: How many walk about.
            seed: Which square.
            rate_hz: Frames a second, more than 0.
            pace: Whether frames come when they are due, as from a camera, or when asked for.
            clock: What paces and stamps them.
            size_wh: Width and height of the pictures, pixels.

        Raises:
            ValueError: If the rate is not positive.
        """
        if not rate_hz > 0:
            raise ValueError(f"a rate must be more than 0 frames a second, not {rate_hz}")
        self._people = people
        self._seed = seed
        self._rate_hz = rate_hz
        self._pace = pace
        self._clock = clock
        self._size_wh = size_wh

    @property
    def label(self) -> str:
        """The address."""
        return f"synthetic:plaza?people={self._people}&seed={self._seed}"

    @property
    def is_live(self) -> bool:
        """Whether frames come at their own pace."""
        return self._pace

    def frames(self, stop: Event) -> Iterator[Frame]:
        """Give frames until `stop` is set; there is no end of its own.

        A paced frame that could not be drawn in time is left out, as a camera would, so that
        the number of a frame always tells its moment.

        Args:
            stop: Set by another thread to end.

        Yields:
            Frames in order.
        """
        plaza = Plaza(self._people, self._seed, self._size_wh)
        began_s = self._clock.monotonic_s()
        index = 0
        while not stop.is_set():
            if self._pace:
                index = max(index, int((self._clock.monotonic_s() - began_s) * self._rate_hz))
                wait_s = began_s + index / self._rate_hz - self._clock.monotonic_s()
                if wait_s > 0 and stop.wait(wait_s):
                    return
            yield self._draw(plaza, index)
            index += 1

    def _draw(self, plaza: Plaza, index: int) -> Frame:
        time_s = index / self._rate_hz
        drawn = plaza.render(time_s)
        image = drawn.image.copy()
        draw_frame_number(image, index)
        return Frame(
            picture=ArrayPicture(image),
            index=index,
            time_s=time_s,
            captured_s=self._clock.monotonic_s(),
            truth_count=float(drawn.truth),
        )
