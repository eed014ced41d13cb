"""Live streams: network cameras and the cameras of this machine, through PyAV.

Only the thread that iterates touches a container: closing one from another thread while it reads
kills the process. Whoever wants to stop sets an event, and the read time limit bounds the wait.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Event

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from monitor.clock import Clock
from monitor.errors import NotAStreamError, SourceError, UnreachableError
from monitor.video.address import NetworkAddress, WebcamAddress
from monitor.video.decoded import DecodedPicture
from monitor.video.decoding import DamageGate, decode, use_live_threads
from monitor.video.failure import open_failure, read_failure
from monitor.video.frame import Frame
from monitor.video.pace import Pace, Timeline

OPEN_TIMEOUT_S = 5.0
"""Time limit for each of the two steps of opening: connecting, and finding the video."""
READ_TIMEOUT_S = 4.0
"""Time limit for one packet; also the longest that a running stream takes to notice a stop."""

_UNDECODABLE_AFTER_S = 10.0  # packets but no picture for this long: not a key frame in two GOPs
_USUAL_PERIOD_S = 0.04
_MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Opening:
    """One way to open a stream."""

    place: str = field(repr=False)
    """What FFmpeg opens; may hold a password."""
    format: str | None = None
    """FFmpeg's name of the kind of device; None: found out."""
    options: dict[str, str] = field(default_factory=dict)


def network_opening(address: NetworkAddress, password: str | None) -> Opening:
    """Say how to open a network stream.

    Args:
        address: What to open.
        password: Password to join to it; None: what the address holds is used.

    Returns:
        Address and options for FFmpeg.

    Raises:
        AddressError: If there is a password but no user.
    """
    options = {"allowed_media_types": "video"} if address.scheme.startswith("rtsp") else {}
    # Slightly longer than PyAV's own limit, which then speaks first; rtmp means something else
    # by this option, and srt has it in another unit.
    limit_us = str(round((OPEN_TIMEOUT_S + 1) * _MICROSECONDS))
    if address.scheme.startswith(("rtsp", "http")):
        options["timeout"] = limit_us
    if address.scheme.startswith("rtsp"):
        options["rtsp_transport"] = "tcp"
        options["max_delay"] = "500000"
    # Do not wait for twenty frames to learn the frame rate (measured on a 10 Hz camera: the first
    # picture comes after 0.8 s instead of 2.8 s). "nobuffer" would throw the first pictures away
    # and wait for the next key frame; it does not lower the delay of a reader that never waits.
    options["fpsprobesize"] = "0"
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


class StreamSource:
    """Gives the frames of a live stream; a new connection for each call of `frames`."""

    def __init__(
        self,
        label: str,
        openings: Callable[[], tuple[Opening, ...]],
        *,
        pace: bool,
        clock: Clock,
    ) -> None:
        """Prepare a stream; nothing is opened.

        Args:
            label: The address as it may be shown.
            openings: Gives the ways to open it; called where it is opened.
            pace: Whether a recording behind a web address is played at its own pace.
            clock: Where time comes from.
        """
        self._label = label
        self._openings = openings
        self._is_paced = pace
        self._clock = clock
        self._is_recording = False

    @property
    def label(self) -> str:
        """The address without user, password and secrets."""
        return self._label

    @property
    def is_live(self) -> bool:
        """True; but False once a web address has turned out to be a recording with an end."""
        return not self._is_recording

    def frames(self, stop: Event) -> Iterator[Frame]:
        """Connect and give frames until the stream is lost or `stop` is set; see `FrameSource`."""
        container = self._connect(stop)
        try:
            stream = self._choose_video(container)
            self._is_recording = _is_recording(container)
            yield from self._read(container, stream, stop)
        finally:
            container.close()
        if not stop.is_set() and not self._is_recording:
            raise UnreachableError(f"{self._label}: lost: the camera ended the stream")

    def _connect(self, stop: Event) -> InputContainer:
        failure: SourceError = UnreachableError(f"{self._label}: stopped before it was opened")
        for opening in self._openings():
            if stop.is_set():
                break
            started_s = self._clock.monotonic_s()
            try:
                return av.open(
                    opening.place,
                    format=opening.format,
                    options=opening.options,
                    timeout=(OPEN_TIMEOUT_S, READ_TIMEOUT_S),
                    metadata_errors="replace",
                )
            except av.FFmpegError as error:
                elapsed_s = self._clock.monotonic_s() - started_s
                failure = open_failure(
                    error, self._label, elapsed_s=elapsed_s, timeout_s=OPEN_TIMEOUT_S
                )
        raise failure

    def _choose_video(self, container: InputContainer) -> VideoStream:
        if not container.streams.video:
            raise NotAStreamError(f"{self._label}: something answers, but it holds no video")
        stream = container.streams.video[0]
        if stream.codec_context is None:
            raise NotAStreamError(f"{self._label}: its kind of video cannot be decoded")
        use_live_threads(stream)
        return stream

    def _read(self, container: InputContainer, stream: VideoStream, stop: Event) -> Iterator[Frame]:
        failure: SourceError | None = None
        pace = Pace(self._clock) if self._is_recording and self._is_paced else None
        timeline = Timeline(_USUAL_PERIOD_S)
        first_s = newest_s = self._clock.monotonic_s()
        index = 0
        try:
            for frame, is_damaged in decode(container, stream, DamageGate(), stop):
                now_s = self._clock.monotonic_s()
                if frame is None:
                    self._give_up_after(now_s - newest_s)
                    continue
                if index == 0:
                    first_s = now_s
                # A camera's own stamps jump when it restarts; the time of arrival does not.
                time_s = now_s - first_s
                if self._is_recording:
                    time_s = timeline.place(frame.time)
                if pace is not None and not pace.wait_until(time_s, stop):
                    return
                newest_s = self._clock.monotonic_s()
                picture = DecodedPicture(frame)
                yield Frame(picture, index, time_s, newest_s, is_damaged=is_damaged)
                index += 1
        except av.FFmpegError as error:
            failure = read_failure(error, self._label, timeout_s=READ_TIMEOUT_S)
        if failure is not None:
            raise failure

    def _give_up_after(self, blind_s: float) -> None:
        if blind_s > _UNDECODABLE_AFTER_S:
            raise NotAStreamError(
                f"{self._label}: video arrives, but none of it could be decoded for "
                f"{_UNDECODABLE_AFTER_S:g} s"
            )


def _is_recording(container: InputContainer) -> bool:
    """Whether this is a file behind a web address: it knows its length, and no camera does."""
    is_web_file = "http" in container.name.partition(":")[0]
    return is_web_file and container.duration is not None and container.duration > 0
