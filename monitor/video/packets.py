"""Encoded pictures as they came, copied out of their stream, so that they can be kept for a while.

A packet of PyAV holds its container alive and belongs to the thread that reads; these records are
bytes and numbers, for any thread and any process.
A ring keeps the newest of a camera, so that an alarm can keep what came before it.
"""

from collections import deque
from dataclasses import dataclass
from fractions import Fraction
from threading import Lock
from typing import Protocol, TypeAlias

RECORD_BYTES = 256
"""What a packet takes beside its bytes."""


@dataclass(frozen=True, slots=True)
class StreamFormat:
    """How the packets are encoded that follow; another one where that changes in mid-stream."""

    codec: str
    """As FFmpeg calls it: h264, hevc, mjpeg."""
    time_base: Fraction
    """Seconds for one step of a packet's time stamp."""
    length_bytes: int = 0
    """Bytes of the length before each unit of a packet; 0: start codes stand there."""
    parameters: bytes = b""
    """Parameter sets that the container gave, Annex B; empty: they stand in the packets."""
    sequence: bytes = b""
    """What size and profile are read from; packets of another cannot go into one file."""


@dataclass(frozen=True, slots=True)
class EncodedPacket:
    """One encoded picture."""

    data: bytes
    is_key: bool
    """Whether decoding can begin with it."""
    pts: int | None
    """When it is to be shown, in steps of the format's time base; None: the stream does not say."""
    arrived_s: float
    """Monotonic clock when it was read."""

    @property
    def size_bytes(self) -> int:
        """Memory that it takes."""
        return len(self.data) + RECORD_BYTES


class PacketTap(Protocol):
    """Takes the packets of a stream in; called by the thread that reads it, and returns at once."""

    @property
    def is_open(self) -> bool:
        """Whether packets are wanted; asked for every packet."""
        ...

    def begin(self, stream: StreamFormat) -> None:
        """Take note that packets of a new connection, or of another format, follow."""
        ...

    def add(self, packet: EncodedPacket) -> None:
        """Take the next packet in."""
        ...

    def refuse(self, why: str) -> None:
        """Take note that nothing of this stream can be kept; a sentence without passwords."""
        ...


@dataclass(frozen=True, slots=True)
class Refusal:
    """Stands for the packets of a stream of which nothing can be kept."""

    why: str


PacketNews: TypeAlias = StreamFormat | EncodedPacket | Refusal
"""What happens at a tap, on its way to another process."""


class PacketBacklog:
    """Gathers what comes through a tap until it is handed on to another process.

    The thread that reads fills and empties it; `is_open` may be set by another.
    """

    def __init__(self, bytes_max: int, *, is_open: bool) -> None:
        """Begin with nothing.

        Args:
            bytes_max: Memory that may be taken; more than that is thrown away, and what follows
                begins with a key picture.
            is_open: Whether packets are wanted.
        """
        self.is_open = is_open
        self._bytes_max = bytes_max
        self._bytes = 0
        self._waiting: list[PacketNews] = []
        self._format: StreamFormat | None = None

    def begin(self, stream: StreamFormat) -> None:
        """Take note that packets of a new connection, or of another format, follow."""
        self._format = stream
        self._waiting.append(stream)

    def add(self, packet: EncodedPacket) -> None:
        """Take the next packet in."""
        if self._bytes + packet.size_bytes > self._bytes_max and self._format is not None:
            self._waiting, self._bytes = [self._format], 0
            return
        self._waiting.append(packet)
        self._bytes += packet.size_bytes

    def refuse(self, why: str) -> None:
        """Take note that nothing of this stream can be kept."""
        self._waiting.append(Refusal(why))

    def take(self) -> tuple[PacketNews, ...]:
        """Give what has come since the last call."""
        taken, self._waiting, self._bytes = tuple(self._waiting), [], 0
        return taken


def hand_on(news: tuple[PacketNews, ...], tap: PacketTap) -> None:
    """Let a tap take in what came through another."""
    for one in news:
        if isinstance(one, EncodedPacket):
            tap.add(one)
        elif isinstance(one, StreamFormat):
            tap.begin(one)
        else:
            tap.refuse(one.why)


