"""The outbox: nothing is lost that need not be, nobody waits, and trouble is seen."""

import contextlib
from threading import Event, Lock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.errors import OutputError
from monitor.outputs.outbox import BATCH_MAX, Outbox, Pace
from tests.rigs.load import scaled_s

SOON = Pace(flush_s=0.001, retry_s=0.001)
NEVER_BY_TIME = Pace(flush_s=600.0, retry_s=600.0)
LIMIT_S = 20.0


class Disk:
    """Something to write to, which the test can fill up, free, and hold back."""

    def __init__(self):
        self.entries = []
        self.batches = []
        self.is_full = False
        self.is_free = Event()
        self.is_free.set()
        self.is_closed = Event()
        self.has_written = Event()
        self.has_failed = Event()
        self.is_in_write = Event()
        self.lock = Lock()

    def write(self, batch):
        """Take a batch, or fail as a full disk does."""
        self.is_in_write.set()
        self.is_free.wait(scaled_s(LIMIT_S))
        if self.is_full:
            self.has_failed.set()
            raise OutputError("the disk is full")
        with self.lock:
            self.entries.extend(batch)
            self.batches.append(len(batch))
        self.has_written.set()


@contextlib.contextmanager
def running(disk, **how):
    """An outbox that is ended with the test."""
    outbox = Outbox("disk", disk.write, close=disk.is_closed.set, **how)
    outbox.start()
    try:
        yield outbox
    finally:
        disk.is_free.set()
        assert outbox.stop(LIMIT_S)


def wait_until(claim, wake):
    """Wait until a claim holds; `wake` is set whenever it may have begun to."""
    for _ in range(10_000):
        if claim():
            return
        wake.wait(scaled_s(LIMIT_S))
        wake.clear()
    raise AssertionError("waited in vain")


@settings(deadline=None, max_examples=20)
@given(st.lists(st.integers(), max_size=1500))
def test_everything_is_written_once_in_order(items):
    """What goes in comes out, whatever the batches."""
    disk = Disk()

    with running(disk, pace=SOON) as outbox:
        for item in items:
            outbox.put(item)

    assert disk.entries == items
    assert max(disk.batches, default=0) <= BATCH_MAX
    assert (outbox.health.written, outbox.health.waiting, outbox.health.lost) == (len(items), 0, 0)


def test_a_full_batch_is_written_before_its_time():
    """Many readings at once do not wait for the clock."""
    disk = Disk()

    with running(disk, pace=NEVER_BY_TIME) as outbox:
        for item in range(BATCH_MAX):
            outbox.put(item)
        assert disk.has_written.wait(scaled_s(LIMIT_S))

    assert disk.batches == [BATCH_MAX]


def test_stopping_writes_what_waits_and_closes():
    """The last second before the end is kept."""
    disk = Disk()

    with running(disk, pace=NEVER_BY_TIME) as outbox:
        outbox.put("last")

    assert disk.entries == ["last"]
    assert disk.is_closed.is_set()


def test_failure_is_shown_and_then_everything_is_written():
    """A full disk that is freed has cost nothing but time."""
    disk = Disk()
    disk.is_full = True

    with running(disk, pace=SOON) as outbox:
        for item in range(10):
            outbox.put(item)
        wait_until(lambda: outbox.health.is_failing, disk.has_failed)
        failing = outbox.health
        disk.is_full = False
        wait_until(lambda: outbox.health.written == 10, disk.has_written)
        recovered = outbox.health

    assert (failing.message, failing.written, failing.lost) == ("the disk is full", 0, 0)
    assert (recovered.is_failing, recovered.message, recovered.waiting) == (False, "", 0)
    assert disk.entries == list(range(10))


def test_the_oldest_are_lost_where_too_many_wait():
    """Memory is bounded, the newest survive, and the loss is counted."""
    disk = Disk()
    disk.is_full = True

    with running(disk, pace=SOON, waiting_max=100) as outbox:
        outbox.put(-1)
        wait_until(lambda: outbox.health.is_failing, disk.has_failed)
        for item in range(250):
            outbox.put(item)
        disk.is_full = False
        wait_until(lambda: outbox.health.written >= 100, disk.has_written)

    assert disk.entries == list(range(150, 250))
    assert outbox.health.lost == 151


