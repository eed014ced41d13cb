"""Cameras read by other processes: seen from the engine they are cameras like any other."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Event

import pytest

from monitor.core.clock import SystemClock
from monitor.core.errors import AddressError, UnauthorizedError, UnreachableError
from monitor.core.reading import Quality
from monitor.engine.engine import Engine
from monitor.engine.health import StreamState
from monitor.engine.reading_pool import PoolStatus, ReadingPool, RemoteSource, wants_processes
from monitor.settings import CameraSettings
from monitor.video import worker
from monitor.video.opening import Reception
from monitor.video.ring import SLOTS
from tests.rigs.counters import FixedCounter
from tests.rigs.encoded import numbered_pictures, read_number, write_video
from tests.rigs.rtsp import serving
from tests.rigs.sockets import unused_port
from tests.rigs.sources import ScriptedSource, gray_frame
from tests.rigs.waiting import wait_until

WITHIN_S = 40.0
"""A process needs a second to start, and more on a machine that has other things to do."""
SECRET = "S3CRET"
ROOT = Path(__file__).parents[3]


@contextmanager
def pool_of(cameras_per_worker: int) -> Iterator[ReadingPool]:
    """Make a pool that ends with the test and leaves no process and no memory."""
    before = names_in_memory()
    pool = ReadingPool(cameras_per_worker)
    try:
        yield pool
    finally:
        ids = pool.process_ids
        pool.close()
        assert [one for one in ids if Path(f"/proc/{one}").exists()] == []
        # Another program that starts a camera just now has a name there for a moment, too.
        wait_until(lambda: names_in_memory() <= before, "no memory has a name")


def names_in_memory() -> set[Path]:
    """List shared memory that still has a name."""
    return set(Path("/dev/shm").glob("crowd-*"))


@pytest.fixture
def film(tmp_path: Path) -> str:
    """Fifty numbered pictures that are played for ever."""
    return f"{write_video(tmp_path / 'a.mp4', numbered_pictures(50))}?loop=1"


def camera(source: str, name: str = "Gate", **more: object) -> CameraSettings:
    """Set up a camera."""
    return CameraSettings.model_validate({"name": name, "source": source, "count_hz": 10} | more)


@pytest.mark.slow
def test_frames_are_those_of_the_camera(film: str) -> None:
    """Picture, number and time of every frame, in order, as without a process between."""
    stop = Event()
    with pool_of(1) as pool:
        seen = []
        for frame in pool.open_camera(camera(film), SystemClock()).frames(stop):
            seen.append((frame.index, read_number(frame.picture.to_rgb()), frame.time_s))
            if len(seen) == 10:
                stop.set()

    indexes = [index for index, _, _ in seen]
    assert indexes == sorted(set(indexes))
    assert [number for _, number, _ in seen] == [index % 50 for index in indexes]
    assert [at_s for _, _, at_s in seen] == pytest.approx([index / 25 for index in indexes])


@pytest.mark.slow
def test_frames_that_nobody_wants_stay_where_they_are(film: str) -> None:
    """At one count a second half of the frames is enough for the eye; all of them are told."""
    stop = Event()
    seen = []
    with pool_of(1) as pool:
        for frame in pool.open_camera(camera(film, count_hz=1), SystemClock()).frames(stop):
            seen.append(frame)
            if len(seen) == 12:
                stop.set()

    assert sum(1 + one.skipped for one in seen) == seen[-1].index + 1
    assert sum(one.skipped for one in seen) >= 8
    assert sum(one.skipped_damaged for one in seen) == 0


def test_damage_in_a_frame_that_stays_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real desk and the real other end; one frame in three is wanted, two are damaged."""
    frames = [
        replace(
            gray_frame(number), index=number, captured_s=number / 30, is_damaged=number in {1, 3}
        )
        for number in range(7)
    ]
    source = ScriptedSource(frames, is_live=False)
    monkeypatch.setattr(worker, "open_source", lambda *_arguments, **_settings: source)
    request = worker.Request(1, "webcam:0", None, Reception(), wanted_hz=10)
    near, far = multiprocessing.Pipe()
    desk = threading.Thread(target=worker._Desk(far).run)
    desk.start()

    seen = list(RemoteSource("Gate", request, SystemClock()).frames(near, Event()))
    near.close()
    desk.join()

    assert [(one.index, one.skipped) for one in seen][-1][0] == 6
    assert sum(1 + one.skipped for one in seen) == 7
    assert sum(one.skipped_damaged + one.is_damaged for one in seen) == 2


@pytest.mark.slow
def test_who_keeps_pictures_stops_nobody(film: str) -> None:
    """Far more pictures are kept than there are slots: none of them ever changes."""
    stop = Event()
    kept = []
    with pool_of(1) as pool:
        for frame in pool.open_camera(camera(film), SystemClock()).frames(stop):
            kept.append(frame)
            if len(kept) == 3 * SLOTS:
                stop.set()

    assert [read_number(one.picture.to_rgb()) for one in kept] == [one.index % 50 for one in kept]


