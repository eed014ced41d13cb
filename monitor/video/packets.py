"""Encoded pictures as they came, copied out of their stream, so that they can be kept for a while.

A packet of PyAV holds its container alive and belongs to the thread that reads; these records are
bytes and numbers, for any thread and any process.
"""

from dataclasses import dataclass
from fractions import Fraction
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
