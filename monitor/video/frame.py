"""A frame, and what anything that gives frames must promise."""

from collections.abc import Iterator
from dataclasses import dataclass
from threading import Event
from typing import Protocol

from monitor.core.arrays import RgbImage


class Picture(Protocol):
    """A picture that is turned into RGB only when somebody wants to see it.

    Turning a decoded frame into RGB costs more than decoding it, and most frames of a stream are
    never counted. Safe to use from several threads.
    """

    @property
    def size_hw(self) -> tuple[int, int]:
        """Height and width, pixels."""
        ...

    def to_rgb(self, *, max_wh: tuple[int, int] | None = None) -> RgbImage:
        """Give the picture as an array.

        Args:
            max_wh: Largest width and height wanted; the picture is shrunk to fit, keeping its
                shape, never enlarged. None: full size.

        Returns:
            Shape (H, W, 3), uint8, RGB, read-only.
        """
        ...


@dataclass(frozen=True, slots=True)
class Frame:
    """One moment of one source."""

    picture: Picture
    """What was seen."""
    index: int
    """Number of the frame since the source was opened, from 0."""
    time_s: float
    """Place in the source, seconds from its first frame."""
    captured_s: float
    """Monotonic clock when the frame arrived here; its age is counted from this."""
    truth_count: float | None = None
    """Number of people known to be in the picture; None: not known (every real camera)."""
    is_damaged: bool = False
    """Whether the decoder reported damage in this frame or those it was built from."""
    is_frozen: bool = False
    """Whether the same picture has been coming for too long, as from a camera that hangs."""
    decoder: str = ""
    """What decoded it, for people: CPU, NVDEC; empty where nothing was decoded."""
    codec: str = ""
    """How it was encoded, as FFmpeg calls it: h264, hevc, mjpeg; empty where it is not known."""
    skipped: int = 0
    """Frames since the last one given that were decoded and judged, but not wanted."""
    skipped_damaged: int = 0
    """How many of those were damaged."""
    decode_s: float = 0.0
    """Seconds that decoding took since the last frame; 0 where nothing was decoded."""
    packets_corrupt: int = 0
    """Packets since the last frame given that were missing, came corrupt, or gave no picture."""


class FrameSource(Protocol):
    """Something that gives frames: a stream, a file, a folder, a drawn scene.

    A source is opened, read and closed by one thread, the one that iterates over `frames`.
    """

    @property
    def label(self) -> str:
        """The address without any password, for people."""
        ...

    @property
    def is_live(self) -> bool:
        """Whether frames come at their own pace: a live source that ends has been lost."""
        ...

    def frames(self, stop: Event) -> Iterator[Frame]:
        """Open the source and give its frames until it ends, fails, or `stop` is set.

        Args:
            stop: Set by another thread to end; honoured within the read time limit.

        Yields:
            Frames in order. A source that is not live gives each frame as soon as it is asked.

        Raises:
            SourceError: If it cannot be opened or breaks; the kind says why, without passwords.
        """
        ...
