"""The large picture: live as it is, dimmed and labelled when it is not."""

import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QColor, QImage, QWheelEvent
from PyQt6.QtWidgets import QApplication

from monitor.ui.picture_view import PictureView
from monitor.ui.theme import DARK
from monitor.ui.zoom import WHOLE, View


def filled(width, height, colour="#00ff00"):
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    return image


@pytest.fixture
def view(qtbot):
    """A view of 400 by 200."""
    widget = PictureView()
    qtbot.addWidget(widget)
    widget.resize(400, 200)
    return widget


def shot(view):
    return view.grab().toImage()


def test_a_live_picture_is_shown_as_it_is(view):
    """Pixel for pixel where it was made for the place."""
    view.show_image(filled(400, 200))

    image = shot(view)

    assert {image.pixelColor(x, y).name() for x in (0, 200, 399) for y in (0, 199)} == {"#00ff00"}


def test_a_picture_of_another_shape_stands_in_the_middle_of_black(view):
    """A tall picture in a wide place."""
    view.show_image(filled(100, 200))

    image = shot(view)

    assert image.pixelColor(200, 100).name() == "#00ff00"
    assert image.pixelColor(10, 100).name() == "#000000"
    assert image.pixelColor(390, 100).name() == "#000000"


def test_a_picture_of_the_past_is_dimmed_and_written_on(view):
    """62 % of black over it, white words in the middle."""
    view.show_image(filled(400, 200))
    view.show_signal(("NO SIGNAL since 12:00:00", "The camera does not answer."))

    image = shot(view)

    assert image.pixelColor(5, 5).green() == pytest.approx(255 * 0.38, abs=3)
    whites = sum(
        image.pixelColor(x, y).name() == "#ffffff" for x in range(400) for y in range(70, 130)
    )
    assert whites > 200
    assert view.signal == ("NO SIGNAL since 12:00:00", "The camera does not answer.")


def test_a_picture_that_is_back_is_bright(view):
    """The veil goes with the loss."""
    view.show_image(filled(400, 200))
    view.show_signal(("NO SIGNAL", "x"))
    view.show_signal(None)

    assert shot(view).pixelColor(200, 100).name() == "#00ff00"


def test_without_a_picture_there_is_black_and_words(view):
    """Before the first picture nothing else is shown."""
    view.show_signal(("CONNECTING", "Connecting to the camera."))

    image = shot(view)

    assert image.pixelColor(5, 5).name() == "#000000"


def test_room_is_in_pixels_of_the_screen(view):
    """What is ordered for a place fits its pixels."""
    ratio = view.devicePixelRatioF()

    assert view.room_px == (round(400 * ratio), round(200 * ratio))


def wheel(view, notches, place):
    event = QWheelEvent(
        QPointF(*place),
        view.mapToGlobal(QPointF(*place)),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)


def test_the_wheel_comes_nearer_to_what_is_under_the_mouse(view, qtbot):
    """And back again; a double click shows everything at once."""
    view.show_image(filled(400, 200))

    with qtbot.waitSignal(view.view_changed):
        wheel(view, 3, (100, 150))
    near = view.view
    wheel(view, -1, (100, 150))
    further = view.view
    qtbot.mouseDClick(view, Qt.MouseButton.LeftButton)

    assert near.of_picture(0.25, 0.75) == pytest.approx((0.25, 0.75))
    assert 1 < further.zoom < near.zoom == pytest.approx(1.25**3)
    assert view.view == WHOLE


def test_a_near_picture_is_pulled_along(view, qtbot):
    """What was under the hand stays under the hand."""
    view.show_image(filled(400, 200))
    view.show_part(WHOLE.zoomed(4))
    before = view.view.of_picture(0.5, 0.5)

    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(200, 100))
    qtbot.mouseMove(view, QPoint(240, 80))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(240, 80))

    assert view.view.of_picture(0.6, 0.4) == pytest.approx(before)


def test_arrow_keys_move_a_near_picture(view, qtbot):
    """A tenth of what is seen at a time."""
    view.show_part(View(0.4, 0.4, 0.2, 0.2))

    qtbot.keyClick(view, Qt.Key.Key_Right)

    assert view.view.left == pytest.approx(0.42)


def test_a_frozen_picture_says_so(view):
    """In the colour of a warning, above the picture."""
    view.show_image(filled(400, 200))
    view.show_banner("FROZEN at 12:00:00")

    assert shot(view).pixelColor(3, 3).name() == DARK.warning
    assert view.banner == "FROZEN at 12:00:00"
