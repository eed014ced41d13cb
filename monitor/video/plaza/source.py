"""The drawn square as a source of frames, like a camera."""

from collections.abc import Iterator
from threading import Event

import cv2
import numpy as np

from monitor.clock import Clock
from monitor.contract.arrays import RgbImage, read_only
from monitor.video.frame import Frame
from monitor.video.plaza.draw import Plaza
from monitor.video.plaza.frame_code import draw_frame_number


class DrawnPicture:
    """A picture that is RGB already."""

    def __init__(self, image: RgbImage) -> None:
        """Keep a picture.

        Args:
            image: Shape (H, W, 3), uint8, RGB; nobody writes to it any more.
        """
        self._image = read_only(image)

    @property
    def size_hw(self) -> tuple[int, int]:
        """Height and width, pixels."""
        return self._image.shape[0], self._image.shape[1]

    def to_rgb(self, *, max_wh: tuple[int, int] | None = None) -> RgbImage:
        """Give the picture as an array.

        Args:
            max_wh: Largest width and height wanted; None: full size.

        Returns:
            Shape (H, W, 3), uint8, RGB, read-only.
        """
        height, width = self.size_hw
        if max_wh is None or (width <= max_wh[0] and height <= max_wh[1]):
            return self._image
        scale = min(max_wh[0] / width, max_wh[1] / height)
        size = (max(1, int(width * scale)), max(1, int(height * scale)))
        small = cv2.resize(self._image, size, interpolation=cv2.INTER_AREA)
        return read_only(np.asarray(small, dtype=np.uint8))


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
            picture=DrawnPicture(image),
            index=index,
            time_s=time_s,
            captured_s=self._clock.monotonic_s(),
            truth_count=float(drawn.truth),
        )
