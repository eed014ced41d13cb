"""A thread that goes on whatever happens to one of its jobs, and says how it is doing."""

import logging
from queue import SimpleQueue
from threading import Event, current_thread

import pytest

from monitor.core.errors import StoreError
from monitor.core.worker import THREAD_PREFIX, Worker, WorkerHealth, sentence_of
from tests.rigs.clock import ManualClock
from tests.rigs.load import scaled_s
from tests.rigs.waiting import wait_until

ADDRESS = "rtsp://op:S3CRET@cam/"


def test_a_step_that_fails_is_called_again(caplog: pytest.LogCaptureFixture) -> None:
    """One bad job costs nobody the next one; what it said is told without its text."""
    done = Event()
    calls: list[str] = []

    def step(stop: Event) -> None:
        calls.append(current_thread().name)
        if len(calls) == 1:
            raise RuntimeError(ADDRESS)
        done.set()
        stop.wait(scaled_s(30))

    worker = Worker("x", step)
    worker.start()
    assert done.wait(scaled_s(10))
    health = worker.health
    has_ended = worker.stop(10)

    assert calls == [f"{THREAD_PREFIX}x"] * 2  # on one thread, which did not die
    assert health.failures == 1
    assert has_ended
    assert "crowd-x: a mistake of the program (RuntimeError)" in caplog.text
    assert "test_worker.py" in caplog.text
    assert "S3CRET" not in caplog.text + health.last_error


def test_a_kind_of_failure_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """What goes on failing is counted and does not fill the log; another kind is told."""
    caplog.set_level(logging.ERROR)
    calls: list[int] = []

    def step(stop: Event) -> None:
        calls.append(1)
        if len(calls) > 5:
            stop.set()
            raise StoreError("disk.db: the disk is full")
        raise KeyError(ADDRESS)

    worker = Worker("x", step)
    worker.start()

    assert worker.join(scaled_s(20))
    assert worker.health.failures == 6
    assert worker.health.last_error == "disk.db: the disk is full"
    assert [one.getMessage().splitlines()[0] for one in caplog.records] == [
        "crowd-x: a mistake of the program (KeyError)",
        "crowd-x: disk.db: the disk is full",
    ]


def test_it_fails_until_a_step_has_worked() -> None:
    """Health is of now: a failure shows while it lasts, and its number stays."""
    gate: SimpleQueue[bool] = SimpleQueue()

    def step(stop: Event) -> None:
        if gate.get():
            raise OSError("no")

    worker = Worker("x", step, wake=lambda: gate.put(False))
    worker.start()
    gate.put(True)
    wait_until(lambda: worker.health.is_failing, "it fails")
    failing = worker.health
    gate.put(False)
    wait_until(lambda: not worker.health.is_failing, "it works again")

    assert (failing.is_alive, failing.failures) == (True, 1)
    assert failing.last_error == "a mistake of the program (OSError)"
    assert (worker.health.last_error, worker.health.failures) == ("", 1)
    assert worker.stop(10)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_dies_is_started_again(caplog: pytest.LogCaptureFixture) -> None:
    """Even what is no ordinary exception, as an exit called deep in a library, ends nothing."""
    done = Event()
    lives: list[int | None] = []

    def step(stop: Event) -> None:
        lives.append(current_thread().ident)
        if len(lives) == 1:
            raise SystemExit(3)
        done.set()
        stop.wait(scaled_s(30))

    worker = Worker("x", step)
    worker.start()

    assert done.wait(scaled_s(10))
    assert worker.is_alive
    assert worker.health.failures == 1
    assert len(lives) == 2
    assert "crowd-x ended by mistake and was started again" in caplog.text
    assert worker.stop(10)


def test_what_is_done_stays_done(caplog: pytest.LogCaptureFixture) -> None:
    """A recording that was played to its end is not played again, and nothing is complained of."""
    worker = Worker("x", lambda stop: stop.set())
    worker.start()

    assert worker.join(scaled_s(10))
    assert worker.health == WorkerHealth(
        "crowd-x", is_alive=False, has_ended=True, last_beat_s=worker.health.last_beat_s
    )
    assert not worker.health.is_failing
    assert not [one for one in caplog.records if one.levelno >= logging.WARNING]


