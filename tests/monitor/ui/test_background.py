"""Background tasks."""

from threading import Event, current_thread

import pytest

from monitor.core.errors import OutputError
from monitor.ui.background import BackgroundTask, BackgroundTasks
from tests.rigs.load import scaled_s
from tests.rigs.waiting import wait_until


@pytest.fixture
def errands():
    """BackgroundTasks that end with the test."""
    one = BackgroundTasks()
    one.start()
    yield one
    assert one.stop(10.0)


def collected(errands, found, wanted):
    def look():
        errands.collect()
        return len(found) >= wanted

    wait_until(look, "the errands")
    return found


def test_work_is_done_elsewhere_and_its_fruit_handed_over_here(errands):
    """The thread that waits for a disk is never the one that draws."""
    threads, found = [], []

    def work():
        threads.append(current_thread())
        return 42

    def take(fruit):
        threads.append(current_thread())
        found.append(fruit)

    errands.send("a", BackgroundTask(work, take, found.append))

    assert collected(errands, found, 1) == [42]
    assert threads[0] is not current_thread()
    assert threads[1] is current_thread()


@pytest.mark.parametrize("error", [OutputError("full disk"), OSError("gone")], ids=["ours", "os"])
def test_a_failure_is_one_sentence(errands, error):
    """And the next errand is done all the same."""
    found = []

    def fail():
        raise error

    errands.send(
        "a", BackgroundTask(fail, found.append, lambda why: found.append(f"failed: {why}"))
    )
    errands.send("b", BackgroundTask(lambda: "b", found.append, found.append))

    assert collected(errands, found, 2) == [f"failed: {error}", "b"]


def test_only_the_newest_of_a_name_counts(errands):
    """Nobody needs the past of a camera that is no longer looked at."""
    gate, found = Event(), []
    errands.send(
        "slow", BackgroundTask(lambda: gate.wait(scaled_s(30)), lambda _: None, found.append)
    )
    for number in range(3):
        errands.send(
            "plot", BackgroundTask(lambda number=number: number, found.append, found.append)
        )
    gate.set()

    assert collected(errands, found, 1) == [2]


def test_what_was_not_begun_is_dropped_at_the_end():
    """A window that closes waits for one errand, not for all."""
    gate, has_begun, found = Event(), Event(), []
    errands = BackgroundTasks()
    errands.start()

    def slow():
        has_begun.set()
        gate.wait(scaled_s(30))

    errands.send("slow", BackgroundTask(slow, lambda _: None, found.append))
    assert has_begun.wait(scaled_s(10))
    errands.send(
        "never", BackgroundTask(lambda: found.append("worked"), lambda _: None, found.append)
    )
    was_quick = errands.stop(0.0)
    gate.set()

    assert errands.stop(10.0)
    assert not was_quick
    assert found == []
