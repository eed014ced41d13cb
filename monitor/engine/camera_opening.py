"""How cameras are read, by threads or by processes, which can change while all runs.

A camera that is being read goes on being read as it is: nobody's picture goes out because somebody
else's settings changed. Whatever is opened from then on, new or because it was lost, is opened the
new way, and processes that nobody reads in any more end.
"""

import logging
from collections.abc import Callable, Iterator
from threading import Event, Lock
from typing import Protocol, TypeAlias

from monitor.core.clock import Clock
from monitor.engine.reading_pool import wants_processes
from monitor.engine.site_session import Prepared
from monitor.settings import CameraSettings, SiteSettings
from monitor.video.frame import Frame, FrameSource

logger = logging.getLogger(__name__)

Opener: TypeAlias = Callable[[CameraSettings, Clock], FrameSource]


class Pool(Protocol):
    """Processes that read cameras, such as `monitor.engine.reading_pool.ReadingPool`."""

    def open_camera(self, settings: CameraSettings, clock: Clock) -> FrameSource:
        """Give the source of a camera; see `monitor.engine.sources.open_camera`."""
        ...

    def close(self) -> None:
        """End all processes, and lend nothing more."""
        ...


class CameraOpening:
    """Opens the cameras of a site and looks after `[streams]`, as a `site_session.Part`.

    `open_camera` is for any thread, `prepare` and what it gives for one, `close` for the owner.
    """

    def __init__(
        self,
        site: SiteSettings,
        *,
        in_threads: Opener,
        make_pool: Callable[[int], Pool],
        cores: int,
    ) -> None:
        """Begin with what the site wants.

        Args:
            site: The settings.
            in_threads: Opens a camera that a thread of this process reads.
            make_pool: Makes processes, each of which reads so many cameras.
            cores: Processor cores of this machine.
        """
        self._in_threads = in_threads
        self._make_pool = make_pool
        self._cores = cores
        self._lock = Lock()
        self._cameras_each = self._wanted(site)
        self._pool = None if self._cameras_each is None else make_pool(self._cameras_each)
        self._former: list[Pool] = []
        self._readers: dict[Pool, int] = {}

    @property
    def tables(self) -> frozenset[str]:
        """The tables that are looked after."""
        return frozenset({"streams"})

    @property
    def readers(self) -> int:
        """Cameras that processes are reading now."""
        with self._lock:
            return sum(self._readers.values())

    def open_camera(self, settings: CameraSettings, clock: Clock) -> FrameSource:
        """Give the source of a camera, the way of now; raises as `sources.open_camera`."""
        pool = self._pool
        if pool is None:
            return self._in_threads(settings, clock)
        return _WatchedSource(self, pool, pool.open_camera(settings, clock))

    def prepare(self, site: SiteSettings) -> Prepared:
        """Give what goes over to other settings; nothing of it can fail."""
        return Prepared(lambda: self._go_over(self._wanted(site)))

    def begin(self, pool: Pool) -> None:
        """Note that a camera is read in a pool."""
        with self._lock:
            self._readers[pool] = self._readers.get(pool, 0) + 1

    def end(self, pool: Pool) -> None:
        """Note that a camera is no longer read in a pool; ends one that nobody needs any more."""
        with self._lock:
            self._readers[pool] -= 1
        self._close_idle()

    def close(self) -> None:
        """End all processes."""
        with self._lock:
            pools = [*self._former, *([] if self._pool is None else [self._pool])]
        for pool in pools:
            pool.close()

    def _go_over(self, cameras_each: int | None) -> None:
        if cameras_each == self._cameras_each:
            return
        pool = None if cameras_each is None else self._make_pool(cameras_each)
        with self._lock:
            former, self._pool, self._cameras_each = self._pool, pool, cameras_each
            if former is not None:
                self._former.append(former)
        self._close_idle()
        how = "threads" if cameras_each is None else f"processes of {cameras_each}"
        logger.info("Cameras that are opened from now on are read in %s", how)

    def _close_idle(self) -> None:
        with self._lock:
            idle = [one for one in self._former if not self._readers.get(one)]
            self._former = [one for one in self._former if one not in idle]
        for one in idle:
            one.close()
            self._readers.pop(one, None)

    def _wanted(self, site: SiteSettings) -> int | None:
        """Give how many cameras each process shall read; None: none are wanted."""
        streams = site.streams
        is_wanted = wants_processes(streams.processes, site.camera, cores=self._cores)
        return streams.cameras_per_process if is_wanted else None


class _WatchedSource:
    """A source that says while it is being read."""

    def __init__(self, opening: CameraOpening, pool: Pool, source: FrameSource) -> None:
        self._opening = opening
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
        """Give its frames; see `FrameSource`."""
        self._opening.begin(self._pool)
        try:
            yield from self._source.frames(stop)
        finally:
            self._opening.end(self._pool)
