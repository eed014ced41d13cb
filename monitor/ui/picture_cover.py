"""What every editor over a picture needs: to stay as large as it, and to have its keys."""

from collections.abc import Collection

from PyQt6.QtCore import QEvent, QObject, QPointF, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QWidget

from monitor.ui.picture_view import PictureView

ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
"""Steps to the right and down."""
STEPS = {Qt.Key.Key_Period: 1, Qt.Key.Key_Comma: -1}
"""To the next mark, or the one before."""
EDITOR_KEYS = frozenset({
    *ARROWS, *STEPS, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape, Qt.Key.Key_Delete,
    Qt.Key.Key_Z,
})  # fmt: skip
"""Keys that mean something in an editor, whatever they mean in the window around it."""


class PictureCover(QObject):
    """Holds an editor over a picture; owned by the editor."""

    def __init__(
        self,
        editor: QWidget,
        picture: PictureView,
        *,
        keys: Collection[Qt.Key] = EDITOR_KEYS,
    ) -> None:
        """Cover the picture.

        Args:
            editor: A child of the picture, which is drawn anew when the picture is.
            picture: What is covered.
            keys: Keys that the window does not get while the editor has the keyboard.
        """
        super().__init__(editor)
        self._editor = editor
        self._picture = picture
        self._keys = keys
        editor.setMouseTracking(True)
        editor.setCursor(Qt.CursorShape.CrossCursor)
        editor.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        editor.setGeometry(picture.rect())
        picture.view_changed.connect(editor.update)
        for watched in (editor, picture):
            watched.installEventFilter(self)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Follow the size of the picture, and keep the editor's keys from the window."""
        if event is None:
            return False
        if watched is self._picture and event.type() is QEvent.Type.Resize:
            self._editor.setGeometry(self._picture.rect())
        elif watched is self._editor and self._is_own_key(event):
            event.accept()
            return True
        return super().eventFilter(watched, event)

    def _is_own_key(self, event: QEvent) -> bool:
        is_asked = event.type() is QEvent.Type.ShortcutOverride
        return is_asked and isinstance(event, QKeyEvent) and event.key() in self._keys


def is_undo(event: QKeyEvent) -> bool:
    """Whether a key takes the last step back."""
    is_held = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
    return is_held and Qt.Key(event.key()) is Qt.Key.Key_Z


def distance_px(one: QPointF, other: QPointF) -> float:
    """Give how far two places of the screen are from each other."""
    away = one - other
    return float((away.x() ** 2 + away.y() ** 2) ** 0.5)
