"""Trying a camera out before it is watched: the real reader, for a few seconds, on a spare thread.

What is asked here is what the engine will ask later, so a camera that answers now will be watched.
"""

from dataclasses import dataclass
from threading import Event

from monitor.core.arrays import RgbImage
from monitor.core.clock import Clock
from monitor.core.errors import NotAStreamError
from monitor.core.secret import Secret
from monitor.video.open import open_source
from monitor.video.opening import Reception

_WATCH_S = 1.5
"""Long enough to tell 5 pictures a second from 25, short enough to wait for."""
_FRAMES_MOST = 60


@dataclass(frozen=True, slots=True, eq=False)
class CameraTrial:
    """What a camera showed."""

    image: RgbImage
    """Its newest picture; shape (H, W, 3), uint8."""
    rate_hz: float | None
    """Pictures a second as they came; None: only one came, or it is no live stream."""
    codec: str
    """How they are encoded, as FFmpeg calls it; empty where that is not known."""
    decoder: str
    """What decoded them; empty where nothing did."""
    label: str
    """The address as it may be shown."""

    @property
    def size_wh(self) -> tuple[int, int]:
        """Width and height of the picture, pixels."""
        return self.image.shape[1], self.image.shape[0]


def try_camera(
    source: str,
    password: Secret | None,
    *,
    reception: Reception,
    stop: Event,
    clock: Clock,
) -> CameraTrial:
    """Open a source as the engine does and look at its first pictures.

    Args:
        source: Its address, without the password.
        password: The password; None: it needs none.
        reception: How it is received.
        stop: Set by another thread to give up.
        clock: Where time comes from.

    Returns:
        What was seen.

    Raises:
        AddressError: If the address cannot be read.
        SourceError: If no picture can be had; says why in plain words, without the password.
        NotAStreamError: If it answers, but gives no picture.
    """
    opened = open_source(source, pace=True, password=password, clock=clock, reception=reception)
    first_s = last_s = 0.0
    newest, count = None, 0
    frames = opened.frames(stop)
    try:
        for frame in frames:
            first_s = frame.captured_s if newest is None else first_s
            newest, last_s, count = frame, frame.captured_s, count + 1
            if last_s - first_s >= _WATCH_S or count >= _FRAMES_MOST or not opened.is_live:
                break
    finally:
        close = getattr(frames, "close", None)  # generators are; the protocol asks for less
        if close is not None:
            close()
    if newest is None:
        raise NotAStreamError(f"{opened.label}: connected, but no picture came")
    lasted_s = last_s - first_s
    return CameraTrial(
        newest.picture.to_rgb(),
        (count - 1) / lasted_s if opened.is_live and lasted_s > 0 else None,
        newest.codec,
        newest.decoder,
        opened.label,
    )
