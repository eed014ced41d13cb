"""Live streams: network cameras and the cameras of this machine, through PyAV.

Only the thread that iterates touches a container: closing one from another thread while it reads
kills the process. Whoever wants to stop sets an event, and the read time limit bounds the wait.

A camera that sends the same picture again and again is noticed (`frozen`). Sensors have noise: two
pictures of a real camera are never equal to the last pixel, at least not after the next key
picture. A hung camera, and a recorder that repeats its last picture, send equal ones, and a count
of them looks as good as any.
"""

import zlib
from collections.abc import Callable, Iterator
from threading import Event

import av
import numpy as np
from av.codec.hwaccel import HWAccel
from av.container import InputContainer
from av.video.stream import VideoStream

from monitor.core.clock import Clock
from monitor.core.errors import (
    NotAStreamError,
    SourceError,
    StreamEndedError,
    UndecodableError,
    UnreachableError,
)
from monitor.video.decoded import DecodedPicture
from monitor.video.decoding import (
    ERRORS_AT_MOST,
    ERRORS_WITHIN_S,
    DamageGate,
    DecodeMeter,
    ErrorBudget,
    decode,
    use_live_threads,
)
from monitor.video.failure import is_card_failure, open_failure, read_failure
from monitor.video.frame import Frame
from monitor.video.opening import OPEN_TIMEOUT_S, Opening, Reception, decoder_name
from monitor.video.pace import Pace, Timeline
from monitor.video.packets import PacketTap
from monitor.video.tapping import Tapping

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


_BLIND_AT_MOST_S = 10.0  # packets but no picture for this long: no key frame in two GOPs
_USUAL_PERIOD_S = 0.04


class StreamSource:
    """Gives the frames of a live stream; a new connection for each call of `frames`."""

    def __init__(
        self,
        label: str,
        openings: Callable[[], tuple[Opening, ...]],
        *,
        pace: bool,
        clock: Clock,
        reception: Reception | None = None,
        tap: PacketTap | None = None,
    ) -> None:
        """Prepare a stream; nothing is opened.

        Args:
            label: The address as it may be shown.
            openings: Gives the ways to open it; called where it is opened.
            pace: Whether a recording behind a web address is played at its own pace.
            clock: Where time comes from.
            reception: How it is to be received; None: as is usual.
            tap: Takes the encoded pictures in, too; None: nobody does.
        """
        self._label = label
        self._openings = openings
        self._is_paced = pace
        self._clock = clock
        self._reception = reception or Reception()
        self._tap = tap
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
            raise StreamEndedError(f"{self._label}: lost: the camera ended the stream")

    def _connect(self, stop: Event) -> InputContainer:
        failure: SourceError = UnreachableError(f"{self._label}: stopped before it was opened")
        for opening in self._openings():
            if stop.is_set():
                break
            started_s = self._clock.monotonic_s()
            try:
                return self._open(opening)
            except av.FFmpegError as error:
                elapsed_s = self._clock.monotonic_s() - started_s
                failure = open_failure(
                    error, self._label, elapsed_s=elapsed_s, timeout_s=OPEN_TIMEOUT_S
                )
        raise failure

    def _open(self, opening: Opening) -> InputContainer:
        """Open with the card if there is one, and without it where the card fails."""
        accelerator = self._reception.accelerator()
        try:
            return self._open_with(opening, accelerator)
        except av.FFmpegError as error:
            if accelerator is None or not is_card_failure(error):
                raise
        return self._open_with(opening, None)

    def _open_with(self, opening: Opening, accelerator: HWAccel | None) -> InputContainer:
        return av.open(
            opening.place,
            format=opening.format,
            options=opening.options,
            timeout=(OPEN_TIMEOUT_S, self._reception.read_limit_s),
            metadata_errors="replace",
            hwaccel=accelerator,
        )

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
        watch = _Watch(self._label, self._clock.monotonic_s())
        frozen = FreezeWatch(0 if self._is_recording else self._reception.frozen_after_s)
        meter = DecodeMeter()
        first_s: float | None = None
        index = 0
        tapping = Tapping(self._tap, stream, self._clock)
        try:
            for frame, is_damaged in decode(container, stream, DamageGate(), stop, meter, tapping):
                now_s = self._clock.monotonic_s()
                if frame is None:
                    watch.got_nothing(now_s, is_error=is_damaged)
                    continue
                first_s = now_s if first_s is None else first_s
                # A camera's own stamps jump when it restarts; the time of arrival does not.
                time_s = timeline.place(frame.time) if self._is_recording else now_s - first_s
                if pace is not None and not pace.wait_until(time_s, stop):
                    return
                captured_s = watch.got_picture(self._clock.monotonic_s())
                taken = meter.take()
                yield Frame(
                    DecodedPicture(frame),
                    index,
                    time_s,
                    captured_s,
                    is_damaged=is_damaged,
                    is_frozen=frozen.sees(frame, captured_s),
                    decoder=self._decoder(stream, frame),
                    codec=stream.codec_context.name,
                    decode_s=taken.seconds,
                    packets_corrupt=taken.packets_corrupt,
                )
                index += 1
        except av.FFmpegError as error:
            failure = read_failure(error, self._label, timeout_s=self._reception.read_limit_s)
        if failure is not None:
            raise failure

    def _decoder(self, stream: VideoStream, frame: av.VideoFrame) -> str:
        return decoder_name(
            is_accelerated=stream.codec_context.is_hwaccel,
            pixel_format=frame.format.name,
            wanted=self._reception.decoding,
        )


class _Watch:
    """Gives a connection up that brings packets but no pictures, or too many bad ones."""

    def __init__(self, label: str, now_s: float) -> None:
        self._label = label
        self._newest_s = now_s
        self._has_picture = False
        self._errors = ErrorBudget()

    def got_picture(self, now_s: float) -> float:
        self._newest_s, self._has_picture = now_s, True
        return now_s

    def got_nothing(self, now_s: float, *, is_error: bool) -> None:
        if now_s - self._newest_s > _BLIND_AT_MOST_S:
            sentence = f"none of it could be decoded for {_BLIND_AT_MOST_S:g} s"
            if self._has_picture:
                raise UndecodableError(f"{self._label}: lost: video arrives, but {sentence}")
            raise NotAStreamError(f"{self._label}: video arrives, but {sentence}")
        if is_error and self._errors.is_spent(now_s):
            raise UndecodableError(
                f"{self._label}: lost: more than {ERRORS_AT_MOST} packets in "
                f"{ERRORS_WITHIN_S:g} s could not be decoded"
            )


def _is_recording(container: InputContainer) -> bool:
    """Whether this is a file behind a web address: it knows its length, and no camera does."""
    is_web_file = "http" in container.name.partition(":")[0]
    return is_web_file and container.duration is not None and container.duration > 0
