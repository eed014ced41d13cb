"""Pictures developed off the GUI thread."""

from threading import Event, current_thread

import numpy as np
import pytest

from monitor.ui.darkroom import Darkroom
from monitor.ui.developing import PrintOrder
from monitor.video.pictures import ArrayPicture
from tests.rigs.waiting import wait_until


def white(height=64, width=128):
    """A white picture."""
    return np.full((height, width, 3), 255, dtype=np.uint8)


class HeldPicture:
    """A picture whose conversion waits for a gate."""

    def __init__(self):
        self.gate = Event()
        self.has_begun = Event()

    def to_rgb(self, *, max_wh=None):
        """Wait, then give a picture."""
        self.has_begun.set()
        self.gate.wait(30)
        return white()


@pytest.fixture
def darkroom(qapp):
    """A darkroom that is closed with the test."""
    room = Darkroom()
    room.start()
    yield room
    assert room.stop(10.0)


def test_of_several_orders_only_the_newest_is_printed(darkroom):
    """A slow picture makes no queue."""
    slow = HeldPicture()
    darkroom.order("a", PrintOrder(slow, (128, 64)))
    assert slow.has_begun.wait(10)
    for width in (10, 20, 30):
        darkroom.order("b", PrintOrder(ArrayPicture(white()), (width, width)))
    slow.gate.set()

    printed = []

    def collect():
        if (image := darkroom.collect("b")) is not None:
            printed.append(image.width())
        return bool(printed)

    wait_until(collect, "the print for b")

    assert printed == [30]
    assert darkroom.collect("b") is None


def test_a_print_is_given_to_its_own_place(darkroom):
    """One camera's picture never hangs under another's name."""
    darkroom.order("a", PrintOrder(ArrayPicture(white()), (40, 40)))
    darkroom.order("b", PrintOrder(ArrayPicture(white()), (60, 60)))

    found = {}

    def collect():
        for place in ("a", "b"):
            if (image := darkroom.collect(place)) is not None:
                found[place] = image.width()
        return len(found) == 2

    wait_until(collect, "both prints")

    assert found == {"a": 40, "b": 60}


def test_what_is_forgotten_is_not_given(darkroom):
    """A camera that is looked at again does not show what it showed before."""
    slow = HeldPicture()
    darkroom.order("a", PrintOrder(ArrayPicture(white()), (40, 40)))
    darkroom.order("b", PrintOrder(slow, (40, 40)))
    assert slow.has_begun.wait(10)  # so a is printed

    darkroom.forget("a")
    slow.gate.set()

    assert darkroom.collect("a") is None


def test_a_darkroom_says_when_it_is_not_working(qapp):
    """Before the start and after the end nothing will come."""
    room = Darkroom()
    before = room.is_working
    room.start()
    meanwhile = room.is_working
    room.stop(10.0)

    assert (before, meanwhile, room.is_working) == (False, True, False)


def test_what_looks_the_same_is_ordered_once(darkroom):
    """Until the place is forgotten, or something about it changes."""
    order = PrintOrder(ArrayPicture(white()), (40, 40))

    assert darkroom.order("a", order)
    assert not darkroom.order("a", PrintOrder(order.picture, (40, 40)))
    assert darkroom.order("b", order)
    assert darkroom.order("a", PrintOrder(order.picture, (50, 50)))
    darkroom.forget("a")
    assert darkroom.order("a", PrintOrder(order.picture, (50, 50)))


def test_a_picture_is_let_go_of_by_the_darkroom_and_not_by_who_ordered(darkroom):
    """A decoded picture takes a while to go back to its decoder."""
    ends = []

    class Mortal(HeldPicture):
        def __del__(self):
            ends.append(current_thread().name)

    first = Mortal()
    first.gate.set()
    darkroom.order("a", PrintOrder(first, (128, 64)))
    wait_until(lambda: darkroom.collect("a") is not None, "the first print")
    del first

    darkroom.order("a", PrintOrder(ArrayPicture(white()), (128, 64)))
    wait_until(lambda: ends, "the end of the first picture")

    assert ends == ["crowd-darkroom"]
