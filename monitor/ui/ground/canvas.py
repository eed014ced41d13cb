"""What lies over the picture while its ground is marked: clicks to set and to pull, and the fit."""

from PyQt6.QtCore import QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QWidget

from monitor.core.zone import RelativePoint
from monitor.ui.ground.draft import GroundDraft
from monitor.ui.ground.drawing import draw_fit, draw_marks
from monitor.ui.ground.fit import GroundFit
from monitor.ui.picture import (
    ARROWS,
    BANNER_PX,
    STEPS,
    PictureCover,
    PictureView,
    distance_px,
    is_undo,
)

_GRAB_PX = 11.0
_FAST = 10  # pixels of the camera's picture at once, with the shift key held


class GroundCanvas(QWidget):
    """Covers a picture view and changes a draft.

    Signals:
        drafted: A step was made: clicks or the choice differ.
        used: The operator wants the ground that is shown.
        left: The operator is done.
    """

    drafted = pyqtSignal()
    used = pyqtSignal()
    left = pyqtSignal()

    def __init__(self, picture: PictureView, draft: GroundDraft, size_wh: tuple[int, int]) -> None:
        """Cover a picture.

        Args:
            picture: What is covered.
            draft: What clicks change.
            size_wh: Width and height of the camera's own picture, pixels: steps of the keys.
        """
        super().__init__(picture)
        self._picture = picture
        self._draft = draft
        self._size_wh = size_wh
        self._fit: GroundFit | None = None
        self._held: int | None = None
        self._is_pulling = False
        self._mouse: RelativePoint | None = None
        self.setAccessibleName(self.tr("Ground on the picture"))
        self._cover = PictureCover(self, picture)

    @property
    def fit(self) -> GroundFit | None:
        """The plane that is drawn; None: the marks do not give one."""
        return self._fit

    def show_fit(self, fit: GroundFit | None) -> None:
        """Draw another plane; None: none."""
        self._fit = fit
        self.update()

    def place_of(self, point: RelativePoint) -> QPointF:
        """Give where a place of the picture is on the screen."""
        return self._picture.place_of(point)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Take hold of a click, or set another one."""
        if event is None or event.button() is not Qt.MouseButton.LeftButton:
            return
        place = event.position()
        self._held = self._click_at(place)
        self._is_pulling = False
        if self._held is None:
            self._draft.add(self._picture.point_of(place))
            self._held = self._draft.marks.chosen
            self._is_pulling = True  # pulled at once, it is still the one step
        else:
            self._draft.choose(self._held)
        self._tell()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Pull a click along."""
        if event is None:
            return
        self._mouse = self._picture.point_of(event.position())
        is_down = bool(event.buttons() & Qt.MouseButton.LeftButton)
        if self._held is not None and is_down:
            self._draft.move(self._held, self._mouse, is_new_step=not self._is_pulling)
            self._is_pulling = True
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Let go of a click: only now a plane is laid through it."""
        was_pulled = self._is_pulling
        self._held, self._is_pulling = None, False
        if was_pulled:
            self._tell()

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Count a fast second click as any other."""
        self.mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Move, choose, delete, undo, use, leave."""
        if event is None:
            return
        key, held = Qt.Key(event.key()), event.modifiers()
        if is_undo(event):
            self._draft.undo()
            self._tell()
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.used.emit()
        elif key is Qt.Key.Key_Escape:
            self.left.emit()
        elif key is Qt.Key.Key_Delete:
            self._draft.delete()
            self._tell()
        elif key in STEPS:
            self._draft.step_chosen(STEPS[key])
            self._tell()
        elif key in ARROWS:
            is_fast = bool(held & Qt.KeyboardModifier.ShiftModifier)
            self._nudge(*ARROWS[key], pixels=_FAST if is_fast else 1)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the plane and the clicks."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        seen = self._picture.place
        if self._picture.banner:
            seen.setTop(max(seen.top(), BANNER_PX))
        painter.setClipRect(seen)
        if self._fit is not None:
            draw_fit(painter, self._fit, self.place_of)
        mouse = self._mouse if self._draft.can_add and self._held is None else None
        draw_marks(painter, self._draft.marks, self._fit, self.place_of, mouse=mouse)
        painter.end()

    def _nudge(self, right: int, down: int, *, pixels: int) -> None:
        width, height = self._size_wh
        if self._draft.nudge(right * pixels / width, down * pixels / height):
            self._tell()

    def _click_at(self, place: QPointF) -> int | None:
        """Give the click near a place of the screen, the nearest of several."""
        away = [
            (distance_px(self.place_of(point), place), number)
            for number, point in enumerate(self._draft.marks.clicked)
        ]
        near = min(away, default=None)
        return near[1] if near is not None and near[0] <= _GRAB_PX else None

    def _tell(self) -> None:
        self.update()
        self.drafted.emit()
