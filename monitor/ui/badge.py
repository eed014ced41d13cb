"""The quality of a count as a shape, a word and a colour: no two of them are needed to read it."""

import math

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

from monitor.core.reading import Quality
from monitor.ui.text import quality_explanation, quality_word
from monitor.ui.theme import Theme

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