def test_one_that_waits_for_jobs_is_woken_to_end() -> None:
    """A queue is left empty-handed at once; what the worker holds is let go of on its thread."""
    jobs: SimpleQueue[str] = SimpleQueue()
    done: list[str] = []
    closed: list[str] = []
    worker = Worker(
        "x",
        lambda stop: done.append(jobs.get()),
        wake=lambda: jobs.put("bell"),
        finish=lambda: closed.append(current_thread().name),
    )
    worker.start()
    jobs.put("first")
    wait_until(lambda: done == ["first"], "the job is done")

    assert worker.stop(10)
    assert done == ["first", "bell"]
    assert closed == ["crowd-x"]


def test_letting_go_may_fail(caplog: pytest.LogCaptureFixture) -> None:
    """The thread ends all the same, and somebody is told."""

    def finish() -> None:
        raise OSError(ADDRESS)

    worker = Worker("x", lambda stop: stop.set(), finish=finish)
    worker.start()

    assert worker.join(scaled_s(10))
    assert worker.health.has_ended
    assert worker.health.failures == 1
    assert "OSError" in caplog.text
    assert "S3CRET" not in caplog.text


def test_stopping_gives_up_in_time() -> None:
    """A step that never returns costs the caller the limit and no more, and may end later."""
    gate = Event()
    has_begun = Event()

    def step(stop: Event) -> None:
        has_begun.set()
        gate.wait(scaled_s(30))

    worker = Worker("x", step)
    worker.start()
    assert has_begun.wait(scaled_s(10))

    assert not worker.stop(0.01)
    assert worker.is_alive
    assert not worker.health.is_failing
    gate.set()
    assert worker.join(scaled_s(10))
    assert worker.health.has_ended


def test_one_waits_for_another() -> None:
    """What uses the same camera begins only when the other has let go of it."""
    gate = Event()
    order: list[str] = []

    def first_step(stop: Event) -> None:
        gate.wait(scaled_s(30))
        order.append("first")
        stop.set()

    def second_step(stop: Event) -> None:
        order.append("second")
        stop.set()

    first = Worker("first", first_step)
    second = Worker("second", second_step, after=first)
    first.start()
    second.start()
    before = list(order)
    gate.set()

    assert second.join(scaled_s(10))
    assert (before, order) == ([], ["first", "second"])


def test_one_that_waits_for_another_can_be_stopped() -> None:
    """A camera that never lets go holds nobody else up at the end."""
    gate = Event()
    done: list[str] = []
    first = Worker("first", lambda stop: gate.wait(scaled_s(30)))
    second = Worker("second", lambda stop: done.append("second"), after=first)
    first.start()
    second.start()

    assert second.stop(10)
    assert done == []
    gate.set()
    assert first.stop(10)


def test_its_newest_beat_is_told() -> None:
    """Who looks can tell a worker that hangs from one that works."""
    clock = ManualClock(now_s=50.0)
    has_begun = Event()
    gate = Event()

    def step(stop: Event) -> None:
        has_begun.set()
        gate.wait(scaled_s(30))
        stop.set()

    worker = Worker("x", step, clock=clock)
    before = worker.health.last_beat_s
    worker.start()
    assert has_begun.wait(scaled_s(10))
    during = worker.health.last_beat_s
    clock.advance(7)
    gate.set()

    assert worker.join(scaled_s(10))
    assert (before, during, worker.health.last_beat_s) == (0.0, 50.0, 57.0)


def test_it_is_started_once() -> None:
    """Two threads would do every job twice; one that never started has ended."""
    worker = Worker("x", lambda stop: stop.wait(scaled_s(30)))
    never_started = worker.join(0)
    worker.start()

    with pytest.raises(RuntimeError, match="started once"):
        worker.start()
    assert never_started
    assert worker.stop(10)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (StoreError("history.db: the disk is full"), "history.db: the disk is full"),
        (ValueError(ADDRESS), "a mistake of the program (ValueError)"),
    ],
    ids=["ours", "foreign"],
)
def test_an_error_in_one_sentence(error: Exception, sentence: str) -> None:
    """Ours are written for people; the text of any other may hold a password."""
    assert sentence_of(error) == sentence
