"""Packets of cameras that other processes read: they come beside the frames, while wanted."""

import multiprocessing
import threading
from threading import Event

import cv2
import pytest

from monitor.core.clock import SystemClock
from monitor.engine.reading_pool import ReadingPool, RemoteSource
from monitor.engine.sources import PacketRings
from monitor.settings import CameraSettings
from monitor.video import worker
from monitor.video.open import open_source
from monitor.video.opening import Reception
from monitor.video.packets import PacketRing, RingBounds
from tests.rigs.clips import write_film
from tests.rigs.encoded import numbered_pictures

ROOM = RingBounds(seconds=1000, bytes_max=10**9)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Two seconds and a half with B-frames, a key picture every ten."""
    return write_film(tmp_path_factory.mktemp("film") / "a.mp4", numbered_pictures(60))


def packets_of(ring):
    return [
        (one.data, one.is_key, one.pts, run.format)
        for run in ring.kept().runs
        for one in run.packets
    ]


def read_there(film, ring, *, at_frame=lambda _frame: None):
    """Read a film through the real desk of a worker, on a thread of this process."""
    request = worker.Request(
        1, str(film), None, Reception(), wanted_hz=12.5, wants_packets=ring.is_open
    )
    near, far = multiprocessing.Pipe()
    desk = threading.Thread(target=worker._Desk(far).run)
    desk.start()
    for frame in RemoteSource("Gate", request, SystemClock(), ring).frames(near, Event()):
        at_frame(frame)
    near.close()
    desk.join()


def test_packets_are_those_that_the_camera_sent(film):
    """All of them, in order, though only some of the frames are handed over."""
    here, there = PacketRing(ROOM), PacketRing(ROOM)
    for _ in open_source(str(film), pace=False, clock=SystemClock(), tap=here).frames(Event()):
        pass

    read_there(film, there)

    assert packets_of(there) == packets_of(here)
    assert len(packets_of(there)) == 60


def test_packets_come_from_when_somebody_wants_them(film):
    """And none before: the site file asks for clips while the camera runs."""
    ring = PacketRing()

    def open_later(frame):
        assert frame.index > 10 or ring.kept().runs == ()
        if frame.index > 10 and not ring.is_open:
            ring.bound(ROOM)

    read_there(film, ring, at_frame=open_later)

    found = packets_of(ring)
    assert found[0][1]
    assert 0 < len(found) <= 40
    assert len(found) % 10 == 0


def test_why_a_stream_is_not_kept_comes_through(tmp_path):
    """Pictures in a folder are no packets."""
    for number, picture in enumerate(numbered_pictures(3)):
        cv2.imwrite(str(tmp_path / f"{number}.png"), picture)
    ring = PacketRing(ROOM)

    read_there(tmp_path, ring)

    assert "no encoded video" in ring.kept().why_not


@pytest.mark.slow
def test_a_process_of_its_own_leaves_the_same_packets(film):
    """Through the pool, as a site with many cameras runs."""
    here, rings = PacketRing(ROOM), PacketRings()
    rings.bound(ROOM)
    for _ in open_source(str(film), pace=False, clock=SystemClock(), tap=here).frames(Event()):
        pass
    pool = ReadingPool(1, rings)
    try:
        camera = CameraSettings(name="Gate", source=str(film), count_hz=2)
        for _ in pool.open_camera(camera, SystemClock()).frames(Event()):
            pass
    finally:
        pool.close()

    assert packets_of(rings.ring_of("Gate")) == packets_of(here)
