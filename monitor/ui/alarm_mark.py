"""The state of an alarm as a shape and a colour: neither is needed to read the other."""

from collections.abc import Sequence

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen, QPolygonF

from monitor.core.alarm import AlarmState, AlarmStatus
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
