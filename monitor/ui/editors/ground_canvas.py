"""What is drawn over the picture while the ground is marked: points, grid and captions."""

from collections.abc import Callable, Sequence
from itertools import pairwise

from PyQt6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt, pyqtSignal
from PyQt6.QtGui import (
    QBrush,
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PyQt6.QtWidgets import QWidget

from monitor.core.zone import RelativePoint
from monitor.ui.editors.ground_draft import GroundDraft, GroundFit, Marks, Way
from monitor.ui.language import written
from monitor.ui.picture import (
    ARROWS,
    BANNER_PX,
    STEPS,
    PictureCover,
    PictureView,
    distance_px,
    is_undo,
)

_ROOM_PX = 8.0
"""Between a mark and its words."""
_RINGS = 6
_LEFT, _RIGHT, _ABOVE, _BELOW = -1, 1, -1, 1
_SIDES = ((_RIGHT, _ABOVE), (_RIGHT, _BELOW), (_LEFT, _ABOVE), (_LEFT, _BELOW))


def place_captions(
    marks: Sequence[tuple[QPointF, QSizeF]], obstacles: Sequence[QRectF] = ()
) -> list[QRectF]:
    """Find a box for the words of each mark.

    Right above the mark if there is room, else to another side of it, else farther away; where
    marks are so dense that all of that is taken, boxes may overlap again.

    Args:
        marks: Where each is, and how large its words are.
        obstacles: What words should not hide, as the marks themselves.

    Returns:
        A box for each mark, in their order.
    """
    taken = list(obstacles)
    boxes: list[QRectF] = []
    for place, size in marks:
        candidates = _candidates(place, size)
        box = next(
            (one for one in candidates if not any(one.intersects(other) for other in taken)),
            candidates[0],
        )
        taken.append(box)
        boxes.append(box)
    return boxes


def _candidates(place: QPointF, size: QSizeF) -> list[QRectF]:
    """Give boxes beside a place, the best first."""
    found = []
    for ring in range(_RINGS):
        for right, down in _SIDES:
            x = _ROOM_PX if right == _RIGHT else -_ROOM_PX - size.width()
            lift = 2 + ring * size.height()
            y = -lift - size.height() if down == _ABOVE else lift
            found.append(QRectF(place + QPointF(x, y), size))
    return found


Placer = Callable[[RelativePoint], QPointF]
"""Gives where a place of the picture is on the screen."""

_MARK = QColor("#f0e442")
_DARK = QColor(0, 0, 0, 190)
_GRID = QColor(86, 180, 233, 120)
_GRID_MAJOR = QColor(86, 180, 233, 230)
_FAR = QColor(128, 128, 128, 120)
_FAR_LINES = QColor(40, 40, 40, 170)
_HORIZON = QColor("#e69f00")
_RADIUS_PX = 5.0
_WHOLE_PX = 10.0  # a tenth of a pixel says nothing about what misses by more


def draw_fit(painter: QPainter, fit: GroundFit, place_of: Placer) -> None:
    """Draw a plane: metres on the ground, what is too far to be trusted, the horizon.

    Args:
        painter: Where to draw; its pen and brush are changed.
        fit: What to draw.
        place_of: From the picture to the screen.
    """
    if fit.far:
        painter.setPen(Qt.PenStyle.NoPen)
        outline = QPolygonF([place_of(one) for one in fit.far])
        for brush in (QBrush(_FAR), QBrush(_FAR_LINES, Qt.BrushStyle.BDiagPattern)):
            painter.setBrush(brush)
            painter.drawPolygon(outline)
    for is_major, colour, width in ((False, _GRID, 1.0), (True, _GRID_MAJOR, 1.6)):
        painter.setPen(QPen(colour, width))
        for one in fit.grid.lines:
            if one.is_major is is_major:
                painter.drawLine(QLineF(place_of(one.start), place_of(one.end)))
    if fit.horizon is not None:
        line = QLineF(*(place_of(one) for one in fit.horizon))
        for pen in (QPen(_DARK, 4), QPen(_HORIZON, 2, Qt.PenStyle.DashLine)):
            painter.setPen(pen)
            painter.drawLine(line)


def draw_marks(
    painter: QPainter,
    marks: Marks,
    fit: GroundFit | None,
    place_of: Placer,
    *,
    mouse: RelativePoint | None = None,
) -> None:
    """Draw clicks with their numbers, what joins them, and how far each misses.

    Args:
        painter: Where to draw; its pen and brush are changed.
        marks: What was clicked.
        fit: The plane through them; None: there is none, so no misses are known.
        place_of: From the picture to the screen.
        mouse: Where the next click would fall, to see what it would join; None: not shown.
    """
    places = [place_of(one) for one in marks.clicked]
    _join(painter, marks, places, None if mouse is None else place_of(mouse))
    for number, place in enumerate(places):
        is_chosen = number == marks.chosen
        painter.setPen(QPen(_DARK, 1.5))
        painter.setBrush(QColor("#ffffff") if is_chosen else _MARK)
        radius = 1.5 * _RADIUS_PX if is_chosen else _RADIUS_PX
        painter.drawEllipse(place, radius, radius)
        painter.setPen(QPen(QColor("#000000"), 1))
        painter.drawPoint(place)
    _write(painter, _captions(marks, fit, places), places)


def _join(
    painter: QPainter, marks: Marks, places: Sequence[QPointF], mouse: QPointF | None
) -> None:
    for pen in (QPen(_DARK, 4), QPen(_MARK, 2)):
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if marks.way is Way.RECTANGLE and places:
            line = [*places, *([] if mouse is None else [mouse])]
            is_whole = len(line) == 4
            (painter.drawPolygon if is_whole else painter.drawPolyline)(QPolygonF(line))
        if marks.way is Way.PEOPLE:
            ends = [*places, *([mouse] if mouse is not None and len(places) % 2 else [])]
            for head, feet in zip(ends[::2], ends[1::2], strict=False):
                painter.drawLine(QLineF(head, feet))


def _captions(
    marks: Marks, fit: GroundFit | None, places: Sequence[QPointF]
) -> list[tuple[QPointF, str]]:
    """Give what is written beside the clicks: numbers, sides in metres, misses."""
    if marks.way is Way.RECTANGLE:
        found = [(place, str(number + 1)) for number, place in enumerate(places)]
        for side, (one, other) in enumerate(pairwise(places[:3])):
            found.append(((one + other) / 2, f"{written(marks.sides_m[side], 'g')} m"))
        return found
    each = 2 if marks.way is Way.PEOPLE else 1
    misses = fit.misses if fit is not None else ()
    found = []
    for number, place in enumerate(places[::each]):
        words = str(number + 1)
        if number < len(misses):
            miss = misses[number]
            digits = 0 if miss.px >= _WHOLE_PX else 1
            words += f": {written(miss.px, f'.{digits}f')} px {written(miss.m, '.2f')} m"
        found.append((place, words))
    return found


def _write(
    painter: QPainter, captions: Sequence[tuple[QPointF, str]], marks: Sequence[QPointF]
) -> None:
    """Write words beside their places, where they hide neither each other nor a mark."""
    metrics = painter.fontMetrics()
    sizes = [
        QRectF(metrics.boundingRect(words)).adjusted(-4, -1, 4, 1).size() for _, words in captions
    ]
    around = [
        QRectF(-_RADIUS_PX, -_RADIUS_PX, 2 * _RADIUS_PX, 2 * _RADIUS_PX).translated(one)
        for one in marks
    ]
    wanted = [(place, size) for (place, _), size in zip(captions, sizes, strict=True)]
    for (_, words), box in zip(captions, place_captions(wanted, around), strict=True):
        painter.fillRect(box, _DARK)
        painter.setPen(QColor("#ffffff"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)


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
