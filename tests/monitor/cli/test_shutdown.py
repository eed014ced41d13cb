"""Ends of a program that are clean and in time, whatever hangs."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Event
from threading import enumerate as running_threads

import pytest

from monitor.cli.serve import ENDS_WITHIN_S
from monitor.cli.shutdown import ending_at_once_on_signals, ending_within
from tests.rigs.load import scaled_s
from tests.rigs.stopping import MOMENTS, SITUATIONS, stop_once, world

UNIX_ONLY = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")


def run(code: str) -> "subprocess.CompletedProcess[str]":
    """Run a program of a few lines."""
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=False,
        text=True,
        timeout=scaled_s(120),
    )


@pytest.mark.slow
def test_a_thread_that_draws_does_not_abort_the_end() -> None:
    """OpenCV aborts a process whose interpreter is taken down under one of its threads.

    That was the abort that a person who looked at moving pictures caused at the end of a service:
    the threads that answer questions were left to Python.
    """
    done = run(
        "import threading, time, cv2, numpy as np, monitor.cli.app as cli\n"
        "image = np.zeros((1080, 1920, 3), np.uint8)\n"
        "def draw():\n"
        "    while True: cv2.imencode('.jpg', image)\n"
        "def app():\n"
        "    for _ in range(4): threading.Thread(target=draw, daemon=True).start()\n"
        "    time.sleep(0.2)\n"
        "    raise SystemExit(3)\n"
        "cli.app = app\n"
        "cli.main()\n"
    )

    assert done.returncode == 3
    assert "terminate" not in done.stderr


@pytest.mark.slow
def test_what_was_written_is_there_and_nothing_is_taken_down() -> None:
    """Streams are flushed, threads that must end have ended, and Python's own end is left out."""
    done = run(
        "import atexit, threading, time, monitor.cli.app as cli\n"
        "atexit.register(lambda: print('taken down'))\n"
        "def app():\n"
        "    threading.Thread(target=lambda: (time.sleep(0.2), print('written'))).start()\n"
        "    raise SystemExit(0)\n"
        "cli.app = app\n"
        "cli.main()\n"
    )

    assert (done.returncode, done.stdout) == (0, "written\n")


@pytest.mark.slow
def test_what_hangs_is_ended_by_force() -> None:
    """The end is asked for and the main thread never comes back: exit code 0, and it is told."""
    done = run(
        "import threading\n"
        "from monitor.cli.shutdown import ending_within\n"
        "stop = threading.Event()\n"
        "with ending_within(0.2, stop):\n"
        "    stop.set()\n"
        "    threading.Event().wait()\n"
    )

    assert done.returncode == 0
    assert "ended by force; threads: MainThread, crowd-ending" in done.stderr


def test_who_ends_in_time_is_not_forced() -> None:
    """The guard goes with the context, also where nobody asked for the end."""
    before = set(running_threads())
    stop = Event()

    with ending_within(60, stop):
        assert set(running_threads()) != before

    assert stop.is_set()
    assert set(running_threads()) == before


@UNIX_ONLY
@pytest.mark.slow
def test_a_signal_while_it_gathers_its_parts_is_a_clean_end() -> None:
    """SIGTERM ends with 0, and SIGHUP, which would kill, does nothing."""
    done = run(
        "import os, signal\n"
        "from monitor.cli.shutdown import ending_at_once_on_signals\n"
        "with ending_at_once_on_signals():\n"
        "    os.kill(os.getpid(), signal.SIGHUP)\n"
        "    print('lives')\n"
        "    import sys; sys.stdout.flush()\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "    print('too late')\n"
    )

    assert (done.returncode, done.stdout) == (0, "lives\n")


@UNIX_ONLY
def test_signals_do_afterwards_what_they_did_before() -> None:
    """The handlers are given back."""
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = [signal.getsignal(one) for one in numbers]

    with ending_at_once_on_signals():
        assert [signal.getsignal(one) for one in numbers] != before

    assert [signal.getsignal(one) for one in numbers] == before


def test_the_force_comes_before_the_promise_is_broken() -> None:
    """Five seconds are promised."""
    assert ENDS_WITHIN_S < 5


@UNIX_ONLY
@pytest.mark.slow
@pytest.mark.parametrize(
    ("situation", "moment"),
    [
        ("connecting", "loading"),
        ("connecting", "running"),
        ("streaming", "watched"),
        ("outputs hang", "stalled"),
        ("processes", "running"),
    ],
)
def test_the_service_ends_cleanly_whatever_it_is_doing(
    tmp_path: Path, situation: str, moment: str
) -> None:
    """Real cameras, viewers, brokers that hang: exit code 0, no traceback, nothing fatal.

    The time it takes is that of the machine, too; the guard's own test says what bounds it.
    """
    with world(tmp_path) as all_:
        ended = stop_once(all_, situation, moment, number=signal.SIGTERM, wait_s=0.3)

    assert ended.code == 0, ended.log
    assert "Traceback" not in ended.log
    assert "Fatal" not in ended.log


def test_the_loop_covers_what_the_test_names() -> None:
    """A name that is misspelt would test nothing."""
    assert {"connecting", "streaming", "outputs hang", "processes"} == set(SITUATIONS)
    assert {"loading", "running", "watched", "stalled"} < set(MOMENTS)