@pytest.mark.slow
def test_a_killed_process_is_replaced_and_told(film: str) -> None:
    """Its cameras are lost and come back; those of the other process notice nothing."""
    with pool_of(2) as pool:
        cameras = [camera(film, name) for name in ("A", "B", "C")]
        engine = Engine(cameras, FixedCounter(5), open_source=pool.open_camera)
        engine.start()
        try:
            wait_until(
                lambda: all(one.quality is Quality.GOOD for one in engine.snapshots()),
                "all are counted",
                within_s=WITHIN_S,
            )
            told: set[str] = set()
            os.kill(pool.process_ids[0], signal.SIGKILL)

            def are_all_back() -> bool:
                shown = engine.snapshots()
                told.update(one.health.message for one in shown)
                return sum(one.health.reconnects for one in shown) >= 2 and all(
                    one.health.state is StreamState.LIVE for one in shown
                )

            wait_until(are_all_back, "all are back", within_s=WITHIN_S)
            after = pool.status
            reconnects = sorted(one.health.reconnects for one in engine.snapshots())
        finally:
            assert engine.stop(WITHIN_S)

    assert after == PoolStatus(workers=2, deaths=1)
    assert reconnects == [0, 1, 1]
    assert any("the process that reads it ended" in message for message in told)


@pytest.mark.slow
def test_a_killed_program_leaves_nothing(tmp_path: Path) -> None:
    """Kill -9 of the program itself: its worker ends by itself, and no memory has a name."""
    film = write_video(tmp_path / "a.mp4", numbered_pictures(50))
    before = names_in_memory()
    command = [sys.executable, "-m", "tests.rigs.pool_program", str(film)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as program:
        assert program.stdout is not None
        line = program.stdout.readline().strip()
        assert line.isdecimal(), "it reads a camera"
        worker = Path("/proc") / line
        was_there = worker.exists()
        program.kill()
    wait_until(lambda: not worker.exists(), "the worker has ended", within_s=WITHIN_S)

    wait_until(lambda: names_in_memory() <= before, "no memory has a name")

    assert was_there


@pytest.mark.slow
def test_processes_that_hang_are_waited_for_together(
    film: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two are stopped in their tracks: both go, and the waits add up to no more than one."""
    waits: list[float] = []
    join = BaseProcess.join

    def note(self: BaseProcess, timeout: float | None = None) -> None:
        waits.extend([] if timeout is None else [timeout])
        join(self, timeout)

    with pool_of(1) as pool:
        open_camera = pool.open_camera
        streams = [open_camera(camera(film, name), SystemClock()).frames(Event()) for name in "AB"]
        for frames in streams:
            next(frames)
        for one in pool.process_ids:
            os.kill(one, signal.SIGSTOP)
        monkeypatch.setattr(BaseProcess, "join", note)
        pool.close()

    first, *others = waits
    assert sum(others) < first / 2


@pytest.mark.slow
def test_ctrl_c_does_not_end_a_worker(film: str) -> None:
    """It reaches every process of the terminal, and only the program itself may act on it."""
    stop = Event()
    with pool_of(1) as pool:
        frames = pool.open_camera(camera(film), SystemClock()).frames(stop)
        first = next(frames)
        os.kill(pool.process_ids[0], signal.SIGINT)
        later = [next(frames) for _ in range(3)]
        status = pool.status
        stop.set()
        assert list(frames) == []

    assert later[-1].index > first.index
    assert status == PoolStatus(workers=1, deaths=0)


@pytest.mark.slow
def test_failures_keep_their_kind_and_hold_no_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong password is told apart from a camera that is not there, as without a process."""
    monkeypatch.setenv("GATE", f"{SECRET}-wrong")
    clock, stop = SystemClock(), Event()
    with (
        pool_of(2) as pool,
        serving(tmp_path, numbered_pictures(10), user="op", password="right") as server,
    ):
        refused = pool.open_camera(camera(server.url(user="op"), password_env="GATE"), clock)
        nobody = pool.open_camera(camera(f"rtsp://op:{SECRET}@127.0.0.1:{unused_port()}/x"), clock)
        with pytest.raises(UnauthorizedError) as wrong:
            next(iter(refused.frames(stop)))
        with pytest.raises(UnreachableError, match="nothing listens") as away:
            next(iter(nobody.frames(stop)))
        status = pool.status

    assert SECRET not in f"{wrong.value!r} {away.value!r} {refused.label} {nobody.label}"
    assert status == PoolStatus(workers=1, deaths=0)


def test_a_wrong_address_needs_no_process() -> None:
    """It is told where it is opened."""
    with pool_of(1) as pool, pytest.raises(AddressError):
        pool.open_camera(camera("rtps://cam/live"), SystemClock())


def test_a_closed_pool_lends_nothing() -> None:
    """A reader that comes late is told that its stream is lost."""
    pool = ReadingPool(1)
    pool.close()
    source = pool.open_camera(camera("synthetic:plaza?people=3"), SystemClock())

    with pytest.raises(UnreachableError, match="process"):
        next(iter(source.frames(Event())))

    assert pool.status == PoolStatus(0, 0)


@pytest.mark.parametrize(
    ("choice", "cameras", "cores", "are_wanted"),
    [
        ("auto", 8, 64, False),
        ("auto", 9, 4, True),
        ("auto", 9, 3, False),
        ("never", 99, 64, False),
        ("always", 1, 1, True),
    ],
)
def test_many_cameras_want_processes(
    choice: str, cameras: int, cores: int, are_wanted: bool
) -> None:
    """Where there are cores for them, unless somebody says otherwise."""
    site = [camera("synthetic:plaza?people=1", str(number)) for number in range(cameras)]

    assert wants_processes(choice, site, cores=cores) == are_wanted
