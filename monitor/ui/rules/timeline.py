"""A day as a bar: the times at which a rule would have rung."""

from datetime import datetime, timedelta

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from monitor.ui.rules.trial import Trial
from monitor.ui.theme import Theme

_BAR_PX = 22
_NARROWEST_PX = 2.0  # a short alarm must still be seen
_TICKS = 6


class Timeline(QWidget):
    """Ringing is a full-height block; words and times stand beside it, never color alone."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._trial: Trial | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("When it would have rung in the last 24 hours"))

    def show_trial(self, trial: Trial | None) -> None:
        """Show what a rule would have done; None: nothing is known."""
        self._trial = trial
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        self.update()

    def block(self, start_utc: datetime, end_utc: datetime | None) -> QRectF:
        """Give where a time is drawn."""
        trial = self._trial
        if trial is None:
            return QRectF()
        whole_s = (trial.stop_utc - trial.start_utc).total_seconds()

        def place(moment: datetime) -> float:
            share = (moment - trial.start_utc).total_seconds() / whole_s
            return min(1.0, max(0.0, share)) * self.width()

        left, right = place(start_utc), place(end_utc or trial.stop_utc)
        width = max(_NARROWEST_PX, right - left)
        return QRectF(min(left, self.width() - width), 0, width, _BAR_PX)

    def sizeHint(self) -> QSize:
        """A bar and the hours below it."""
        return QSize(360, _BAR_PX + self.fontMetrics().height() + 4)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the bar."""
        painter = QPainter(self)
        theme, trial = self._theme, self._trial
        painter.fillRect(QRectF(0, 0, self.width(), _BAR_PX), QColor(theme.field))
        if trial is not None:
            for one in trial.wanted.ringings:
                painter.fillRect(self.block(one.start_utc, one.end_utc), QColor(theme.alarm))
            painter.setPen(QColor(theme.muted))
            step = (trial.stop_utc - trial.start_utc) / _TICKS
            width = self.width() / _TICKS
            for tick in range(_TICKS):
                moment: datetime = trial.start_utc + tick * step
                box = QRectF(tick * width, _BAR_PX + 2, width, self.height() - _BAR_PX)
                painter.drawText(box, Qt.AlignmentFlag.AlignLeft, _hour(moment))
                painter.fillRect(QRectF(tick * width, 0, 1, _BAR_PX), QColor(theme.line))
        painter.end()


def _hour(moment: datetime) -> str:
    """Give the time of day to the nearest minute."""
    return (moment + timedelta(seconds=30)).astimezone().strftime("%H:%M")
