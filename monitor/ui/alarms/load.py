"""The alarm load: how many alarms an operator got, from the journal, as words, numbers and a chart.

The journal is read and counted on the background thread; the window only shows the result.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QCoreApplication, QObject, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QIcon, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from monitor.alarms.load import (
    ACCEPTABLE_PER_HOUR,
    CHATTER_ALARMS,
    FLOOD_ALARMS,
    MANAGEABLE_PER_HOUR,
    AlarmCount,
    AlarmLoad,
    alarm_load_csv,
)
from monitor.core.clock import Clock
from monitor.core.errors import OutputError
from monitor.engine.rule_replay import load_between
from monitor.outputs.history.history import History
from monitor.ui.actions import Command
from monitor.ui.alarms.entries import priority_words
from monitor.ui.background import BackgroundTask, BackgroundTasks
from monitor.ui.language import translate, written
from monitor.ui.saving import Saving
from monitor.ui.text import age_text
from monitor.ui.theme import Theme
from monitor.ui.widgets import make_label, set_text


def verdict_words(load: AlarmLoad) -> str:
    """Say whether one person can answer so many alarms."""
    if load.per_hour > MANAGEABLE_PER_HOUR:
        return _tr("Too many for one operator")
    if load.busiest_hour > MANAGEABLE_PER_HOUR:
        return _tr("Manageable on average, but not in the busiest hour")
    if load.per_hour > ACCEPTABLE_PER_HOUR:
        return _tr("At the limit for one operator")
    return _tr("Manageable for one operator")


def rows_of(load: AlarmLoad) -> list[tuple[str, str]]:
    """Give the numbers of a load, each with its name."""
    per_hour = _tr("{mean} on average, {most} in the busiest hour").format(
        mean=written(load.per_hour, ".1f"), most=load.busiest_hour
    )
    priorities = ", ".join(
        _tr("{number} of {priority} priority").format(
            number=number, priority=priority_words(priority)
        )
        for priority, number in load.by_priority
        if number
    )
    return [
        (_tr("New alarms"), written(load.rang)),
        (_tr("Alarms per hour"), per_hour),
        (_tr("Priorities"), priorities or _tr("none")),
        (_tr("Acknowledged"), _answer_words(load)),
        (_tr("Never acknowledged"), written(load.unacknowledged)),
        (_tr("Shelved"), written(load.shelved)),
        (_tr("Floods"), _flood_words(load)),
    ]


def alarm_note(one: AlarmCount) -> str:
    """Say what is wrong with an alarm; empty where nothing is."""
    if not one.chatters:
        return ""
    return _tr("Chattering: {times} alarms within a minute. Increase its dead band").format(
        times=CHATTER_ALARMS
    )


def _answer_words(load: AlarmLoad) -> str:
    if load.acknowledge_median_s is None:
        return _tr("none")
    median = age_text(load.acknowledge_median_s)
    if load.acknowledge_p95_s is None:
        return _tr("after {median}").format(median=median)
    return _tr("half within {median}, 95 % within {most}").format(
        median=median, most=age_text(load.acknowledge_p95_s)
    )


def _flood_words(load: AlarmLoad) -> str:
    if not load.floods:
        return _tr("none (more than {alarms} in 10 minutes)").format(alarms=FLOOD_ALARMS)
    most = max(one.alarms for one in load.floods)
    return _tr("{floods}, the largest of {most} alarms").format(floods=len(load.floods), most=most)


def _tr(text: str) -> str:
    return translate("Load", text)


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
        self.setAccessibleName(self.tr("New alarms per hour"))

    def show_load(self, load: AlarmLoad) -> None:
        """Show another load."""
        self._load = load
        most = self.tr("{most} in the busiest hour").format(most=load.busiest_hour)
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
            self._draw_line(painter, ACCEPTABLE_PER_HOUR, self.tr("manageable"))
            self._draw_line(painter, MANAGEABLE_PER_HOUR, self.tr("at the limit"))
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


_SIZE_WH = (720, 640)
_HOURS = (8, 24, 7 * 24, 30 * 24)
_USUAL = 1
_SHOWN = 50
_AIR = 28
"""Between the words of two columns, pixels."""


class LoadPage(QDialog):
    """Lives on the GUI thread.

    Signals:
        span_changed: Another time is wanted; it stands in `span`.
        export_wanted: All of it is to be saved.
    """

    span_changed = pyqtSignal()
    export_wanted = pyqtSignal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Alarm load"))
        self.resize(*_SIZE_WH)
        self.load: AlarmLoad | None = None
        self.span_box = QComboBox()
        self.verdict = make_label("title")
        self.note = make_label("muted")
        self.chart = LoadChart(theme)
        self.alarms = QTableWidget(0, 3)
        self.export_button = QPushButton(self.tr("Save as CSV …"))
        self._grid = QGridLayout()
        self._rows: list[tuple[QLabel, QLabel]] = []
        self._build()

    @property
    def span(self) -> timedelta:
        """Period."""
        return timedelta(hours=_HOURS[self.span_box.currentIndex()])

    def show_note(self, text: str) -> None:
        """Say what hinders, or what was done."""
        set_text(self.note, text)
        self.note.setVisible(bool(text))

    def show_load(self, load: AlarmLoad) -> None:
        """Show a load."""
        self.load = load
        self.show_note("")
        set_text(self.verdict, verdict_words(load))
        self.chart.show_load(load)
        self.export_button.setEnabled(True)
        for place, (name, value) in enumerate(rows_of(load)):
            if place == len(self._rows):
                self._add_row(place)
            set_text(self._rows[place][0], name)
            set_text(self._rows[place][1], value)
        self.alarms.setRowCount(min(_SHOWN, len(load.by_alarm)))
        for row, one in enumerate(load.by_alarm[:_SHOWN]):
            words = (written(one.rang), one.alarm_id.replace("/", " · "), alarm_note(one))
            for column, text in enumerate(words):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.alarms.setItem(row, column, item)
        for column in (0, 1):
            self.alarms.setColumnWidth(column, self.alarms.sizeHintForColumn(column) + _AIR)

    def _add_row(self, place: int) -> None:
        name, value = make_label("muted"), make_label()
        value.setWordWrap(True)
        self._grid.addWidget(name, place, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(value, place, 1)
        self._rows.append((name, value))

    def _build(self) -> None:
        for words in (
            self.tr("Last 8 hours"),
            self.tr("Last 24 hours"),
            self.tr("Last 7 days"),
            self.tr("Last 30 days"),
        ):
            self.span_box.addItem(words)
        self.span_box.setCurrentIndex(_USUAL)
        self.span_box.setAccessibleName(self.tr("Period"))
        self.span_box.currentIndexChanged.connect(lambda _index: self.span_changed.emit())
        self.export_button.setEnabled(False)
        self.export_button.setAutoDefault(False)
        self.export_button.clicked.connect(self.export_wanted)
        self._build_table()
        self._grid.setColumnStretch(1, 1)
        self._grid.setHorizontalSpacing(12)
        top = QHBoxLayout()
        top.addWidget(self.verdict, 1)
        top.addWidget(self.span_box)
        buttons = QDialogButtonBox()
        close = QPushButton(self.tr("Close"))
        buttons.addButton(close, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.addButton(self.export_button, QDialogButtonBox.ButtonRole.ActionRole)
        for button in buttons.buttons():
            button.setIcon(QIcon())  # the style's own is black on dark
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addLayout(top)
        layout.addWidget(self.note)
        layout.addWidget(self.chart)
        layout.addLayout(self._grid)
        layout.addWidget(self.alarms, 1)
        layout.addWidget(buttons)

    def _build_table(self) -> None:
        table = self.alarms
        table.setTabKeyNavigation(False)  # the key leads on to the buttons
        table.setHorizontalHeaderLabels([self.tr("Times"), self.tr("Alarm"), self.tr("Advice")])
        table.setAccessibleName(self.tr("Alarms, most frequent first"))
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setShowGrid(False)
        if (vertical := table.verticalHeader()) is not None:
            vertical.hide()
        if (horizontal := table.horizontalHeader()) is not None:
            horizontal.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
            horizontal.setHighlightSections(False)
            horizontal.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
            horizontal.setStretchLastSection(True)


class AlarmLoadController(QObject):
    """Opens the page; lives on the GUI thread."""

    def __init__(
        self,
        errands: BackgroundTasks,
        store: History | None,
        saving: Saving,
        clock: Clock,
        parent: QObject | None = None,
    ) -> None:
        """Prepare.

        Args:
            errands: What reads the history off the GUI thread.
            store: The history; None: there is none.
            saving: Asks a person for a path.
            clock: Where time comes from.
            parent: Owner.
        """
        super().__init__(parent)
        self._errands = errands
        self._store = store
        self._saving = saving
        self._clock = clock
        self._page: LoadPage | None = None

    @property
    def page(self) -> LoadPage | None:
        """The page that is open; None: none is."""
        return self._page

    def commands(self, run: Callable[[], object]) -> list[Command]:
        """Give what can be done with a key; `run` opens the page."""
        group = QCoreApplication.translate("Commands", "Alarms")
        return [Command(self.tr("Alarm load …"), ("W",), run, group)]

    def open(self, theme: Theme, window: QWidget) -> None:
        """Show how much the alarms asked of people.

        Args:
            theme: Colours.
            window: Over which the page opens.
        """
        page = LoadPage(theme, window)
        self._page = page
        page.span_changed.connect(self._read)
        page.export_wanted.connect(self._export)
        page.finished.connect(self._forget)
        page.open()
        self._read()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours in the page that is open."""
        if self._page is not None:
            self._page.chart.set_theme(theme)

    def _forget(self) -> None:
        self._page = None

    def _read(self) -> None:
        page = self._page
        if page is None:
            return
        if self._store is None:
            page.show_note(self.tr("No history: this site does not save counts"))
            return
        page.show_note(self.tr("Loading history …"))
        stop = self._clock.utc()
        work = partial(load_between, self._store, stop - page.span, stop)
        self._errands.send(
            "load", BackgroundTask(work, partial(self._show, page), partial(self._tell, page))
        )

    def _show(self, page: LoadPage, found: object) -> None:
        if page is self._page and isinstance(found, AlarmLoad):
            page.show_load(found)

    def _tell(self, page: LoadPage, message: str) -> None:
        if page is self._page:
            page.show_note(message)

    def _export(self) -> None:
        page = self._page
        if page is None or page.load is None:
            return
        day = page.load.stop_utc.strftime("%Y-%m-%d")
        path = self._saving.ask_for(f"alarm load {day}.csv", self.tr("Table (*.csv)"))
        if path is None:
            return
        saved = self.tr("Saved: {path}").format(path=path)
        self._errands.send(
            f"load {path}",
            BackgroundTask(
                partial(_write, path, page.load),
                lambda _: self._tell(page, saved),
                partial(self._tell, page),
            ),
        )


def _write(path: Path, load: AlarmLoad) -> None:
    try:
        path.write_text(alarm_load_csv(load), encoding="utf-8", errors="replace", newline="")
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error
