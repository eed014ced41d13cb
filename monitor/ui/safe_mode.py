"""What is shown in place of the window when the site file cannot be used: why, and a second chance.

Who starts the program by a click has no terminal in which a sentence could be read.
"""

import sys

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from monitor.ui.language import speak
from monitor.ui.theme import DARK, apply_theme
from monitor.ui.widgets import make_label

_SIZE_WH = (900, 420)


class SafeModeDialog(QDialog):
    """Says what is wrong with a site file; accepted: read it again, rejected: give up."""

    def __init__(self, explanation: str, parent: QWidget | None = None) -> None:
        """Build the dialog.

        Args:
            explanation: First what is wrong as a whole, then a line for each mistake.
            parent: Its owner; None: it has none.
        """
        super().__init__(parent)
        self.setWindowTitle(self.tr("Crowd Monitor: the site file cannot be used"))
        first, _, rest = explanation.partition("\n")
        heading = make_label(
            "muted", self.tr("Nothing is counted until the site file is corrected.")
        )
        heading.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.mistakes = QPlainTextEdit("\n".join([first, "", rest]).rstrip())
        self.mistakes.setReadOnly(True)
        self.mistakes.setAccessibleName(self.tr("Errors in the site file"))
        self.buttons = QDialogButtonBox(self)
        again = self.buttons.addButton(
            self.tr("Reload the file"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        close = self.buttons.addButton(self.tr("Close"), QDialogButtonBox.ButtonRole.RejectRole)
        assert again is not None, "Qt makes the button that is asked for"
        assert close is not None, "Qt makes the button that is asked for"
        again.setDefault(True)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for one in (heading, self.mistakes, self.buttons):
            layout.addWidget(one)
        self.resize(*_SIZE_WH)


def ask_to_read_again(explanation: str) -> bool:
    """Say what is wrong with a site file, and ask what to do.

    Args:
        explanation: First what is wrong as a whole, then a line for each mistake.

    Returns:
        Whether the file is to be read again.
    """
    application = QApplication.instance() or QApplication(sys.argv[:1])
    if isinstance(application, QApplication):
        speak(application)
        apply_theme(application, DARK)
    return SafeModeDialog(explanation).exec() == QDialog.DialogCode.Accepted
