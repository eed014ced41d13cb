"""Writing what was seen into a video file that every player opens.

The file appears under its name only when it is whole: until then it has another name beside it,
so that neither a crash nor a full disk leaves a broken clip that looks like a good one.
"""

import contextlib
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import av
import av.error
import cv2
import numpy as np

from monitor.core.arrays import RgbImage
from monitor.core.errors import OutputError

CODEC: Final = "libx264"
_TICKS_HZ = 90_000  # the clock of MPEG: divides by every usual frame rate
_QUALITY = "21"  # x264's constant rate factor: text stays sharp, a minute is some 10 MB


class ClipRecorder:
    """Writes an H.264 clip; one thread, as a context manager.

    Leaving the context finishes the file with what was written, also after an error or Ctrl-C;
    nothing is left behind where nothing was written.
    """

    def __init__(self, path: Path, *, rate_hz: float) -> None:
        """Prepare a clip and make sure that it can be written.

        Args:
            path: The file, ending in `.mp4`; one that is there is replaced at the end.
            rate_hz: Frames a second that are expected; times of frames may differ from it.

        Raises:
            OutputError: If nothing can be written there.
            ValueError: If the rate is not positive.
        """
        if not rate_hz > 0:
            raise ValueError(f"a rate must be more than 0 frames a second, not {rate_hz}")
        self.path = path
        self.frames_written = 0
        self._rate_hz = rate_hz
        self._partial = path.with_name(f".{path.stem}.part{path.suffix or '.mp4'}")
        self._last_tick = -1
        self._size_wh = (0, 0)
        self._stream: av.VideoStream | None = None
        if path.is_dir():
            raise OutputError(f"{path}: is a folder; give the name of a video file")
        try:
            self._partial.touch()  # FFmpeg opens the file only with the first frame
            self._container = av.open(str(self._partial), "w", format="mp4")
        except (av.error.FFmpegError, OSError) as error:
            raise OutputError(f"{path}: cannot be written ({_reason(error)})") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None and issubclass(kind, OutputError):
            self._discard()
        else:
            self.close()

    def write(self, image: RgbImage, time_s: float) -> None:
        """Add a picture.

        Args:
            image: Shape (H, W, 3), uint8, RGB. The first sets the size of the clip, to which
                later ones are brought; an odd side gets one more row or column.
            time_s: Its moment, seconds from any start; one that does not come after the moment
                before it is moved there.

        Raises:
            OutputError: If the disk is full or the folder is gone.
        """
        stream = self._stream or self._open(image)
        frame = av.VideoFrame.from_ndarray(self._fit(image), format="rgb24")
        tick = max(self._last_tick + 1, round(time_s * _TICKS_HZ))
        frame.pts, frame.time_base = tick, Fraction(1, _TICKS_HZ)
        self._last_tick = tick
        try:
            self._container.mux(stream.encode(frame))
        except (av.error.FFmpegError, OSError) as error:
            raise OutputError(f"{self.path}: cannot be written ({_reason(error)})") from error
        self.frames_written += 1

    def close(self) -> None:
        """Finish the file and give it its name; a second call does nothing.

        Raises:
            OutputError: If it cannot be finished.
        """
        if self._stream is None:
            self._discard()
            return
        stream, self._stream = self._stream, None
        try:
            self._container.mux(stream.encode(None))
            self._container.close()
            self._partial.replace(self.path)
        except (av.error.FFmpegError, OSError) as error:
            self._discard()
            raise OutputError(f"{self.path}: cannot be finished ({_reason(error)})") from error

    def _open(self, image: RgbImage) -> av.VideoStream:
        height, width = image.shape[:2]
        self._size_wh = (width + width % 2, height + height % 2)
        rate = Fraction(self._rate_hz).limit_denominator(1001)
        stream = self._container.add_stream(CODEC, rate=rate, options={"crf": _QUALITY})
        stream.width, stream.height = self._size_wh
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, _TICKS_HZ)
        self._stream = stream
        return stream

    def _fit(self, image: RgbImage) -> RgbImage:
        height, width = image.shape[:2]
        if (width + width % 2, height + height % 2) != self._size_wh:
            resized = cv2.resize(image, self._size_wh, interpolation=cv2.INTER_AREA)
            return np.asarray(resized, dtype=np.uint8)
        if height % 2 or width % 2:
            image = np.pad(image, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
        return np.ascontiguousarray(image)

    def _discard(self) -> None:
        self._stream = None
        with contextlib.suppress(av.error.FFmpegError, OSError):
            self._container.close()
        self._partial.unlink(missing_ok=True)


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", "") or error.__class__.__name__)
