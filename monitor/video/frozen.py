"""Notices a camera that sends the same picture again and again, as if time went on.

Sensors have noise: two pictures of a real camera are never equal to the last pixel, at least not
after the next key picture. A hung camera, and a recorder that repeats its last picture, send equal
ones, and a count of them looks as good as any.
"""

import zlib

import av
import numpy as np

_EVERY_ROW = 8  # a sample of the rows is enough, as noise is everywhere, and costs 0.2 ms at 1080p
_LOOK_EVERY_S = 0.2


def fingerprint(frame: av.VideoFrame) -> int:
    """Give a number that equal pictures share, from every eighth row of the first plane."""
    plane = frame.planes[0]
    rows = np.frombuffer(memoryview(plane), dtype=np.uint8)[: plane.height * plane.line_size]
    width = min(plane.line_size, plane.width)
    sample = rows.reshape(plane.height, plane.line_size)[::_EVERY_ROW, :width]
    return zlib.crc32(sample.tobytes(), plane.height << 16 | plane.width & 0xFFFF)


class FreezeWatch:
    """Says whether a stream has been showing one picture for too long. Used by one thread."""

    def __init__(self, frozen_after_s: float) -> None:
        """Begin.

        Args:
            frozen_after_s: Seconds of equal pictures that count as frozen; 0: never.
        """
        self._frozen_after_s = frozen_after_s
        self._fingerprint: int | None = None
        self._since_s = 0.0
        self._looked_s: float | None = None
        self._is_frozen = False

    def sees(self, frame: av.VideoFrame, now_s: float) -> bool:
        """Look at the newest frame, a few times a second.

        Args:
            frame: Newest frame.
            now_s: Monotonic clock.

        Returns:
            Whether the stream is frozen.
        """
        if self._frozen_after_s <= 0:
            return False
        if self._looked_s is not None and now_s - self._looked_s < _LOOK_EVERY_S:
            return self._is_frozen
        return self.sees_fingerprint(fingerprint(frame), now_s)

    def sees_fingerprint(self, number: int, now_s: float) -> bool:
        """Take in the fingerprint of the newest frame; see `sees`."""
        self._looked_s = now_s
        if number != self._fingerprint:
            self._fingerprint, self._since_s = number, now_s
        self._is_frozen = now_s - self._since_s >= self._frozen_after_s
        return self._is_frozen
