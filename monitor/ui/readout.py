"""The count of the selected camera: large, with its interval, age and quality, and the model."""

import math

from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QColor, QFont, QPalette, QResizeEvent
from PyQt6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from monitor.core.series import PEOPLE
from monitor.ui.language import translate
from monitor.ui.marks import QualityBadge
from monitor.ui.text import unit_text
from monitor.ui.theme import Theme
from monitor.ui.view import CameraView, TruthView
from monitor.ui.widgets import make_label, set_text

_LINES_MAX = 5
_AIR_PX = 1  # more would show the upper ends of the next line


class ModelNote(QPlainTextEdit):
    """Words that can be read, scrolled and copied; as high as they need, up to a few lines."""

    def __init__(self, note: str, parent: QWidget | None = None) -> None:
        super().__init__(note, parent)
        self.setReadOnly(True)
        self.setObjectName("modelNote")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("What the model was trained on"))
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setViewportMargins(0, 0, 0, 0)
        if (document := self.document()) is not None:
            document.setDocumentMargin(0)

    def show_note(self, note: str) -> None:
        """Show other words; the same ones keep their place."""
        if note != self.toPlainText():
            self.setPlainText(note)
            self._fit_height()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Take the height that the words need at this width."""
        super().resizeEvent(event)
        self._fit_height()

    def changeEvent(self, event: QEvent | None) -> None:
        """Take the height that larger or smaller letters need."""
        super().changeEvent(event)
        if event is not None and event.type() is QEvent.Type.FontChange:
            self._fit_height()

    def _fit_height(self) -> None:
        if (document := self.document()) is not None:
            lines = max(1, min(_LINES_MAX, int(document.size().height())))
            self.setFixedHeight(lines * self._line_px() + _AIR_PX)

    def _line_px(self) -> int:
        """Give the height of a line as it is laid out, which may be more than the font says."""
        document = self.document()
        layout = None if document is None else document.firstBlock().layout()
        said = self.fontMetrics().lineSpacing()
        if layout is None or not layout.lineCount():
            return said
        return max(said, math.ceil(layout.lineAt(0).height()))


_COUNT_PX = 76
_TRUTH_PX = 34
_ROWS = (
    "Mean error",
    "Trend",
    "Forecast",
    "Crowding",
    "Zones",
    "Count age",
    "Smoothed count",
    "Picture age",
    "Rate",
    "Stream",
)


def _row_names() -> dict[str, str]:
    """Give what each row is called."""
    return {
        "Mean error": _tr("Mean error"),
        "Trend": _tr("Trend"),
        "Forecast": _tr("Forecast"),
        "Crowding": _tr("Crowding"),
        "Zones": _tr("Zones"),
        "Count age": _tr("Count age"),
        "Smoothed count": _tr("Smoothed count"),
        "Picture age": _tr("Picture age"),
        "Rate": _tr("Rate"),
        "Stream": _tr("Stream"),
    }


def _row_tips() -> dict[str, str]:
    """Give what is shown to whoever points at a row."""
    return {
        "Crowding": _tr(
            "Levels of service are guidance; the safety officer decides how much is too much"
        ),
        "Forecast": _tr(
            "Linear trend of the last ten minutes, shown only where it clearly leads to a limit; "
            "if the trend continues, 9 of 10 times the limit is reached within the bounds"
        ),
        "Smoothed count": _tr("Median of recent counts, smoothed over time; alarms use this value"),
        "Count age": _tr("Age of the last counted picture"),
    }


class CountReadout(QFrame):
    """What is known of one camera now, in words and numbers."""

    def __init__(self, model_note: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._theme = theme
        self._badge = QualityBadge(theme)
        self._name = make_label("title")
        self._count = make_label()
        self._interval = make_label()
        self._truth = make_label()
        self._difference = make_label("muted")
        self._truth_box = QWidget()
        self._tips = _row_tips()
        self._rows: dict[str, tuple[QLabel, QLabel]] = {}
        self._note = ModelNote(model_note)
        self._grid = QGridLayout()
        self._build()

    @property
    def truth_text(self) -> str:
        """The true number as it is shown; empty where none is."""
        return "" if self._truth_box.isHidden() else self._truth.text()

    @property
    def interval_text(self) -> str:
        """The interval as it is shown."""
        return self._interval.text()

    @property
    def note(self) -> ModelNote:
        """What the model was trained on."""
        return self._note

    @property
    def badge(self) -> QualityBadge:
        """The quality."""
        return self._badge

    @property
    def count_label(self) -> QLabel:
        """The large number."""
        return self._count

    def value(self, row: str) -> str:
        """Give what stands in a row of the table; empty where the row is hidden."""
        value = self._rows[row][1]
        return "" if value.isHidden() else value.text()

    def show_view(self, view: CameraView, *, place: str = "") -> None:
        """Show a camera; its place and its address stand at its name."""
        set_text(self._name, view.name)
        self._name.setToolTip("\n".join(one for one in (place, view.source) if one))
        self._badge.show_quality(view.quality)
        set_text(self._count, view.count.count)
        self._style_count(is_old=view.count.is_old)
        what = "" if view.counts == PEOPLE else f"{view.counts}; "
        interval = _tr("90 % prediction interval: {interval}").format(interval=view.count.interval)
        set_text(self._interval, f"{what}{interval}")
        spoken = _tr("{things} counted").format(things=unit_text(view.counts)).capitalize()
        if self._count.accessibleName() != spoken:
            self._count.setAccessibleName(spoken)
        self._set_row("Trend", view.trend_words)
        self._set_row("Forecast", view.outlook, details=self._tips["Forecast"])
        self._set_row(
            "Crowding", view.crowding, details=f"{view.crowding_tip}\n{self._tips['Crowding']}"
        )
        self._set_row("Zones", view.zones)
        self._set_row("Count age", view.count.age)
        self._set_row("Smoothed count", view.count.running)
        self._set_row("Picture age", view.picture_age)
        self._set_row("Rate", view.rates)
        self._set_row("Stream", view.stream, details=view.stream_details)
        self._show_truth(view.truth)

    def show_note(self, note: str) -> None:
        """Say of another model what it was trained on."""
        self._note.show_note(note)
        self._note.setVisible(bool(note))

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        self._badge.set_theme(theme)
        self._style_count(is_old=self._count.font().strikeOut())
        _colour(self._truth, theme.truth)

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 14, 12)
        layout.setSpacing(4)
        for words in (self._name, self._interval):
            words.setWordWrap(True)  # a name may be long, and the column is narrow
        top = QHBoxLayout()
        top.addWidget(self._name, 1)
        top.addWidget(self._badge)
        layout.addLayout(top)
        font = QFont(self.font())
        font.setPixelSize(_COUNT_PX)
        font.setBold(True)
        self._count.setFont(font)
        self._count.setAccessibleName(_tr("People counted"))
        numbers = QHBoxLayout()
        numbers.addWidget(self._count, 1)
        numbers.addWidget(self._build_truth(), 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addLayout(numbers)
        layout.addWidget(self._interval)
        layout.addSpacing(6)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(1, 1)
        layout.addLayout(self._grid)
        for row in _ROWS:
            self._add_row(row)
        self._note.setVisible(bool(self._note.toPlainText()))
        layout.addSpacing(4)
        layout.addWidget(self._note)

    def _build_truth(self) -> QWidget:
        column = QVBoxLayout(self._truth_box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        font = QFont(self.font())
        font.setPixelSize(_TRUTH_PX)
        font.setBold(True)
        self._truth.setFont(font)
        self._truth.setAccessibleName(_tr("True count of people"))
        _colour(self._truth, self._theme.truth)
        for label in (make_label("heading", _tr("TRUE COUNT")), self._truth, self._difference):
            column.addWidget(label, 0, Qt.AlignmentFlag.AlignRight)
        self._truth_box.setToolTip(
            _tr("The scene is synthetic, so the number of people is known exactly")
        )
        return self._truth_box

    def _show_truth(self, truth: TruthView | None) -> None:
        if self._truth_box.isHidden() is (truth is not None):
            self._truth_box.setHidden(truth is None)
        set_text(self._truth, truth.truth if truth else "")
        set_text(self._difference, truth.difference if truth else "")
        self._set_row("Mean error", truth.mean_error if truth else "")

    def _add_row(self, row: str) -> None:
        name, value = make_label("muted", _row_names()[row]), make_label()
        name.setToolTip(self._tips.get(row, ""))
        value.setWordWrap(True)
        index = self._grid.rowCount()
        self._grid.addWidget(name, index, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(value, index, 1)
        self._rows[row] = (name, value)

    def _set_row(self, row: str, text: str, *, details: str = "") -> None:
        name, value = self._rows[row]
        set_text(value, text)
        if details != value.toolTip():
            value.setToolTip(details)
        for label in (name, value):
            if label.isHidden() is bool(text):
                label.setHidden(not text)

    def _style_count(self, *, is_old: bool) -> None:
        font = self._count.font()
        colour = self._theme.muted if is_old else self._theme.text
        if font.strikeOut() is not is_old:
            font.setStrikeOut(is_old)
            self._count.setFont(font)
        _colour(self._count, colour)


def _colour(label: QLabel, colour: str) -> None:
    """Give a label's words a colour; the same one costs nothing."""
    palette = label.palette()
    if palette.color(QPalette.ColorRole.WindowText) != QColor(colour):
        palette.setColor(QPalette.ColorRole.WindowText, QColor(colour))
        label.setPalette(palette)


def _tr(text: str) -> str:
    return translate("Readout", text)
