"""Which stretch of time the plot shows, and the dialog that asks for one."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from PyQt6.QtCore import QDateTime, Qt
from PyQt6.QtGui import QIcon
from PyQt6.QtWidgets import QDateTimeEdit, QDialog, QDialogButtonBox, QFormLayout, QWidget

from monitor.ui.language import later
from monitor.ui.widgets import make_label

MINUTE_S, HOUR_S, DAY_S = 60.0, 3600.0, 86_400.0
LIVE_UP_TO_S = 8 * HOUR_S
"""Up to here the window's own memory is drawn, which is newer than the history."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time that ends now, or one that has ended."""

    name: str
    length_s: float
    stop_utc: datetime | None = None
    """When it ends; None: now, whenever that is."""

    @property
    def is_live(self) -> bool:
        """Whether it is drawn from what the window itself remembers."""
        return self.stop_utc is None and self.length_s <= LIVE_UP_TO_S

    def bounds(self, now_utc: datetime) -> tuple[datetime, datetime]:
        """Give when it begins and when it ends."""
        stop = self.stop_utc or now_utc
        return stop - timedelta(seconds=self.length_s), stop


SPANS = (
    Span(later("CountPlot", "2 minutes"), 2 * MINUTE_S),
    Span(later("CountPlot", "10 minutes"), 10 * MINUTE_S),
    Span(later("CountPlot", "1 hour"), HOUR_S),
    Span(later("CountPlot", "8 hours"), 8 * HOUR_S),
    Span(later("CountPlot", "24 hours"), DAY_S),
    Span(later("CountPlot", "7 days"), 7 * DAY_S),
)
"""Times that can be looked at, all of them ending now."""


def custom_span(start_utc: datetime, stop_utc: datetime) -> Span:
    """Give a stretch of time that a person chose.

    Args:
        start_utc: From.
        stop_utc: To; after `start_utc`.

    Returns:
        The span.

    Raises:
        ValueError: If it ends before it begins.
    """
    length_s = (stop_utc - start_utc).total_seconds()
    if length_s <= 0:
        raise ValueError("the end must come after the beginning")
    return Span("Custom", length_s, stop_utc)


class CustomRange(QDialog):
    """From and to, in the time of the room."""

    def __init__(
        self, start_utc: datetime, stop_utc: datetime, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Time range"))
        self.start_edit = _editor(start_utc, self.tr("From"))
        self.stop_edit = _editor(stop_utc, self.tr("To"))
        self._fault = make_label("warning")
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        for button in buttons.buttons():
            button.setIcon(QIcon())  # as everywhere: words alone
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QFormLayout(self)
        layout.addRow(self.tr("From"), self.start_edit)
        layout.addRow(self.tr("To"), self.stop_edit)
        layout.addRow(self._fault)
        layout.addRow(buttons)

    @property
    def fault(self) -> str:
        """Why what is chosen cannot be shown; empty while nothing is wrong."""
        return self._fault.text()

    def span(self) -> Span:
        """Give the time that is chosen.

        Returns:
            The span.

        Raises:
            ValueError: If it ends before it begins.
        """
        return custom_span(_moment(self.start_edit), _moment(self.stop_edit))

    def accept(self) -> None:
        """Close, unless the end comes before the beginning."""
        try:
            self.span()
        except ValueError as error:
            self._fault.setText(str(error))
            return
        super().accept()


def _editor(moment: datetime, name: str) -> QDateTimeEdit:
    editor = QDateTimeEdit(QDateTime.fromSecsSinceEpoch(int(moment.timestamp())))
    editor.setCalendarPopup(True)
    editor.setAccessibleName(name)
    editor.setTimeSpec(Qt.TimeSpec.LocalTime)
    return editor


def _moment(editor: QDateTimeEdit) -> datetime:
    return datetime.fromtimestamp(editor.dateTime().toSecsSinceEpoch(), UTC)
