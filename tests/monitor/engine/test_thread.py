"""A thread that is noticed when it dies."""

import logging
from threading import Event

import pytest

from monitor.engine.thread import GuardedThread
from tests.rigs.load import scaled_s
from tests.rigs.waiting import wait_until

ADDRESS = "rtsp://op:S3CRET@cam/"


def test_a_thread_that_died_is_started_again(caplog: pytest.LogCaptureFixture) -> None:
    """The second life does the work; what killed the first is told without its text."""
    done = Event()
    lives: list[int] = []

    def body() -> None:
        lives.append(1)
        if len(lives) == 1:
            raise RuntimeError(ADDRESS)
        done.set()

    thread = GuardedThread("x", body)
    thread.start()
    wait_until(lambda: not thread.is_alive, "it has died")
    was_revived = thread.revive()

    assert was_revived
    assert done.wait(scaled_s(10))
    assert thread.restarts == 1
    assert "crowd-x ended with RuntimeError" in caplog.text
    assert "test_thread.py" in caplog.text
    assert "S3CRET" not in caplog.text
    assert thread.join(scaled_s(10))


def test_a_thread_that_is_done_stays_done(caplog: pytest.LogCaptureFixture) -> None:
    """A recording that was played to its end is not played again, and nothing is complained of."""
    thread = GuardedThread("x", lambda: None)
    before_start = thread.revive()
    thread.start()
    has_ended = thread.join(scaled_s(10))

    assert (before_start, has_ended, thread.revive(), thread.restarts) == (False, True, False, 0)
    assert not [one for one in caplog.records if one.levelno >= logging.WARNING]


def test_a_thread_that_runs_is_left_alone() -> None:
    """Looking after it disturbs nothing; joining gives up in time."""
    gate = Event()
    thread = GuardedThread("x", lambda: gate.wait(scaled_s(30)) and None)
    thread.start()

    assert (thread.is_alive, thread.revive(), thread.join(0.01)) == (True, False, False)
    gate.set()
    assert thread.join(scaled_s(10))


def test_one_waits_for_another() -> None:
    """What uses the same camera begins only when the other has let go of it."""
    gate = Event()
    order: list[str] = []
    first = GuardedThread("first", lambda: gate.wait(scaled_s(30)) and order.append("first"))
    second = GuardedThread("second", lambda: order.append("second"), after=first)
    first.start()
    second.start()
    before = list(order)
    gate.set()

    assert second.join(scaled_s(10))
    assert (before, order) == ([], ["first", "second"])


def test_one_that_never_started_has_ended() -> None:
    """There is nothing to wait for."""
    assert GuardedThread("x", lambda: None).join(0)
