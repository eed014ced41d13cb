"""The newest encoded pictures of a camera, so that an alarm can keep what came before it."""

from collections import deque
from dataclasses import dataclass
from threading import Lock

from monitor.video.packets import EncodedPacket, StreamFormat


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
