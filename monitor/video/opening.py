"""The ways to open a live stream: what FFmpeg is told for each protocol and system."""

import sys
from dataclasses import dataclass, field
from functools import cache
from typing import Literal, TypeAlias

import av
from av.codec.hwaccel import HWAccel

from monitor.core.errors import UnreachableError
from monitor.core.secret import Secret
from monitor.video.address import NetworkAddress, WebcamAddress

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


OPEN_TIMEOUT_S = 5.0
"""Time limit for each of the two steps of opening: connecting, and finding the video."""

_MICROSECONDS = 1_000_000
_ENCRYPTED = ("rtsps", "https", "rtmps")


@dataclass(frozen=True, slots=True)
class Opening:
    """One way to open a stream."""

    place: str = field(repr=False)
    """What FFmpeg opens; may hold a password."""
    format: str | None = None
    """FFmpeg's name of the kind of device; None: found out."""
    options: dict[str, str] = field(default_factory=dict)


def network_opening(
    address: NetworkAddress, password: Secret | None, reception: Reception | None = None
) -> Opening:
    """Say how to open a network stream.

    Args:
        address: What to open.
        password: Password to join to it; None: what the address holds is used.
        reception: How it is to be received; None: as is usual.

    Returns:
        Address and options for FFmpeg.

    Raises:
        AddressError: If there is a password but no user.
    """
    reception = reception or Reception()
    options = {"allowed_media_types": "video"} if address.scheme.startswith("rtsp") else {}
    # Slightly longer than PyAV's own limit, which then speaks first; rtmp means something else
    # by this option, and srt has it in another unit.
    limit_s = max(OPEN_TIMEOUT_S, reception.read_limit_s) + 1
    limit_us = str(round(limit_s * _MICROSECONDS))
    if address.scheme.startswith(("rtsp", "http")):
        options["timeout"] = limit_us
    if address.scheme.startswith("rtsp"):
        options["rtsp_transport"] = reception.transport
        options["max_delay"] = "500000"
    # Do not wait for twenty frames to learn the frame rate (measured on a 10 Hz camera: the first
    # picture comes after 0.8 s instead of 2.8 s). "nobuffer" would throw the first pictures away
    # and wait for the next key frame; it does not lower the delay of a reader that never waits.
    options["fpsprobesize"] = "0"
    if reception.certificate is not None and address.scheme in _ENCRYPTED:
        options |= {"ca_file": reception.certificate, "tls_verify": "1"}
    return Opening(address.url(password), options=options)


def webcam_openings(address: WebcamAddress, platform: str = sys.platform) -> tuple[Opening, ...]:
    """Say how to open a camera of this machine: the best way first, the plainest last.

    Args:
        address: Which camera.
        platform: `sys.platform`.

    Returns:
        What to try, one after the other.

    Raises:
        UnreachableError: If this machine has no such camera, where it can be asked.
    """
    if platform == "darwin":
        place = f"{address.index}:none"
        rate = {"framerate": "30"}  # the default rate is refused by many cameras
        return Opening(place, "avfoundation", rate), Opening(place, "avfoundation")
    if platform == "win32":
        place = f"video={_windows_camera(address)}"
        return (Opening(place, "dshow"),)
    place = f"/dev/video{address.index}"
    # Uncompressed video above VGA does not fit through USB 2 at a useful rate.
    compressed = {"input_format": "mjpeg", "video_size": "1280x720"}
    return Opening(place, "v4l2", compressed), Opening(place, "v4l2")


def _windows_camera(address: WebcamAddress) -> str:
    names = [
        device.name
        for device in av.enumerate_input_devices("dshow")
        if "video" in device.media_types
    ]
    if address.index >= len(names):
        raise UnreachableError(f"{address.label}: this machine has {len(names)} cameras")
    return names[address.index]
