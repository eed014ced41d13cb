"""A picture as the decoder gave it, turned into RGB when somebody wants to see it."""

from threading import Lock

import av
import numpy as np

from monitor.core.arrays import RgbImage, read_only
from monitor.core.errors import NotAStreamError
from monitor.video.pictures import fit_within

_UNSPECIFIED = 2  # ISO/IEC 23091-2, matrix coefficients
_KEPT = 2  # full size for the model, one smaller size for the window


class DecodedPicture:
    """A decoded video frame; safe to use from several threads.

    The conversion changes fields of the frame while it runs, so one lock guards it; whoever asks
    for the same size again gets the same array.
    """

    def __init__(
        self, frame: av.VideoFrame, *, turns: int | None = None, holder: object | None = None
    ) -> None:
        """Take over a frame.

        Args:
            frame: From a decoder; nobody else may use it from now on.
            turns: Quarter turns counter-clockwise to be upright; None: the frame says it itself.
            holder: Kept as long as the picture; for memory that is given back with it.
        """
        self._frame = frame
        self._turns = round(frame.rotation / 90) % 4 if turns is None else turns
        self._holder = holder
        self._lock = Lock()
        self._images: dict[tuple[int, int], RgbImage] = {}

    @property
    def decoded(self) -> av.VideoFrame:
        """The frame as the decoder gave it; only for who has not shared the picture yet."""
        return self._frame

    @property
    def turns(self) -> int:
        """Quarter turns counter-clockwise to be shown upright."""
        return self._turns

    @property
    def size_hw(self) -> tuple[int, int]:
        """Height and width as people see the picture, pixels."""
        height, width = self._frame.height, self._frame.width
        return (width, height) if self._turns % 2 else (height, width)

    def to_rgb(self, *, max_wh: tuple[int, int] | None = None) -> RgbImage:
        """Give the picture, shrunk to fit `max_wh` by the decoder's own scaler; read-only.

        Args:
            max_wh: Largest width and height wanted; None: full size.

        Returns:
            Shape (H, W, 3), uint8, RGB.

        Raises:
            NotAStreamError: If it is of a kind that cannot be turned into RGB.
        """
        height, width = self.size_hw
        wanted_wh = fit_within((width, height), max_wh)
        with self._lock:
            image = self._images.get(wanted_wh)
            if image is None:
                image = self._convert(wanted_wh)
                while len(self._images) >= _KEPT:
                    del self._images[next(iter(self._images))]
                self._images[wanted_wh] = image
        return image

    def _convert(self, wanted_wh: tuple[int, int]) -> RgbImage:
        width, height = wanted_wh[::-1] if self._turns % 2 else wanted_wh
        is_shrunk = (width, height) != (self._frame.width, self._frame.height)
        # Quicker than the default way and as calm: every pixel counts in the small picture.
        interpolation = "AREA" if is_shrunk else None

        def convert() -> RgbImage:
            rgb = self._frame.to_ndarray(
                width=width, height=height, format="rgb24", interpolation=interpolation
            )
            return np.asarray(rgb, dtype=np.uint8)  # no copy: the type of rgb24, told to mypy

        try:
            rgb = convert()
        except av.FFmpegError:
            # A header that is damaged or careless names a matrix of colors that nobody has; then
            # the usual one is meant.
            self._frame.colorspace = _UNSPECIFIED
            try:
                rgb = convert()
            except av.FFmpegError as error:
                raise NotAStreamError(
                    f"pictures of the kind {self._frame.format.name} cannot be shown; let the "
                    "camera send H.264 or H.265 with 8 bits"
                ) from error
        return read_only(np.ascontiguousarray(np.rot90(rgb, self._turns)))
