"""The ways to open a live stream: what FFmpeg is told for each protocol and system."""

import sys
from dataclasses import dataclass, field

import av

from monitor.core.errors import UnreachableError
from monitor.core.secret import Secret
from monitor.video.address import NetworkAddress, WebcamAddress
from monitor.video.reception import Reception

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
