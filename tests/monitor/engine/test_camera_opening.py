"""Cameras that go on being read while the way to read them changes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from monitor.engine.camera_opening import CameraOpening
from monitor.engine.engine import Engine
from monitor.engine.reading_pool import ReadingPool
from monitor.engine.sources import open_camera
from monitor.settings import SiteSettings
from tests.rigs.counters import FixedCounter
from tests.rigs.encoded import numbered_pictures, write_video
from tests.rigs.waiting import wait_until

WITHIN_S = 40.0
"""A process needs a second to start, and more on a machine that has other things to do."""


class Watched:
    """A running site whose way of reading can be changed."""

    def __init__(self, film: str) -> None:
        self._film = film
        self.opened: list[str] = []
        self.pools: list[ReadingPool] = []
        site = self.site("never", "A")
        self.opening = CameraOpening(
            site, in_threads=self._open, make_pool=self._make_pool, cores=8
        )
        self.engine = Engine(site.camera, FixedCounter(1), open_source=self.opening.open_camera)

    def site(self, processes: str, *names: str) -> SiteSettings:
        """A site with cameras of these names."""
        cameras = [{"name": one, "source": self._film, "count_hz": 10} for one in names]
        streams = {"processes": processes, "cameras_per_process": 2}
        return SiteSettings.model_validate({"camera": cameras, "streams": streams})

    def go_over(self, site: SiteSettings) -> None:
        """Take a site over as a reload does."""
        self.opening.prepare(site).go_over()
        self.engine.apply(site.camera)

    def received(self, name: str) -> int:
        """Count the frames that came from a camera since it was made."""
        return {one.name: one.health.frames_received for one in self.engine.snapshots()}[name]

    def goes_on(self, name: str) -> None:
        """Wait until more frames come from a camera."""
        goal = self.received(name) + 5
        wait_until(lambda: self.received(name) >= goal, f"{name} goes on", within_s=WITHIN_S)

    def _open(self, settings, clock):
        self.opened.append(settings.name)
        return open_camera(settings, clock)

    def _make_pool(self, cameras_each: int) -> ReadingPool:
        self.pools.append(ReadingPool(cameras_each))
        return self.pools[-1]


@contextmanager
def watched(folder: Path) -> Iterator[Watched]:
    """Watch one camera that a thread reads."""
    running = Watched(f"{write_video(folder / 'a.mp4', numbered_pictures(50))}?loop=1")
    running.engine.start()
    try:
        running.goes_on("A")
        yield running
    finally:
        assert running.engine.stop(20)
        running.opening.close()
        assert [one.process_ids for one in running.pools] == [()] * len(running.pools)


@pytest.mark.slow
def test_only_what_is_opened_anew_is_read_another_way(tmp_path: Path) -> None:
    """A stays in its thread, B comes in a process, C in a thread again while B stays there."""
    with watched(tmp_path) as running:
        before = running.received("A")
        running.go_over(running.site("always", "A", "B"))
        running.goes_on("B")
        running.goes_on("A")
        after = running.received("A")
        running.go_over(running.site("never", "A", "B", "C"))
        running.goes_on("C")
        running.goes_on("B")
        (pool,) = running.pools
        while_read = pool.process_ids
        running.go_over(running.site("never", "A", "C"))
        wait_until(lambda: pool.process_ids == (), "nobody needs it: it ends", within_s=WITHIN_S)
        reconnects = [one.health.reconnects for one in running.engine.snapshots()]
        running.go_over(running.site("always", "A", "C", "D"))
        running.goes_on("D")
        running.go_over(running.site("always", "A", "C"))
        idle = running.pools[-1]
        wait_until(lambda: not running.opening.readers, "D is let go of", within_s=WITHIN_S)
        while_idle = idle.process_ids
        running.go_over(running.site("never", "A", "C"))
        after_all = idle.process_ids

    assert after > before
    assert (len(while_idle), after_all) == (1, ())
    assert running.opened == ["A", "C"]
    assert len(while_read) == 1
    assert reconnects == [0, 0]


def test_the_same_way_makes_nothing_anew(tmp_path: Path) -> None:
    """Another camera in the file is no other way of reading."""
    with watched(tmp_path) as running:
        running.go_over(running.site("never", "A", "B"))
        running.go_over(running.site("auto", "A", "B"))
        running.goes_on("B")

    assert running.opened == ["A", "B"]
    assert running.pools == []


def test_a_site_that_grows_reads_the_new_ones_in_processes(tmp_path: Path) -> None:
    """Nine cameras are more than one interpreter feeds; no process starts before it is needed."""
    with watched(tmp_path) as running:
        names = [f"camera {number}" for number in range(9)]
        running.opening.prepare(running.site("auto", *names)).go_over()
        made = len(running.pools)
        running.opening.prepare(running.site("auto", *names[:8])).go_over()
        running.goes_on("A")

    assert made == 1
    assert running.pools[0].process_ids == ()
