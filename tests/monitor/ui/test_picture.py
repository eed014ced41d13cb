"""The picture of one camera: live as it is, dimmed and labeled when it is not; its zones."""

import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt
from PyQt6.QtGui import QColor, QImage, QKeyEvent, QPainter, QWheelEvent
from PyQt6.QtWidgets import QApplication, QWidget

from monitor.core.zone import Zone, ZoneKind
from monitor.ui.picture import (
    PictureCover,
    PictureView,
    distance_px,
    draw_zones,
    is_undo,
    picture_place,
    zone_polygon,
)
from monitor.ui.theme import DARK
from monitor.ui.zoom import WHOLE, Viewport


@pytest.mark.parametrize(
    ("size", "place"),
    [
        pytest.param((100, 50), QRect(10, 60, 200, 100), id="wide in a square"),
        pytest.param((50, 100), QRect(60, 10, 100, 200), id="tall in a square"),
        pytest.param((40, 40), QRect(10, 10, 200, 200), id="of the same shape"),
    ],
)
def test_a_picture_is_as_large_as_can_be_in_the_middle(qapp, size, place):
    """Its shape is kept; half of what is left over is on each side."""
    image = QImage(*size, QImage.Format.Format_RGB32)

    assert picture_place(QRect(10, 10, 200, 200), image) == place


def test_without_a_picture_the_place_is_all(qapp):
    """Words are written over all of it."""
    assert picture_place(QRect(0, 0, 7, 5), None) == QRect(0, 0, 7, 5)


NO_KEY = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def picture(qtbot, dark):
    one = PictureView(dark)
    qtbot.addWidget(one)
    one.resize(640, 360)
    return one


@pytest.fixture
def editor(picture):
    one = QWidget(picture)
    one.cover = PictureCover(one, picture)
    return one


def asks(editor, key):
    """Whether the editor keeps a key from the window's shortcuts."""
    event = QKeyEvent(QEvent.Type.ShortcutOverride, key, NO_KEY)
    event.ignore()
    QApplication.sendEvent(editor, event)
    return event.isAccepted()


def test_it_stays_as_large_as_the_picture(picture, editor, qtbot):
    """Also when the window is made larger while somebody draws."""
    picture.show()

    picture.resize(800, 450)

    qtbot.waitUntil(lambda: editor.geometry() == picture.rect())


@pytest.mark.parametrize(
    ("key", "is_kept"),
    [(Qt.Key.Key_Delete, True), (Qt.Key.Key_Comma, True), (Qt.Key.Key_A, False)],
    ids=["delete", "comma", "acknowledge"],
)
def test_it_keeps_its_own_keys_and_leaves_the_others(editor, key, is_kept):
    """Drawing must not stand in the way of acknowledging an alarm."""
    assert asks(editor, key) is is_kept


@pytest.mark.parametrize(
    ("key", "held", "expected"),
    [
        (Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier, True),
        (Qt.Key.Key_Z, NO_KEY, False),
        (Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier, False),
    ],
    ids=["ctrl-z", "z", "ctrl-y"],
)
def test_undo_is_ctrl_z(key, held, expected):
    """As everywhere."""
    assert is_undo(QKeyEvent(QEvent.Type.KeyPress, key, held)) is expected


def test_distance_is_that_of_pythagoras():
    """3, 4 and 5."""
    assert distance_px(QPointF(1, 1), QPointF(4, 5)) == pytest.approx(5.0)


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
    view.show_part(Viewport(0.4, 0.4, 0.2, 0.2))

    qtbot.keyClick(view, Qt.Key.Key_Right)

    assert view.view.left == pytest.approx(0.42)


def test_a_frozen_picture_says_so(view):
    """In the colour of a warning, above the picture."""
    view.show_image(filled(400, 200))
    view.show_banner("FROZEN at 12:00:00")

    assert shot(view).pixelColor(3, 3).name() == DARK.warning
    assert view.banner == "FROZEN at 12:00:00"


LEFT_HALF = Zone("Gate", ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)), colour="#00ff00")


def drawn(zone, view=None):
    image = QImage(200, 100, QImage.Format.Format_RGB32)
    image.fill(QColor("#000000"))
    painter = QPainter(image)
    draw_zones(painter, QRectF(0, 0, 200, 100), [zone], **({"view": view} if view else {}))
    painter.end()
    return image


def test_corners_are_shares_of_where_the_picture_is(qapp):
    """A picture in the middle of its place has its zones there, too."""
    polygon = zone_polygon(LEFT_HALF, QRectF(40, 10, 100, 50))

    corners = [(one.x(), one.y()) for one in polygon]
    assert corners == [(40, 10), (90, 10), (90, 60), (40, 60)]


def test_a_zone_moves_with_the_picture_under_it(qapp):
    """Twice as near at the right half: the zone's right edge is at the left."""
    polygon = zone_polygon(LEFT_HALF, QRectF(0, 0, 200, 100), Viewport(0.5, 0.25, 0.5, 0.5))

    assert polygon.boundingRect().right() == 0.0


def test_inside_is_tinted_and_outside_is_not(qapp):
    """One sees which side of the line is counted."""
    image = drawn(LEFT_HALF)

    assert image.pixelColor(50, 60).green() > 10
    assert image.pixelColor(150, 60).green() == 0


def test_what_is_not_counted_looks_otherwise(qapp):
    """Hatched: some pixels strong, some untouched."""
    hidden = Zone("Screen", LEFT_HALF.polygon, ZoneKind.EXCLUDE, "#00ff00")

    greens = {drawn(hidden).pixelColor(x, 50).green() for x in range(20, 80)}

    assert min(greens) == 0
    assert max(greens) > 60
