"""Alarm state and count quality as shape, color and sign: no one of them is needed to read it."""

import math
from collections.abc import Sequence

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PyQt6.QtWidgets import QSizePolicy, QWidget

from monitor.core.alarm import AlarmState, AlarmStatus
from monitor.core.reading import Quality
from monitor.ui.text import quality_explanation, quality_word
from monitor.ui.theme import Theme

_URGENCY = (
    AlarmState.UNACKNOWLEDGED,
    AlarmState.RETURNED_UNACKNOWLEDGED,
    AlarmState.ACKNOWLEDGED,
    AlarmState.SUPPRESSED,
    AlarmState.SHELVED,
    AlarmState.NORMAL,
)
_LETTERS = {
    AlarmState.UNACKNOWLEDGED: "!",
    AlarmState.RETURNED_UNACKNOWLEDGED: "?",
    AlarmState.ACKNOWLEDGED: "✓",
    AlarmState.SUPPRESSED: "–",
    AlarmState.SHELVED: "z",
}


def most_urgent(alarms: Sequence[AlarmStatus]) -> AlarmState | None:
    """Give the state that a camera's border shows; None: it has no alarm."""
    return min((one.state for one in alarms), key=_URGENCY.index, default=None)


def alarm_colour(state: AlarmState, theme: Theme) -> str:
    """Give the colour of a state."""
    if state is AlarmState.UNACKNOWLEDGED:
        return theme.alarm
    if state in {AlarmState.ACKNOWLEDGED, AlarmState.RETURNED_UNACKNOWLEDGED}:
        return theme.warning
    return theme.muted


def words_colour(state: AlarmState, theme: Theme) -> str:
    """Give the colour of words about a state."""
    is_ringing = state is AlarmState.UNACKNOWLEDGED
    return theme.alarm_words if is_ringing else alarm_colour(state, theme)


def draw_alarm_mark(painter: QPainter, box: QRectF, state: AlarmState, theme: Theme) -> None:
    """Draw the mark of a state: triangle, diamond, square or disc, with a sign in it.

    Args:
        painter: Where to draw; left as it was.
        box: A square that the mark fills.
        state: Nothing is drawn for a normal alarm.
        theme: Colours.
    """
    if state is AlarmState.NORMAL:
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.window), 1.5))
    painter.setBrush(QColor(alarm_colour(state, theme)))
    _draw_shape(painter, box, state)
    font = painter.font()
    font.setPixelSize(max(8, round(0.58 * box.height())))
    font.setBold(True)
    painter.setFont(font)
    is_alarm = state is AlarmState.UNACKNOWLEDGED
    painter.setPen(QColor(theme.on_strong if is_alarm else theme.on_warning))
    drop = 0.12 * box.height() if is_alarm else 0.0  # a triangle's middle is low
    painter.drawText(box.translated(0, drop), Qt.AlignmentFlag.AlignCenter, _LETTERS[state])
    painter.restore()


def _draw_shape(painter: QPainter, box: QRectF, state: AlarmState) -> None:
    middle = box.center()
    match state:
        case AlarmState.UNACKNOWLEDGED:
            top = QPointF(middle.x(), box.top())
            painter.drawPolygon(QPolygonF([top, box.bottomRight(), box.bottomLeft()]))
        case AlarmState.RETURNED_UNACKNOWLEDGED:
            painter.drawPolygon(
                QPolygonF(
                    [
                        QPointF(middle.x(), box.top()),
                        QPointF(box.right(), middle.y()),
                        QPointF(middle.x(), box.bottom()),
                        QPointF(box.left(), middle.y()),
                    ]
                )
            )
        case AlarmState.ACKNOWLEDGED:
            painter.drawRect(box.adjusted(1, 1, -1, -1))
        case _:
            painter.drawEllipse(box)


_PADDING = 8
_LINE = 2.0


