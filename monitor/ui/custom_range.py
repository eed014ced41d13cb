"""Where a person chooses the time that a plot shows."""

from datetime import UTC, datetime

from PyQt6.QtCore import QDateTime, Qt
from PyQt6.QtGui import QIcon
from PyQt6.QtWidgets import QDateTimeEdit, QDialog, QDialogButtonBox, QFormLayout, QWidget

from monitor.ui.labels import make_label
from monitor.ui.span import Span, custom_span


class CustomRange(QDialog):
    """From and to, in the time of the room."""

    def __init__(
        self, start_utc: datetime, stop_utc: datetime, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Time to show"))
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
