"""Background tasks."""

from contextlib import suppress
from threading import Event, current_thread

import pytest

from monitor.core.errors import OutputError
from monitor.ui.background import BackgroundTask, BackgroundTasks
from tests.rigs.load import scaled_s
from tests.rigs.waiting import wait_until


@pytest.fixture
def tasks():
    """BackgroundTasks that end with the test."""
    one = BackgroundTasks()
    one.start()
    yield one
    assert one.stop(10.0)


def collected(tasks, found, wanted):
    def look():
        tasks.collect()
        return len(found) >= wanted

    wait_until(look, "the tasks")
    return found


def test_work_is_done_elsewhere_and_its_fruit_handed_over_here(tasks):
    """The thread that waits for a disk is never the one that draws."""
    threads, found = [], []

    def work():
        threads.append(current_thread())
        return 42

    def take(fruit):
        threads.append(current_thread())
        found.append(fruit)

    tasks.send("a", BackgroundTask(work, take, found.append))

    assert collected(tasks, found, 1) == [42]
    assert threads[0] is not current_thread()
    assert threads[1] is current_thread()


@pytest.mark.parametrize("error", [OutputError("full disk"), OSError("gone")], ids=["ours", "os"])
def test_a_failure_is_one_sentence(tasks, error):
    """And the next task is done all the same."""
    found = []

    def fail():
        raise error

    tasks.send("a", BackgroundTask(fail, found.append, lambda why: found.append(f"failed: {why}")))
    tasks.send("b", BackgroundTask(lambda: "b", found.append, found.append))

    assert collected(tasks, found, 2) == [f"failed: {error}", "b"]


def test_only_the_newest_of_a_name_counts(tasks):
    """Nobody needs the past of a camera that is no longer looked at."""
    gate, found = Event(), []
    tasks.send(
        "slow", BackgroundTask(lambda: gate.wait(scaled_s(30)), lambda _: None, found.append)
    )
    for number in range(3):
        tasks.send("plot", BackgroundTask(lambda number=number: number, found.append, found.append))
    gate.set()

    assert collected(tasks, found, 1) == [2]


def test_what_was_not_begun_is_dropped_at_the_end():
    """A window that closes waits for one errand, not for all."""
    gate, has_begun, found = Event(), Event(), []
    tasks = BackgroundTasks()
    tasks.start()

    def slow():
        has_begun.set()
        gate.wait(scaled_s(30))

    tasks.send("slow", BackgroundTask(slow, lambda _: None, found.append))
    assert has_begun.wait(scaled_s(10))
    tasks.send(
        "never", BackgroundTask(lambda: found.append("worked"), lambda _: None, found.append)
    )
    was_quick = tasks.stop(0.0)
    gate.set()

    assert tasks.stop(10.0)
    assert not was_quick
    assert found == []


def test_what_nobody_expected_is_told_too_and_the_next_task_is_done(tasks, caplog):
    """A task that raises anything at all must not end the thread without a word."""
    address, found = "rtsp://guard:hunter22@10.0.0.7/", []

    def fail():
        raise OverflowError(address)

    tasks.send("a", BackgroundTask(fail, found.append, lambda why: found.append(f"failed: {why}")))
    tasks.send("b", BackgroundTask(lambda: "b", found.append, found.append))

    assert collected(tasks, found, 2) == ["failed: a mistake of the program (OverflowError)", "b"]
    assert tasks.health.failures == 1
    assert "hunter22" not in caplog.text


def test_a_fruit_that_cannot_be_taken_loses_no_other(tasks):
    """One that raises is the caller's fault; the rest are handed over the next time."""
    found = []

    def refuse(_):
        raise ValueError("no")

    gate = Event()
    tasks.send("slow", BackgroundTask(lambda: gate.wait(30), lambda _: None, found.append))
    tasks.send("a", BackgroundTask(lambda: 1, refuse, found.append))
    tasks.send("b", BackgroundTask(lambda: 2, found.append, found.append))
    gate.set()

    def look():
        with suppress(ValueError):
            tasks.collect()
        return bool(found)

    wait_until(look, "the second fruit")
    assert found == [2]
