"""The past of a camera, read off the GUI thread."""

from datetime import timedelta
from threading import Event

from monitor.errors import StoreError
from monitor.store.queries import HistoryPoint
from monitor.ui.past import PAST, PastLoader
from tests.rigs.snapshots import NOON
from tests.rigs.waiting import wait_until


class Remembered:
    """A history that gives one point a camera, when its gate is open."""

    def __init__(self, error=None):
        self.gate = Event()
        self.asked = []
        self._error = error

    def readings_between(self, camera, start, stop, *, points_max):
        """Give one point."""
        self.asked.append((camera, start, stop))
        self.gate.wait(30)
        if self._error:
            raise self._error
        return (HistoryPoint(NOON, 5.0, None, None, None),)


def test_every_camera_gets_its_past_once():
    """Eight hours back from now, each camera, given once."""
    store = Remembered()
    store.gate.set()
    loader = PastLoader(store, ["a", "b"], NOON)
    loader.start()
    found = {}

    def collect():
        found.update(loader.collect())
        return len(found) == 2

    wait_until(collect, "the past of both")

    assert [one.count for points in found.values() for one in points] == [5.0, 5.0]
    assert store.asked == [("a", NOON - PAST, NOON), ("b", NOON - PAST, NOON)]
    assert timedelta(hours=8) == PAST
    assert loader.collect() == {}
    assert loader.stop(10.0)


def test_stopping_asks_no_further():
    """A window that closes does not wait for every camera."""
    store = Remembered()
    loader = PastLoader(store, ["a", "b", "c"], NOON)
    loader.start()
    wait_until(lambda: bool(store.asked), "the first question")

    was_quick = loader.stop(0.0)
    store.gate.set()

    assert not was_quick
    assert loader.stop(10.0)
    assert len(store.asked) == 1


def test_a_history_that_cannot_be_read_leaves_the_plot_empty(caplog):
    """The window works without its past, and the log says why."""
    store = Remembered(StoreError("history h: it is damaged"))
    store.gate.set()
    loader = PastLoader(store, ["a", "b"], NOON)
    loader.start()
    assert loader.stop(10.0)

    assert loader.collect() == {}
    assert "it is damaged" in caplog.text
