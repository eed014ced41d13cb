"""Video files: at their own pace in the window, as fast as possible for counting."""

from collections.abc import Iterator
from threading import Event

import av

from monitor.core.clock import Clock
from monitor.core.errors import NotAStreamError, SourceError
from monitor.video.address import FileAddress
from monitor.video.decoded import DecodedPicture
from monitor.video.decoding import DamageGate, decode
from monitor.video.failure import file_failure
from monitor.video.frame import Frame
from monitor.video.pace import Pace, Timeline
from monitor.video.packets import PacketTap
from monitor.video.tapping import Tapping

_USUAL_PERIOD_S = 0.04  # 25 Hz, where the file does not say


class FileSource:
    """Gives the frames of a video file."""

    def __init__(
        self, address: FileAddress, *, pace: bool, clock: Clock, tap: PacketTap | None = None
    ) -> None:
        self._address = address
        self._is_paced = pace
        self._clock = clock
        self._tap = tap

    @property
    def label(self) -> str:
        """Path of the file."""
        return self._address.label

    @property
    def is_live(self) -> bool:
        """Never: a file waits until it is asked."""
        return False

    def frames(self, stop: Event) -> Iterator[Frame]:
        """Give the frames until the end of the file, or `stop` is set; see `FrameSource`."""
        pace = Pace(self._clock) if self._is_paced else None
        timeline = Timeline(_USUAL_PERIOD_S)
        index = 0
        while not stop.is_set():
            first = index
            for frame, is_damaged in self._play(stop):
                time_s = timeline.place(frame.time)
                if pace is not None and not pace.wait_until(time_s, stop):
                    return
                now_s = self._clock.monotonic_s()
                picture = DecodedPicture(frame)
                yield Frame(picture, index, time_s, now_s, is_damaged=is_damaged)
                index += 1
            if index == first and not stop.is_set():
                raise NotAStreamError(f"{self.label}: holds no picture that can be decoded")
            if not self._address.is_looped:
                return

    def _play(self, stop: Event) -> Iterator[tuple[av.VideoFrame, bool]]:
        """Play the file once; every failure comes out as ours."""
        failure: SourceError | None = None
        try:
            with av.open(str(self._address.path), metadata_errors="replace") as container:
                if not container.streams.video:
                    raise NotAStreamError(f"{self.label}: holds no video")
                stream = container.streams.video[0]
                if stream.codec_context is None:
                    raise NotAStreamError(f"{self.label}: its kind of video cannot be decoded")
                stream.thread_type = "AUTO"
                tapping = Tapping(self._tap, stream, self._clock)
                for frame, is_damaged in decode(
                    container, stream, DamageGate(), stop, tapping=tapping
                ):
                    if frame is not None:
                        yield frame, is_damaged
        except av.FFmpegError as error:
            failure = file_failure(error, self.label)
        if failure is not None:
            raise failure
