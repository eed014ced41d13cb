"""How a live stream is to be received: what an operator may choose for each camera."""

from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias

import av
from av.codec.hwaccel import HWAccel

Transport: TypeAlias = Literal["tcp", "udp"]
"""How RTSP's pictures travel: through the connection itself, or beside it."""
Decoding: TypeAlias = Literal["auto", "cpu", "cuda"]
"""Where pictures are decoded: on the graphics card if it can, on the processor, on the card."""

CPU = "CPU"
"""What a frame says that was decoded on the processor."""
NVDEC = "NVDEC"
"""What a frame says that was decoded by an NVIDIA card."""

SHORTEST_READ_LIMIT_S = 4.0
"""Never less: a key picture over a slow line takes seconds."""
_BEYOND_STALE_S = 1.0  # the stream is shown as stale before it is given up

_DOWNLOADED = frozenset({"nv12", "p010le", "p012le", "p016le"})  # decoders in software give others


@dataclass(frozen=True, slots=True)
class Reception:
    """How one live stream is received."""

    transport: Transport = "tcp"
    """UDP loses pictures on a busy network where TCP only delays them."""
    decoding: Decoding = "auto"
    """Where its pictures are decoded; what really happened stands in `Frame.decoder`."""
    stale_after_s: float = 3.0
    """Seconds without a picture before people are told; the connection is given up after."""
    frozen_after_s: float = 10.0
    """Seconds of equal pictures before they count as frozen; 0: they may stay equal for ever."""
    certificate: str | None = None
    """File of the certificate that an encrypted stream must show; None: any is taken."""

    @property
    def read_limit_s(self) -> float:
        """Time limit for one packet; also the longest a running stream takes to notice a stop."""
        return max(SHORTEST_READ_LIMIT_S, self.stale_after_s + _BEYOND_STALE_S)

    def accelerator(self) -> HWAccel | None:
        """Give what PyAV needs to decode on the card, anew each time; None: the processor does."""
        if self.decoding == "cpu" or not has_nvdec():
            return None
        return HWAccel("cuda", allow_software_fallback=True)


@cache
def has_nvdec() -> bool:
    """Whether this machine has a card that decodes; asked once, as it does not change."""
    try:
        HWAccel("cuda").create(av.Codec("h264", "r"))
    except (av.FFmpegError, NotImplementedError, RuntimeError):
        return False
    return True


def decoder_name(*, is_accelerated: bool, pixel_format: str, wanted: Decoding) -> str:
    """Say what decoded a frame, from the frame itself.

    The decoder may have fallen back to the processor without a word, for a size or profile that
    the card does not know; only the layout of the picture tells.

    Args:
        is_accelerated: Whether the decoder was set up for the card.
        pixel_format: FFmpeg's name of the decoded picture's layout.
        wanted: What was asked for.

    Returns:
        `NVDEC`, `CPU`, or `CPU` with the reason where the card was asked for.
    """
    if is_accelerated and pixel_format in _DOWNLOADED:
        return NVDEC
    return f"{CPU} (the card was asked for, but cannot)" if wanted == "cuda" else CPU
