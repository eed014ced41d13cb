"""Looks whether a camera has moved: beside the counting, one at a time."""

import threading

import numpy as np
import pytest

from monitor.engine.scene import CameraMovedWatch
from monitor.plaza.draw import Plaza
from monitor.scene.view import CHECK_EVERY_S, ViewGuard
from monitor.video.frame import Frame
from monitor.video.pictures import ArrayPicture
from tests.rigs.load import scaled_s
from tests.rigs.waiting import wait_until


@pytest.fixture(scope="module")
def square():
    """A drawn square with people."""
    return Plaza(30, 1, (640, 360)).render(0.0).image.copy()


@pytest.fixture
def lookout():
    """Watches one camera."""
    return CameraMovedWatch("Gate", ViewGuard())


def look(lookout, image, number):
    """Look at a picture when it is due, and wait for what is found."""
    lookout.consider(frame_of(image), number * CHECK_EVERY_S)
    wait_until(lambda: not lookout.is_looking, "the look is over")


def frame_of(image, *, is_damaged=False):
    """A frame of a picture."""
    return Frame(ArrayPicture(image), 0, 0.0, 0.0, None, is_damaged)


class HeldPicture(ArrayPicture):
    """A picture that is converted only when it is let go; it notes who asked."""

    def __init__(self, image):
        super().__init__(image)
        self.gate = threading.Event()
        self.asked_by = []

    def to_rgb(self, *, max_wh=None):
        """Wait, then give it."""
        self.asked_by.append(threading.current_thread().name)
        assert self.gate.wait(scaled_s(30))
        return super().to_rgb(max_wh=max_wh)


def test_whoever_counts_does_not_wait(lookout, square):
    """The picture is not even converted on the caller's thread; meanwhile no second look begins."""
    held = HeldPicture(square)
    frame = Frame(held, 0, 0.0, 0.0)

    lookout.consider(frame, 0.0)
    wait_until(lambda: bool(held.asked_by), "the look has begun")
    lookout.consider(frame, CHECK_EVERY_S)
    during = lookout.is_looking
    held.gate.set()
    wait_until(lambda: not lookout.is_looking, "the look is over")

    assert during
    assert held.asked_by == ["crowd-looking-Gate"]


def test_a_move_is_found(lookout, square):
    """The same square, a tenth of the picture further right: after three looks, and back."""
    turned = np.roll(square, 64, axis=1)
    found = []
    for number, image in enumerate(
        [square, square, turned, turned, turned, square, square, square]
    ):
        look(lookout, image, number)
        found.append(lookout.has_moved)

    assert found == [False, False, False, False, True, True, True, False]


def test_nobody_looks_too_soon_or_at_what_is_damaged(lookout, square):
    """Every 20 s, at whole pictures."""
    look(lookout, square, 0)
    held = HeldPicture(square)

    lookout.consider(Frame(held, 0, 0.0, 0.0), CHECK_EVERY_S - 0.1)
    lookout.consider(frame_of(square, is_damaged=True), CHECK_EVERY_S)

    assert not lookout.is_looking
    assert held.asked_by == []
