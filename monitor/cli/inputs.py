"""From what was named on the command line to frames that can be counted."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

from monitor.core.clock import Clock
from monitor.core.errors import MonitorError, UnreachableError
from monitor.core.secret import Secret
from monitor.engine.mailbox import Mailbox
from monitor.video.address import (
    FileAddress,
    NetworkAddress,
    PicturesAddress,
    WebcamAddress,
    parse_address,
)
from monitor.video.frame import Frame, FrameSource
from monitor.video.open import open_source
from monitor.video.pictures import ArrayPicture, list_pictures, read_picture

_BELL_S = 0.5


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to count: a picture, a video, or a stream."""

    label: str
    """What it is called in results; without a password."""
    picture: Path | None
    """The picture; None for a video or a stream."""
    address: str
    """What was named; may hold a password and is never shown."""
    is_endless: bool = False
    """Whether it never ends by itself."""
    is_live: bool = False
    """Whether pictures come whether or not they are counted."""


def plan_jobs(inputs: Sequence[str]) -> tuple[list[Job], list[MonitorError]]:
    """Find out what there is to count.

    Args:
        inputs: Addresses as a person wrote them.

    Returns:
        A job for every picture, video and stream in the order named, and what cannot be used.
    """
    jobs: list[Job] = []
    faults: list[MonitorError] = []
    for text in inputs:
        try:
            jobs += _jobs_of(text)
        except MonitorError as error:
            faults.append(error)
    return jobs, faults


def _jobs_of(text: str) -> list[Job]:
    address = parse_address(text)
    if isinstance(address, PicturesAddress):
        return [Job(str(path), path, text) for path in list_pictures(address.place)]
    if isinstance(address, FileAddress):
        return [Job(address.label, None, text, is_endless=address.is_looped)]
    is_live = isinstance(address, NetworkAddress | WebcamAddress)
    return [Job(address.label, None, text, is_endless=True, is_live=is_live)]


def frames_of(job: Job, stop: Event, *, password: Secret | None, clock: Clock) -> Generator[Frame]:
    """Give the frames of a job; a live stream is read beside, so that its newest one is given.

    Args:
        job: What to read.
        stop: Ends it.
        password: Password for a stream; None: it needs none.
        clock: What stamps frames.

    Yields:
        Frames in order; of a live stream not all of them.

    Raises:
        SourceError: If it cannot be opened or breaks.
    """
    if job.picture is not None:
        image = read_picture(job.picture)
        yield Frame(ArrayPicture(image), 0, 0.0, clock.monotonic_s())
        return
    source = open_source(job.address, pace=False, password=password, clock=clock)
    if job.is_live:
        yield from _newest_frames(source, stop, clock)
    else:
        yield from source.frames(stop)


def _newest_frames(source: FrameSource, stop: Event, clock: Clock) -> Generator[Frame]:
    """Read a stream on a thread of its own and give whatever is newest when asked."""
    bell, has_ended, stop_reading = Event(), Event(), Event()
    mailbox: Mailbox[Frame] = Mailbox(bell)
    faults: list[MonitorError] = []

    def read() -> None:
        try:
            for frame in source.frames(stop_reading):
                mailbox.put(frame, now_s=clock.monotonic_s())
        except MonitorError as error:
            faults.append(error)
        finally:
            has_ended.set()
            bell.set()

    reader = Thread(target=read, name="crowd-count-reader", daemon=True)
    reader.start()
    try:
        while not stop.is_set():
            bell.wait(_BELL_S)
            bell.clear()
            frame = mailbox.take()
            if frame is not None:
                yield frame
            elif has_ended.is_set():
                break
    finally:
        stop_reading.set()
        reader.join()
    if faults:
        raise faults[0]
    if not stop.is_set():
        raise UnreachableError(f"{source.label}: the stream ended")
