"""New alarms in each hour, as bars beside what one person can answer."""

from datetime import datetime

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from monitor.alarms.alarm_load import ACCEPTABLE_PER_HOUR, MANAGEABLE_PER_HOUR, AlarmLoad
from monitor.ui.language import written
from monitor.ui.theme import Theme

_TICKS = 6
_HEAD_ROOM = 1.15
_GAP_SHARE = 0.2
_NARROWEST_PX = 1.0
_HOURS_AS_TIMES = 48  # beyond two days a time of day says less than a date


class LoadChart(QWidget):
    """Each hour is a bar; a line each stands for what can well and what can just be answered."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._load: AlarmLoad | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("New alarms in each hour"))

    def show_load(self, load: AlarmLoad) -> None:
        """Show another load."""
        self._load = load
        most = self.tr("{most} in the worst hour").format(most=load.busiest_hour)
        self.setAccessibleDescription(most)
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        self.update()

    def bar(self, index: int) -> QRectF:
        """Give where an hour is drawn; empty where nothing rang in it."""
        load = self._load
        if load is None or not load.by_hour:
            return QRectF()
        width = self._plot.width() / len(load.by_hour)
        number = load.by_hour[index][1]
        top = self._y(number)
        thin = max(_NARROWEST_PX, width * (1 - _GAP_SHARE))
        left = self._plot.left() + index * width
        return QRectF(left, top, thin, self._plot.bottom() - top)

    def sizeHint(self) -> QSize:
        """Room for bars, and hours below them."""
        return QSize(560, 170)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw bars, lines and hours."""
        painter = QPainter(self)
        theme, load = self._theme, self._load
        painter.fillRect(self._plot, self.palette().base())
        if load is not None:
            for index, (_hour, number) in enumerate(load.by_hour):
                colour = theme.alarm if number > MANAGEABLE_PER_HOUR else theme.accent
                painter.fillRect(self.bar(index), QColor(colour))
            self._draw_line(painter, ACCEPTABLE_PER_HOUR, self.tr("well answered"))
            self._draw_line(painter, MANAGEABLE_PER_HOUR, self.tr("just answered"))
            self._draw_hours(painter, load)
        painter.end()

    @property
    def _plot(self) -> QRectF:
        below = self.fontMetrics().height() + 4
        return QRectF(0, 0, self.width(), max(1, self.height() - below))

    def _y(self, number: float) -> float:
        most = 0 if self._load is None else self._load.busiest_hour
        top = _HEAD_ROOM * max(MANAGEABLE_PER_HOUR, most)
        return self._plot.bottom() - self._plot.height() * number / top

    def _draw_line(self, painter: QPainter, number: float, words: str) -> None:
        y = self._y(number)
        painter.setPen(QPen(self.palette().placeholderText().color(), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(0, y), QPointF(self.width(), y))
        painter.drawText(QPointF(6, y - 3), f"{written(number, 'g')} {words}")

    def _draw_hours(self, painter: QPainter, load: AlarmLoad) -> None:
        painter.setPen(self.palette().placeholderText().color())
        step = (load.stop_utc - load.start_utc) / _TICKS
        is_long = len(load.by_hour) > _HOURS_AS_TIMES
        width = self.width() / _TICKS
        for tick in range(_TICKS):
            moment: datetime = (load.start_utc + tick * step).astimezone()
            words = moment.strftime("%d.%m." if is_long else "%H:%M")
            box = QRectF(tick * width, self._plot.bottom() + 2, width, self.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft, words)
