"""From packets to frames: damage is noticed, decode errors are counted, bad packets survived.

Pictures of H.264 that were lost whole on the way are noticed here too. When a packet of a picture
is missing, the decoder says so. When a whole picture is missing it says nothing: it builds the next
ones on the wrong picture and calls them good, until the next key picture. But reference pictures
are numbered, and a missing number gives the loss away.
"""

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

from monitor.video.tapping import Tapping
from monitor.video.units import read_configuration, units

_SLICE, _KEY_SLICE, _SEQUENCE, _PICTURE = 1, 5, 7, 8  # kinds of unit, ITU-T H.264 table 7-1
_CHROMA_PROFILES = frozenset({44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244})
_HEAD_BYTES = 64  # what is read of a slice stands in its first bytes


class PictureNumbers:
    """Follows the numbers of an H.264 stream's reference pictures. Used by one thread.

    Source:
        ITU-T H.264 (08/2021), 7.3.2.1, 7.3.2.2 and 7.3.3 for the fields, 7.4.3 for the rule.
        Operation 5, which begins the numbers anew without a key picture, is not followed: encoders
        of cameras do not use it, and it would only mark pictures as damaged until the next key.
    """

    def __init__(self, parameters: bytes | None) -> None:
        """Begin.

        Args:
            parameters: The stream's parameter sets as the container gives them (`extradata`).
        """
        self._sequences: dict[int, _Sequence] = {}
        self._sequence_of: dict[int, int] = {}
        self._previous: int | None = None
        self._length_bytes = 0
        if parameters:
            self._read_parameters(parameters)

    def misses_picture(self, packet: bytes) -> bool:
        """Take in the next picture.

        Args:
            packet: One access unit.

        Returns:
            Whether a picture that this one or a later one is built on never came. False where
            the packet cannot be read: the decoder complains of that.
        """
        try:
            for unit in units(packet, self._length_bytes):
                kind = unit[0] & 0x1F
                if kind in (_SLICE, _KEY_SLICE):
                    return self._follow(unit, is_key=kind == _KEY_SLICE)
                self._learn(unit, kind)
        except (IndexError, ValueError):
            return False
        return False

    def _read_parameters(self, parameters: bytes) -> None:
        try:
            found = read_configuration("h264", parameters)
            self._length_bytes = found.length_bytes
            for unit in found.units:
                self._learn(unit, unit[0] & 0x1F)
        except (IndexError, ValueError):
            return

    def _learn(self, unit: bytes, kind: int) -> None:
        if kind == _SEQUENCE:
            number, sequence = _read_sequence(_Bits(_payload(unit)))
            self._sequences[number] = sequence
        elif kind == _PICTURE:
            bits = _Bits(_payload(unit))
            self._sequence_of[bits.unsigned()] = bits.unsigned()

    def _follow(self, unit: bytes, *, is_key: bool) -> bool:
        bits = _Bits(_payload(unit[:_HEAD_BYTES]))
        bits.unsigned()  # first macro-block
        bits.unsigned()  # kind of slice
        sequence = self._sequences.get(self._sequence_of.get(bits.unsigned(), -1))
        if sequence is None or sequence.may_skip_numbers:
            self._previous = None
            return False
        if sequence.has_separate_planes:
            bits.take(2)
        number = bits.take(sequence.number_bits)
        previous, is_reference = self._previous, bool(unit[0] & 0x60)
        if is_reference or is_key:
            self._previous = number
        if is_key or previous is None:
            return False
        return number not in (previous, (previous + 1) % (1 << sequence.number_bits))


@dataclass(frozen=True, slots=True)
class _Sequence:
    """What of a sequence parameter set is needed."""

    number_bits: int
    has_separate_planes: bool
    may_skip_numbers: bool
    """Whether the encoder leaves numbers out on purpose (temporal layers)."""


class _Bits:
    """Reads bits, highest first."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def take(self, count: int) -> int:
        if count > self._left:
            raise ValueError("the unit is too short")
        self._left -= count
        return self._value >> self._left & ((1 << count) - 1)

    def unsigned(self) -> int:
        """Read an Exp-Golomb number: n zeros, a one, n bits."""
        zeros = 0
        while not self.take(1):
            zeros += 1
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        number = self.unsigned()
        return (number + 1) // 2 if number % 2 else -(number // 2)


def _read_sequence(bits: _Bits) -> tuple[int, _Sequence]:
    profile = bits.take(8)
    bits.take(16)  # constraints and level
    number = bits.unsigned()
    has_separate_planes = False
    if profile in _CHROMA_PROFILES:
        has_separate_planes = _skip_chroma(bits)
    number_bits = bits.unsigned() + 4
    order = bits.unsigned()
    if order == 0:
        bits.unsigned()
    elif order == 1:
        bits.take(1)
        bits.signed()
        bits.signed()
        for _ in range(bits.unsigned()):
            bits.signed()
    bits.unsigned()  # number of reference pictures
    return number, _Sequence(number_bits, has_separate_planes, bool(bits.take(1)))


def _skip_chroma(bits: _Bits) -> bool:
    """Skip what only some profiles have; says whether colors are coded apart."""
    chroma = bits.unsigned()
    is_apart = chroma == 3 and bool(bits.take(1))
    bits.unsigned()  # depth of luma
    bits.unsigned()  # depth of chroma
    bits.take(1)
    if bits.take(1):
        for place in range(12 if chroma == 3 else 8):
            if bits.take(1):
                _skip_scaling_list(bits, 16 if place < 6 else 64)
    return is_apart


def _skip_scaling_list(bits: _Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.signed()) % 256
        last = following or last


def _payload(unit: bytes) -> bytes:
    """Give what is in a unit, without the bytes that keep start codes out of it."""
    return unit[1:].replace(b"\0\0\3", b"\0\0")


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
