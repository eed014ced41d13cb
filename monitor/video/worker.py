"""The body of a process that reads cameras for another, so that one interpreter is not too slow.

Each camera has a pipe of its own, on which the other process asks for a source and is told of its
frames; the pixels go through shared memory. This process decides nothing: what to do about a lost
camera, and when, is decided where the request came from.

A rate limiter picks the frames that are handed over. Every frame is decoded and judged, because
each builds on those before it and damage in any of them harms those after. But a wall of many
cameras is not looked at 25 times a second, and handing a picture to another process costs both of
them.
"""

import math
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Empty, Queue
from threading import Event, Thread
from typing import TypeAlias

import numpy as np

from monitor.core.clock import SystemClock
from monitor.core.errors import (
    AddressError,
    NotAStreamError,
    SourceError,
    StreamEndedError,
    StreamSilentError,
    UnauthorizedError,
    UndecodableError,
    UnreachableError,
)
from monitor.core.secret import Secret
from monitor.video.frame import Frame
from monitor.video.open import open_source
from monitor.video.opening import Reception
from monitor.video.packets import PacketBacklog, PacketNews
from monitor.video.ring import FrameRing, Packing, pack


class Sieve:
    """Lets so many frames a second through, evenly. Used by one thread."""

    def __init__(self, rate_hz: float) -> None:
        """Begin; the first frame passes.

        Args:
            rate_hz: Frames a second at most; more than 0.
        """
        self._period_s = 1 / rate_hz
        self._due_s: float | None = None

    def passes(self, captured_s: float) -> bool:
        """Say whether a frame is due.

        A frame that comes early is not, but the beat stays: on average the rate is kept. After a
        pause the beat begins anew, so that nothing is made up for.

        Args:
            captured_s: Monotonic clock when it arrived; never less than before.

        Returns:
            Whether it is to be handed over.
        """
        due_s = self._due_s
        if due_s is not None and captured_s < due_s:
            return False
        has_paused = due_s is None or captured_s - due_s >= self._period_s
        self._due_s = (captured_s if has_paused or due_s is None else due_s) + self._period_s
        return True


ERRORS: dict[str, type[SourceError]] = {
    kind.__name__: kind
    for kind in (
        SourceError,
        AddressError,
        UnauthorizedError,
        UnreachableError,
        StreamEndedError,
        StreamSilentError,
        UndecodableError,
        NotAStreamError,
    )
}
"""What can be told of a failure: its kind by name, so that nothing else travels."""

_BACKLOG_BYTES_MAX = 32 << 20
"""Encoded pictures that may wait while no frame can be handed over."""
_RING_WITHIN_S = 5.0  # the other process answers at once, or is gone
_SWITCH_INTERVAL_S = 0.0005  # demuxing takes the interpreter's lock back for every packet


@dataclass(frozen=True, slots=True)
class Request:
    """Asks for a source; frames follow until it ends or another request comes."""

    session: int
    """Number of the request, which every answer carries."""
    address: str = field(repr=False)
    password: str | None = field(repr=False)
    reception: Reception
    wanted_hz: float = math.inf
    """Frames a second that are handed over at most; all are decoded and judged."""
    wants_packets: bool = False
    """Whether the encoded pictures are handed over, too."""


@dataclass(frozen=True, slots=True)
class Halt:
    """Asks for an end of a session."""

    session: int


@dataclass(frozen=True, slots=True)
class PacketsWanted:
    """Says whether the encoded pictures are handed over from now on, too."""

    session: int
    are_wanted: bool


@dataclass(frozen=True, slots=True)
class RingOffer:
    """Gives the memory that was asked for."""

    session: int
    path: Path
    slot_bytes: int


@dataclass(frozen=True, slots=True)
class RingNeeded:
    """Asks for memory with slots of this size, and later says that it is held."""

    session: int
    slot_bytes: int
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class FrameCame:
    """A frame lies in a slot."""

    session: int
    slot: int
    packing: Packing
    index: int
    time_s: float
    captured_s: float
    is_damaged: bool
    is_frozen: bool
    decoder: str
    codec: str
    truth_count: float | None
    damaged: int
    """Frames of the session that were damaged, up to and with this one, handed over or not."""
    decode_s: float = 0.0
    """Seconds that decoding this one took."""
    packets_corrupt: int = 0
    """Packets of the session that could not be used, until this one."""


