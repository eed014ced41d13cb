"""A camera that another process reads, seen from here: frames out of shared memory."""

from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event

from monitor.core.clock import Clock
from monitor.core.errors import SourceError, UnreachableError
from monitor.video.frame import Frame
from monitor.video.opening import OPEN_TIMEOUT_S
from monitor.video.packets import PacketTap, hand_on
from monitor.video.ring import SLOTS, FrameRing, create_memory, forget_memory, unpack
from monitor.video.worker import (
    ERRORS,
    FrameCame,
    Halt,
    News,
    Over,
    PacketsCame,
    PacketsWanted,
    Request,
    RingNeeded,
    RingOffer,
)

_LOOK_EVERY_S = 0.2  # for a stop, where no frames come
_SPARE_SLOTS = 2  # the writer always finds one: beyond this, pictures are copied out
_SLACK_S = 60.0  # beyond the longest that a camera takes: a worker starts slowly on a laden machine


class DeskLostError(Exception):
    """The process at the other end is gone, or hangs. Never leaves the engine."""


class RemoteSource:
    """Asks a worker for frames; one session, read by one thread."""

    def __init__(
        self, label: str, request: Request, clock: Clock, tap: PacketTap | None = None
    ) -> None:
        """Prepare; nothing is asked yet.

        Args:
            label: The address without any password.
            request: What to ask for.
            clock: Where time comes from.
            tap: Takes the encoded pictures in, too; None: nobody does.
        """
        self._label = label
        self._request = request
        self._clock = clock
        self._tap = tap
        self._are_packets_wanted = request.wants_packets
        self._is_live = True
        self._is_over = False
        self._ring: FrameRing | None = None
        self._path: Path | None = None
        self._given = 0
        self._damaged = 0
        self._corrupt = 0
        # A worker that is busy longer than any of its time limits allows does not work at all.
        self._silent_at_most_s = 2 * OPEN_TIMEOUT_S + request.reception.read_limit_s + _SLACK_S

    @property
    def label(self) -> str:
        """The address without any password."""
        return self._label

    @property
    def is_live(self) -> bool:
        """Whether its end is a loss; known for sure when it has ended."""
        return self._is_live

    def frames(self, desk: Connection, stop: Event) -> Iterator[Frame]:
        """Give the frames of the session.

        Args:
            desk: Pipe to the worker; used by this thread alone meanwhile.
            stop: Ends the session.

        Yields:
            Frames; their pixels lie in shared memory until they are let go.

        Raises:
            DeskLostError: If the worker is gone.
            SourceError: What the worker says of the stream.
        """
        try:
            desk.send(self._request)
            heard_s = self._clock.monotonic_s()
            while not stop.is_set():
                self._look_at_tap(desk)
                if not desk.poll(_LOOK_EVERY_S):
                    if self._clock.monotonic_s() - heard_s > self._silent_at_most_s:
                        raise DeskLostError
                    continue
                heard_s = self._clock.monotonic_s()
                frame, news = self._hear(desk)
                if frame is not None:
                    yield self._frame_of(frame)
                if isinstance(news, Over):
                    self._end(news)
                    return
                if isinstance(news, RingNeeded):
                    self._give_memory(desk, news)
        except (EOFError, OSError):
            raise DeskLostError from None
        finally:
            self._let_go(desk)

    def _hear(self, desk: Connection) -> tuple[FrameCame | None, Over | RingNeeded | None]:
        """Hear all that waits: the newest frame, and what came after it, if anything."""
        newest: FrameCame | None = None
        while True:
            news: News = desk.recv()
            if isinstance(news, PacketsCame):
                if self._tap is not None and news.session == self._request.session:
                    hand_on(news.news, self._tap)
            elif news.session == self._request.session:
                if not isinstance(news, FrameCame):
                    return newest, news
                if newest is not None and self._ring is not None:
                    self._ring.release(newest.slot)
                newest = news
            if not desk.poll():
                return newest, None

    def _look_at_tap(self, desk: Connection) -> None:
        """Tell the worker where packets are wanted now that were not, or the other way round."""
        if self._tap is not None and self._tap.is_open is not self._are_packets_wanted:
            self._are_packets_wanted = self._tap.is_open
            desk.send(PacketsWanted(self._request.session, self._are_packets_wanted))

    def raise_lost(self, stop: Event) -> None:
        """Say that the worker was lost, unless the session had come to its end or was stopped.

        Args:
            stop: What ends the session.

        Raises:
            UnreachableError: If the process ended.
        """
        if not self._is_over and not stop.is_set():
            raise UnreachableError(
                f"{self._label}: lost: the process that reads it ended; another is started"
            )

    def _end(self, news: Over) -> None:
        self._is_over, self._is_live = True, news.is_live
        if news.error:
            raise ERRORS.get(news.error, SourceError)(news.message)

    def _give_memory(self, desk: Connection, news: RingNeeded) -> None:
        if news.is_held:
            self._forget()
            return
        self._path = create_memory(news.slot_bytes)
        self._ring = FrameRing(self._path, news.slot_bytes)
        desk.send(RingOffer(self._request.session, self._path, news.slot_bytes))

    def _frame_of(self, news: FrameCame) -> Frame:
        ring = self._ring
        assert ring is not None, "frames come after the memory for them"
        pixels = ring.slot(news.slot)
        holder: _Lease | None = _Lease(ring, news.slot)
        if ring.held > SLOTS - _SPARE_SLOTS:
            pixels, holder = pixels[: news.packing.size_bytes].copy(), None
        skipped = news.index - self._given
        skipped_damaged = news.damaged - self._damaged - int(news.is_damaged)
        corrupt = news.packets_corrupt - self._corrupt
        self._given, self._damaged = news.index + 1, news.damaged
        self._corrupt = news.packets_corrupt
        return Frame(
            unpack(news.packing, pixels, holder=holder),
            news.index,
            news.time_s,
            news.captured_s,
            news.truth_count,
            is_damaged=news.is_damaged,
            is_frozen=news.is_frozen,
            decoder=news.decoder,
            codec=news.codec,
            skipped=skipped,
            skipped_damaged=skipped_damaged,
            decode_s=news.decode_s,
            packets_corrupt=corrupt,
        )

    def _let_go(self, desk: Connection) -> None:
        self._forget()
        try:
            desk.send(Halt(self._request.session))
        except OSError:
            return  # the process is gone, and its session with it

    def _forget(self) -> None:
        if self._path is not None:
            forget_memory(self._path)
            self._path = None


class _Lease:
    """Keeps a slot from being written again until nobody holds its picture any more."""

    def __init__(self, ring: FrameRing, slot: int) -> None:
        self._ring = ring
        self._slot = slot

    def __del__(self) -> None:
        self._ring.release(self._slot)