def test_overflow_during_a_slow_write_that_fails_stays_bounded():
    """What comes back from a failed write takes no room from what is newer."""
    disk = Disk()
    disk.is_free.clear()
    disk.is_full = True

    with running(disk, pace=SOON, waiting_max=50) as outbox:
        for item in range(50):
            outbox.put(item)
        assert disk.is_in_write.wait(scaled_s(LIMIT_S))
        for item in range(50, 90):
            outbox.put(item)
        disk.is_free.set()
        wait_until(lambda: outbox.health.is_failing, disk.has_failed)
        assert outbox.health.waiting == 50
        disk.is_full = False

    assert disk.entries == list(range(40, 90))
    assert (outbox.health.lost, outbox.health.written) == (40, 50)


def test_ordinary_items_never_push_out_precious_ones():
    """An alarm outlives any number of readings, and is written first."""
    disk = Disk()
    disk.is_full = True

    with running(disk, pace=SOON, waiting_max=10) as outbox:
        outbox.put("alarm", is_precious=True)
        for item in range(1000):
            outbox.put(item)
        wait_until(lambda: outbox.health.is_failing, disk.has_failed)
        disk.is_full = False

    assert disk.entries == ["alarm", *range(990, 1000)]


def test_putting_never_waits_for_a_write_that_hangs():
    """A disk that does not answer holds up nobody who counts."""
    disk = Disk()
    disk.is_free.clear()

    with running(disk, pace=SOON) as outbox:
        outbox.put(0)
        assert disk.is_in_write.wait(scaled_s(LIMIT_S))
        for item in range(1, 101):
            outbox.put(item)  # would never come back
        assert outbox.health.waiting == 101
        assert not outbox.stop(0.0)

    assert disk.entries == list(range(101))


def test_what_is_left_at_the_end_counts_as_lost():
    """A program that ends with a full disk says how much it could not keep."""
    disk = Disk()
    disk.is_full = True

    with running(disk, pace=SOON) as outbox:
        outbox.put(1)
        outbox.put(2)

    assert (outbox.health.lost, outbox.health.waiting) == (2, 0)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_mistake_in_the_writer_is_seen():
    """A thread that died of a mistake is a failure, not silence."""

    def write(_batch):
        raise TypeError("a mistake")

    closed = Event()
    outbox = Outbox("disk", write, close=closed.set, pace=SOON)
    outbox.start()
    outbox.put(1)
    assert closed.wait(scaled_s(LIMIT_S))
    outbox._thread.join(scaled_s(LIMIT_S))

    assert outbox.health.is_failing
    assert "mistake" in outbox.health.message


def test_stopping_what_never_started_is_no_error():
    """A program that fails while it starts can still clean up."""
    assert Outbox("disk", lambda _: None, close=lambda: None).stop(0.0)


@pytest.mark.parametrize(
    ("failures", "pause_s"), [(1, 5.0), (2, 10.0), (3, 20.0), (4, 30.0), (100_000, 30.0)]
)
def test_pauses_grow_to_a_limit(failures, pause_s):
    """Twice as long each time, but never longer than half a minute."""
    assert Pace().pause_s(failures) == pause_s


def test_items_can_be_written_one_by_one():
    """Where each write stands for itself, a failure holds up no other."""
    disk = Disk()

    with running(disk, pace=SOON, batch_max=1) as outbox:
        for item in range(5):
            outbox.put(item)

    assert disk.batches == [1] * 5


def test_what_a_full_disk_could_not_take_is_handed_over():
    """In the order in which it came, precious things first, and nothing is counted as lost."""
    disk = Disk()
    disk.is_full = True
    with running(disk, pace=SOON) as outbox:
        outbox.put(1)
        assert disk.has_failed.wait(scaled_s(LIMIT_S))
        outbox.put(2)
        outbox.put("alarm", is_precious=True)
        left = outbox.hand_over(LIMIT_S)

    assert left == [("alarm", True), (1, False), (2, False)]
    assert (outbox.health.lost, outbox.health.waiting) == (0, 0)


def test_what_can_be_written_is_not_handed_over():
    """Nothing is written twice."""
    disk = Disk()
    with running(disk, pace=NEVER_BY_TIME) as outbox:
        for number in range(5):
            outbox.put(number)
        left = outbox.hand_over(LIMIT_S)

    assert left == []
    assert disk.entries == [0, 1, 2, 3, 4]