@dataclass(frozen=True, slots=True)
class RingBounds:
    """How much of a stream is kept."""

    seconds: float
    """From the first packet to the newest."""
    bytes_max: int
    """Memory of all packets together."""


@dataclass(frozen=True, slots=True)
class Run:
    """Packets that came one after the other, in one format; the first is a key picture."""

    format: StreamFormat
    packets: tuple[EncodedPacket, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """What a ring holds."""

    runs: tuple[Run, ...] = ()
    """In the order in which they came; another one for each connection and each format."""
    why_not: str = ""
    """Why nothing can be kept of the stream; empty: it can."""
    crowded_out_s: float | None = None
    """Monotonic clock of the newest packet that had to go for want of memory; None: none had."""


class _Group:
    """A key picture and those that are built on it."""

    def __init__(self, run: int, stream: StreamFormat) -> None:
        self.run = run
        self.format = stream
        self.packets: list[EncodedPacket] = []
        self.bytes = 0

    def add(self, packet: EncodedPacket) -> None:
        self.packets.append(packet)
        self.bytes += packet.size_bytes


class PacketRing:
    """The newest packets of one camera, bounded in seconds and in bytes.

    One thread at a time calls what a tap has; `bound` and `kept` are for any thread. Packets leave
    in groups, a key picture with all that are built on it, so that what is kept can be decoded.
    """

    def __init__(self, bounds: RingBounds | None = None) -> None:
        """Begin with nothing.

        Args:
            bounds: How much is kept; None: nothing.
        """
        self._lock = Lock()
        self._bounds = bounds
        self._format: StreamFormat | None = None
        self._run = 0
        self._groups: deque[_Group] = deque()
        self._bytes = 0
        self._awaits_key = True
        self._why_not = ""
        self._crowded_out_s: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether anything is kept."""
        return self._bounds is not None

    def bound(self, bounds: RingBounds | None) -> None:
        """Keep so much from now on; None: nothing, and what is kept is let go at once."""
        with self._lock:
            self._bounds = bounds
            if bounds is None:
                self._clear()
                self._crowded_out_s = None
            elif self._groups:
                self._make_room(bounds, self._groups[-1].packets[-1].arrived_s)

    def begin(self, stream: StreamFormat) -> None:
        """Take note that packets of a new connection, or of another format, follow."""
        with self._lock:
            self._format, self._why_not = stream, ""
            self._run += 1
            self._awaits_key = True

    def add(self, packet: EncodedPacket) -> None:
        """Keep the next packet, if it can be decoded, and let go of those that are too old."""
        with self._lock:
            bounds, stream = self._bounds, self._format
            if bounds is None or stream is None:
                return
            if packet.is_key:
                self._groups.append(_Group(self._run, stream))
                self._awaits_key = False
            if not self._awaits_key:
                self._groups[-1].add(packet)
                self._bytes += packet.size_bytes
            self._make_room(bounds, packet.arrived_s)  # time goes on while a key is awaited

    def refuse(self, why: str) -> None:
        """Take note that nothing of this stream can be kept."""
        with self._lock:
            self._clear()
            self._format, self._why_not = None, why

    def kept(self) -> Kept:
        """Give what is kept now; the bytes are shared, not copied."""
        with self._lock:
            runs: dict[int, list[_Group]] = {}
            for group in self._groups:
                runs.setdefault(group.run, []).append(group)
            return Kept(
                tuple(
                    Run(groups[0].format, tuple(one for group in groups for one in group.packets))
                    for groups in runs.values()
                ),
                self._why_not,
                self._crowded_out_s,
            )

    def _make_room(self, bounds: RingBounds, now_s: float) -> None:
        oldest_s = now_s - bounds.seconds
        while self._groups:
            first = self._groups[0]
            is_crowded = self._bytes > bounds.bytes_max
            if not is_crowded and first.packets[0].arrived_s >= oldest_s:
                return
            if is_crowded:
                self._crowded_out_s = first.packets[-1].arrived_s
            self._groups.popleft()
            self._bytes -= first.bytes
        self._awaits_key = True

    def _clear(self) -> None:
        self._groups.clear()
        self._bytes = 0
        self._awaits_key = True
