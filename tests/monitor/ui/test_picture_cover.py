"""Holding an editor over a picture."""

import pytest
from PyQt6.QtCore import QEvent, QPointF, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QApplication, QWidget

from monitor.ui.picture_cover import PictureCover, distance_px, is_undo
from monitor.ui.picture_view import PictureView

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
