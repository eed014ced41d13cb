"""What the model was trained on and how far it can be trusted, always in sight."""

import math

from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QFrame, QPlainTextEdit, QWidget

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