@dataclass(frozen=True, slots=True)
class PacketsCame:
    """Brings the encoded pictures of the frames that follow and of some before."""

    session: int
    news: tuple[PacketNews, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Over:
    """The session has ended."""

    session: int
    is_live: bool
    error: str = ""
    """Name of the kind of failure, one of `ERRORS`; empty: it ended without one."""
    message: str = ""


Order: TypeAlias = Request | Halt | RingOffer | PacketsWanted
News: TypeAlias = RingNeeded | FrameCame | PacketsCame | Over


def work(pipes: Sequence[Connection]) -> None:
    """Read cameras until every pipe is closed; the body of a process."""
    # Ctrl-C reaches every process of a terminal; when to end is decided at the other end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    desks = [Thread(target=_Desk(pipe).run, name=f"desk-{n}") for n, pipe in enumerate(pipes)]
    for desk in desks:
        desk.start()
    for desk in desks:
        desk.join()
    # Readers may hang in a camera that says nothing; the system closes what they hold.
    os._exit(0)


class _Desk:
    """One camera's pipe: takes orders on its own thread, reads on another."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._stop = Event()
        self._offers: Queue[RingOffer] = Queue()
        self._reading: Thread | None = None
        self._backlog = PacketBacklog(_BACKLOG_BYTES_MAX, is_open=False)

    def run(self) -> None:
        """Take orders until the other end is gone."""
        while True:
            try:
                order = self._pipe.recv()
            except (EOFError, OSError):
                self._stop.set()
                return
            if isinstance(order, RingOffer):
                self._offers.put(order)
            elif isinstance(order, Request):
                self._begin(order)
            elif isinstance(order, PacketsWanted):
                self._backlog.is_open = order.are_wanted
            else:
                self._stop.set()

    def _begin(self, request: Request) -> None:
        self._stop.set()  # a former session may still hang in its camera
        self._stop = stop = Event()
        former = self._reading
        self._backlog = PacketBacklog(_BACKLOG_BYTES_MAX, is_open=request.wants_packets)
        arguments = (request, stop, former, self._backlog)
        self._reading = Thread(target=self._read, args=arguments, daemon=True)
        self._reading.start()

    def _read(
        self, request: Request, stop: Event, former: Thread | None, backlog: PacketBacklog
    ) -> None:
        if former is not None:
            former.join()
        try:
            over = self._play(request, stop, backlog)
            self._send_packets(request, backlog)
            self._pipe.send(over)
        except (OSError, ValueError):
            return  # the other end is gone, and with it whoever wanted to know

    def _send_packets(self, request: Request, backlog: PacketBacklog) -> None:
        if news := backlog.take():
            self._pipe.send(PacketsCame(request.session, news))

    def _play(self, request: Request, stop: Event, backlog: PacketBacklog) -> Over:
        is_live = True
        try:
            source = open_source(
                request.address,
                pace=True,
                password=None if request.password is None else Secret(request.password),
                clock=SystemClock(),
                reception=request.reception,
                tap=backlog,
            )
            ring: FrameRing | None = None
            sieve, damaged, corrupt = Sieve(request.wanted_hz), 0, 0
            for frame in source.frames(stop):
                is_live = source.is_live
                damaged += int(frame.is_damaged)
                corrupt += frame.packets_corrupt
                if sieve.passes(frame.captured_s):
                    self._send_packets(request, backlog)
                    so_far = replace(frame, skipped_damaged=damaged, packets_corrupt=corrupt)
                    ring = self._hand_over(request, so_far, ring, stop)
                if stop.is_set():
                    break
            is_live = source.is_live
        except SourceError as error:
            return Over(request.session, is_live, type(error).__name__, str(error))
        except Exception as error:  # noqa: BLE001 - a broken source must not end its worker
            # Its text may hold an address with a password, so only its kind is told.
            message = f"Reading the stream failed unexpectedly ({type(error).__name__})."
            return Over(request.session, is_live, SourceError.__name__, message)
        return Over(request.session, is_live)

    def _hand_over(
        self, request: Request, frame: Frame, ring: FrameRing | None, stop: Event
    ) -> FrameRing | None:
        """Hand a frame over, which counts damage from the beginning of the session."""
        packing, pixels = pack(frame.picture)
        if ring is None or ring.slot_bytes < packing.size_bytes:
            ring = self._ask_for_ring(request, packing.size_bytes, stop)
        slot = None if ring is None else ring.take()
        if ring is None or slot is None:
            return ring
        np.copyto(ring.slot(slot)[: packing.size_bytes], pixels.reshape(-1))
        self._pipe.send(
            FrameCame(
                request.session,
                slot,
                packing,
                frame.index,
                frame.time_s,
                frame.captured_s,
                frame.is_damaged,
                frame.is_frozen,
                frame.decoder,
                frame.codec,
                frame.truth_count,
                frame.skipped_damaged,
                frame.decode_s,
                frame.packets_corrupt,
            )
        )
        return ring

    def _ask_for_ring(self, request: Request, slot_bytes: int, stop: Event) -> FrameRing | None:
        self._pipe.send(RingNeeded(request.session, slot_bytes))
        while not stop.is_set():
            try:
                offer = self._offers.get(timeout=_RING_WITHIN_S)
            except Empty:
                raise UnreachableError("No memory was given for the pictures.") from None
            if offer.session == request.session and offer.slot_bytes >= slot_bytes:
                ring = FrameRing(offer.path, offer.slot_bytes)
                self._pipe.send(RingNeeded(request.session, offer.slot_bytes, is_held=True))
                return ring
        return None
