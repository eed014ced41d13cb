"""From packets to frames: damage is noticed, decode errors are counted, bad packets survived."""

import contextlib
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Event

import av
from av.container import InputContainer
from av.stream import Stream
from av.video.stream import VideoStream

from monitor.video.continuity import PictureNumbers
from monitor.video.tapping import Tapping

_ONE_THREAD_UP_TO_PX = 1920 * 1200  # larger pictures at 25 Hz are too much for one slow core
_LARGE_THREADS = 3  # each one more delays the picture by one frame
_HEALED_AFTER_FRAMES = (
    250  # ten seconds at 25 Hz; streams that refresh in stripes have no key frame
)
ERRORS_AT_MOST = 100
"""Packets that cannot be decoded, within `ERRORS_WITHIN_S`, before the stream is opened anew."""
ERRORS_WITHIN_S = 10.0
"""Seconds in which errors are counted."""


def use_live_threads(stream: VideoStream) -> None:
    """Let a live stream be decoded with little delay, and without hiding damage.

    Slice threads would be quicker, but with them H.264 shows pictures with missing parts as if
    they were whole. A thread for each of several pictures delays them, so there is only one
    thread, except where one slow core would fall behind.

    Args:
        stream: Not decoded yet.
    """
    size_px = stream.codec_context.width * stream.codec_context.height
    stream.thread_type = "FRAME"
    stream.codec_context.thread_count = 1 if size_px <= _ONE_THREAD_UP_TO_PX else _LARGE_THREADS


class DamageGate:
    """Says which frames can be trusted. Used by one thread.

    A frame is built from those before it, back to the last key frame. Decoders paint over what is
    missing and say nothing, so from the first sign of damage every frame counts as damaged until
    a whole key frame comes.
    """

    def __init__(self) -> None:
        self.errors = 0
        self._frames_since_damage: int | None = None

    def note_damage(self) -> None:
        """Note a packet that is missing, corrupt, or cannot be decoded."""
        self.errors += 1
        self._frames_since_damage = 0

    def judge(self, *, is_key: bool, is_corrupt: bool) -> bool:
        """Judge the next frame.

        Args:
            is_key: Whether it stands alone.
            is_corrupt: Whether the decoder says that it is damaged.

        Returns:
            Whether it is damaged.
        """
        if is_corrupt:
            self.note_damage()
            return True
        if self._frames_since_damage is None:
            return False
        self._frames_since_damage += 1
        if is_key or self._frames_since_damage > _HEALED_AFTER_FRAMES:
            self._frames_since_damage = None
            return False
        return True


@dataclass(slots=True)
class DecodeMeter:
    """What decoding took and could not use since somebody last asked. Used by one thread."""

    seconds: float = 0.0
    """Seconds in the decoder."""
    packets_corrupt: int = 0
    """Packets that were missing, came corrupt, or could not be decoded."""

    def decode(self, packet: "av.Packet[Stream]", *, is_bad: bool) -> list[av.VideoFrame] | None:
        """Decode a packet of video, and note how long that took and whether it was whole.

        Args:
            packet: The packet.
            is_bad: Whether it is known to be corrupt, or to come after a gap.

        Returns:
            Its frames; None: it could not be decoded.
        """
        began_s = time.perf_counter()
        frames: list[av.VideoFrame] | None = None
        with contextlib.suppress(av.FFmpegError):
            # A video stream gives nothing else than frames of video.
            frames = [one for one in packet.decode() if isinstance(one, av.VideoFrame)]
        self.seconds += time.perf_counter() - began_s
        # Where datagrams were lost, the decoder alone knows, and calls the picture corrupt.
        if is_bad or frames is None or any(one.is_corrupt for one in frames):
            self.packets_corrupt += 1
        return frames

    def take(self) -> "DecodeMeter":
        """Give what was gathered, and begin anew."""
        taken = DecodeMeter(self.seconds, self.packets_corrupt)
        self.seconds, self.packets_corrupt = 0.0, 0
        return taken


class ErrorBudget:
    """How many decode errors a connection may have before a new one is tried instead."""

    def __init__(self, at_most: int = ERRORS_AT_MOST, within_s: float = ERRORS_WITHIN_S) -> None:
        self._at_most = at_most
        self._within_s = within_s
        self._moments_s: deque[float] = deque()

    def is_spent(self, now_s: float) -> bool:
        """Note an error; True where there were too many of late."""
        self._moments_s.append(now_s)
        while now_s - self._moments_s[0] > self._within_s:
            self._moments_s.popleft()
        return len(self._moments_s) > self._at_most


def decode(
    container: InputContainer,
    stream: VideoStream,
    gate: DamageGate,
    stop: Event,
    meter: DecodeMeter | None = None,
    tapping: Tapping | None = None,
) -> Iterator[tuple[av.VideoFrame | None, bool]]:
    """Read and decode a stream until it ends or `stop` is set.

    Args:
        container: Where the stream is; touched by this thread only.
        stream: The stream to decode.
        gate: What judges damage; counts the errors.
        stop: Looked at after every packet.
        meter: Told what it takes; None: nobody asks.
        tapping: Sees every packet before it is decoded; None: nobody does.

    Yields:
        A frame and whether it is damaged. (None, True) for a packet that could not be decoded and
        (None, False) for one that gave no frame or belongs to another stream, so that the caller
        can give up: sound may go on for ever where the picture has ended.

    Raises:
        av.FFmpegError: If reading fails; decode errors are not raised.
    """
    meter = meter or DecodeMeter()
    numbers = numbers_of(stream)
    try:
        for packet in container.demux():
            if stop.is_set():
                return
            if packet.stream_index != stream.index:
                yield None, False
                continue
            if tapping is not None:
                tapping.see(packet)
            # Asked of corrupt ones too, or the next one would seem to come after a gap.
            has_gap = numbers is not None and numbers.misses_picture(bytes(packet))
            is_bad = packet.is_corrupt or has_gap
            frames = meter.decode(packet, is_bad=is_bad)
            if is_bad or frames is None:
                gate.note_damage()
            if not frames:
                yield None, frames is None
            for frame in frames or ():
                yield frame, gate.judge(is_key=frame.key_frame, is_corrupt=frame.is_corrupt)
    finally:
        # A decoder with threads that is freed while they work can wait for them for ever, as it is
        # freed under Python's lock; this ends their work without it.
        stream.codec_context.flush_buffers()


def numbers_of(stream: VideoStream) -> PictureNumbers | None:
    """Give what follows a stream's picture numbers; None: its kind is watched by its decoder."""
    context = stream.codec_context
    return PictureNumbers(context.extradata) if context.name == "h264" else None