def draw_quality_shape(painter: QPainter, box: QRectF, quality: Quality, colour: QColor) -> None:
    """Draw the shape of a quality: disc, triangle, diamond, square, hourglass, cross.

    Args:
        painter: Where to draw; left as it was.
        box: A square that the shape fills.
        quality: Which shape.
        colour: Of its lines or its filling.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    inner = box.adjusted(_LINE, _LINE, -_LINE, -_LINE)
    if quality is Quality.LOST:
        painter.setPen(QPen(colour, 1.5 * _LINE, cap=Qt.PenCapStyle.RoundCap))
        painter.drawLine(inner.topLeft(), inner.bottomRight())
        painter.drawLine(inner.topRight(), inner.bottomLeft())
    elif quality is Quality.STALE:
        painter.setPen(QPen(colour, _LINE, join=Qt.PenJoinStyle.RoundJoin))
        painter.drawPolygon(
            QPolygonF([inner.topLeft(), inner.topRight(), inner.bottomLeft(), inner.bottomRight()])
        )
    elif quality is Quality.UNCALIBRATED:
        painter.setPen(QPen(colour, _LINE, join=Qt.PenJoinStyle.MiterJoin))
        painter.drawRect(inner)
        painter.drawLine(inner.bottomLeft(), inner.topRight())
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPath(_FILLED[quality](inner))
    painter.restore()


def _disc(box: QRectF) -> QPainterPath:
    path = QPainterPath()
    path.addEllipse(box)
    return path


def _triangle(box: QRectF) -> QPainterPath:
    height = box.width() * math.sqrt(3) / 2
    top = box.center().y() - height / 2
    path = QPainterPath(QPointF(box.center().x(), top))
    path.lineTo(box.right(), top + height)
    path.lineTo(box.left(), top + height)
    path.closeSubpath()
    return path


def _diamond(box: QRectF) -> QPainterPath:
    middle = box.center()
    path = QPainterPath(QPointF(middle.x(), box.top()))
    path.lineTo(box.right(), middle.y())
    path.lineTo(middle.x(), box.bottom())
    path.lineTo(box.left(), middle.y())
    path.closeSubpath()
    return path


_FILLED = {
    Quality.GOOD: _disc,
    Quality.DEGRADED: _triangle,
    Quality.OUT_OF_DISTRIBUTION: _diamond,
}


class QualityBadge(QWidget):
    """Shape and word of a quality; what it means is in its tool tip."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._quality = Quality.LOST
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._describe()

    @property
    def quality(self) -> Quality:
        """The quality that is shown."""
        return self._quality

    def show_quality(self, quality: Quality) -> None:
        """Show a quality."""
        if quality is not self._quality:
            self._quality = quality
            self._describe()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Room for the longest word, so that nothing moves when the word changes."""
        metrics = QFontMetrics(self._bold_font())
        widest = max(metrics.horizontalAdvance(quality_word(one).upper()) for one in Quality)
        height = metrics.height() + _PADDING
        return QSize(widest + height + 2 * _PADDING, height)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw a rounded box with shape and word."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(self._theme.of_quality(self._quality))
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(colour, 1))
        painter.drawRoundedRect(box, 4, 4)
        side = box.height() - _PADDING
        shape = QRectF(_PADDING, (self.height() - side) / 2, side, side)
        draw_quality_shape(painter, shape, self._quality, colour)
        painter.setFont(self._bold_font())
        painter.setPen(QColor(self._theme.text))
        word = QRectF(self.rect()).adjusted(side + 1.5 * _PADDING, 0, 0, 0)
        painter.drawText(word, Qt.AlignmentFlag.AlignVCenter, quality_word(self._quality).upper())
        painter.end()

    def _bold_font(self) -> QFont:
        font = self.font()
        font.setBold(True)
        return font

    def _describe(self) -> None:
        self.setToolTip(quality_explanation(self._quality))
        words = self.tr("Quality of the count: {quality}")
        self.setAccessibleName(words.format(quality=quality_word(self._quality)))
        self.update()
