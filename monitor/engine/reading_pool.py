"""Processes that read cameras, for sites with more of them than one interpreter can feed.

To the engine a camera that is read elsewhere is a source like any other, whose frames come out of
shared memory: its reader asks a process for frames and looks for it again when it is lost. A
process that dies is, to each of its cameras, a stream that was lost; the next one that asks starts
another.
"""

import logging
import multiprocessing
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Event, Lock

from monitor.core.clock import Clock
from monitor.core.errors import SourceError, UnreachableError
from monitor.engine.sources import PacketRings, password_of, reception_of
from monitor.settings import CameraSettings
from monitor.video.address import parse_address
from monitor.video.frame import Frame, FrameSource
from monitor.video.label import redact
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
    work,
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


logger = logging.getLogger(__name__)

CAMERAS_PER_WORKER = 6
"""Cameras that one process reads: four to eight fill a core at 25 frames a second."""
THREADS_UP_TO = 8
"""Cameras that threads of one interpreter still feed in time."""
CORES_FROM = 4
"""Cores from which on processes can be better than threads."""
WALL_HZ = 12.5
"""Pictures a second that a wall of so many cameras is worth; people see it as moving."""
_FRAMES_FOR_A_COUNT = 2.0  # so that the one that is counted is never an old one
_END_WITHIN_S = 0.3
"""A worker that is well ends at once: it waits for no camera."""


@dataclass(frozen=True, slots=True)
class PoolStatus:
    """How the processes are doing."""

    workers: int
    """Processes that run now."""
    deaths: int
    """Processes that ended without being asked to."""


class _Worker:
    """A process and the pipes to its desks."""

    def __init__(self, desks: int) -> None:
        context = multiprocessing.get_context("spawn")  # a fork would copy locks in mid-use
        pairs = [context.Pipe() for _ in range(desks)]
        self.pipes: list[Connection] = [near for near, _ in pairs]
        self.free = list(self.pipes)
        self.process: BaseProcess = context.Process(
            target=work, args=([far for _, far in pairs],), name="crowd-reading", daemon=True
        )
        self.process.start()
        for _, far in pairs:
            far.close()  # so that the death of the process closes the pipe

    def ask_to_end(self) -> None:
        """Let it end by itself; returns at once."""
        for pipe in self.pipes:
            pipe.close()

    def end(self, within_s: float = _END_WITHIN_S) -> None:
        """Let it end, or end it; nothing it holds outlives it."""
        self.ask_to_end()
        self.process.join(max(0.0, within_s))
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.process.close()


class ReadingPool:
    """Lends out desks in worker processes; every method is for any thread."""

    def __init__(
        self, cameras_per_worker: int = CAMERAS_PER_WORKER, rings: PacketRings | None = None
    ) -> None:
        """Prepare; no process is started before it is needed.

        Args:
            cameras_per_worker: Cameras that one process reads.
            rings: Where their video is left for alarms; None: nowhere.
        """
        self._desks = cameras_per_worker
        self._rings = rings or PacketRings()
        self._lock = Lock()
        self._workers: list[_Worker] = []
        self._sessions = 0
        self._deaths = 0
        self._is_closed = False

    @property
    def status(self) -> PoolStatus:
        """How the processes are doing."""
        with self._lock:
            return PoolStatus(len(self._workers), self._deaths)

    @property
    def process_ids(self) -> tuple[int, ...]:
        """Numbers of the processes, as the system knows them."""
        with self._lock:
            return tuple(one.process.pid for one in self._workers if one.process.pid is not None)

    def open_camera(self, settings: CameraSettings, clock: Clock) -> FrameSource:
        """Give the source of a camera, which is read in another process; nothing is connected yet.

        Args:
            settings: The camera.
            clock: Where time comes from; frames carry the times of the process that read them,
                whose monotonic clock is the same on one machine.

        Returns:
            The source.

        Raises:
            AddressError: If the address cannot be read, or its password cannot be had.
        """
        parse_address(settings.source)
        password = password_of(settings)
        ring = self._rings.ring_for(settings.name, settings.source)
        request = Request(
            session=self._next_session(),
            address=settings.source,
            password=None if password is None else password.reveal(),
            reception=reception_of(settings),
            wanted_hz=max(WALL_HZ, _FRAMES_FOR_A_COUNT * settings.count_hz),
            wants_packets=ring.is_open,
        )
        return _PooledSource(self, RemoteSource(redact(settings.source), request, clock, ring))

    def close(self) -> None:
        """End all processes, and lend nothing more; however many hang, the wait is that for one."""
        with self._lock:
            self._is_closed = True
            workers, self._workers = self._workers, []
        for worker in workers:
            worker.ask_to_end()  # all of them before the first wait
        deadline_s = time.monotonic() + _END_WITHIN_S
        for worker in workers:
            worker.end(deadline_s - time.monotonic())

    def lease(self) -> Connection:
        """Lend a desk; starts a process where all are taken.

        Returns:
            The pipe to the desk, for one thread until it is given back.

        Raises:
            DeskLostError: If the pool is closed.
        """
        with self._lock:
            if self._is_closed:
                raise DeskLostError
            worker = next((one for one in self._workers if one.free), None)
            if worker is None:
                worker = _Worker(self._desks)
                self._workers.append(worker)
            return worker.free.pop()

    def give_back(self, desk: Connection) -> None:
        """Take a desk back that still works."""
        with self._lock:
            for worker in self._workers:
                if desk in worker.pipes:
                    worker.free.append(desk)

    def discard(self, desk: Connection) -> None:
        """End the process behind a desk that does not work any more."""
        with self._lock:
            lost = [one for one in self._workers if desk in one.pipes]
            self._workers = [one for one in self._workers if one not in lost]
            self._deaths += len(lost)
        for worker in lost:
            logger.warning("A process that reads cameras ended; its cameras are opened anew")
            worker.end()

    def _next_session(self) -> int:
        with self._lock:
            self._sessions += 1
            return self._sessions


class _PooledSource:
    """A remote source that borrows its desk while it is read."""

    def __init__(self, pool: ReadingPool, source: RemoteSource) -> None:
        self._pool = pool
        self._source = source

    @property
    def label(self) -> str:
        """The address without any password."""
        return self._source.label

    @property
    def is_live(self) -> bool:
        """Whether its end is a loss."""
        return self._source.is_live

    def frames(self, stop: Event) -> Iterator[Frame]:
        """Borrow a desk and give its frames; see `FrameSource`."""
        desk: Connection | None = None
        try:
            desk = self._pool.lease()
            yield from self._source.frames(desk, stop)
        except DeskLostError:
            if desk is not None:
                self._pool.discard(desk)
                desk = None
        finally:
            if desk is not None:
                self._pool.give_back(desk)
        self._source.raise_lost(stop)


def wants_processes(choice: str, cameras: Sequence[CameraSettings], *, cores: int) -> bool:
    """Say whether a site's cameras shall be read in processes of their own.

    Args:
        choice: `always`, `never`, or `auto` for the number of cameras and cores to decide.
        cameras: The site's cameras.
        cores: Processor cores of this machine; with few of them processes only get in each
            other's way.

    Returns:
        Whether they shall.
    """
    is_worth_it = len(cameras) > THREADS_UP_TO and cores >= CORES_FROM
    return choice == "always" or (choice == "auto" and is_worth_it)
