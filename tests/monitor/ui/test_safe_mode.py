"""What is shown when the site file cannot be used."""

import pytest
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtWidgets import QApplication

from monitor.ui.safe_mode import SafeModeDialog, ask_to_read_again

EXPLANATION = "site.toml: 2 mistakes\n  line 2: camera[1].nme: …\n  line 3: camera[1].source: …"


def test_every_mistake_is_there_to_be_read_and_copied(qtbot):
    """All lines, none of which can be changed here."""
    dialog = SafeModeDialog(EXPLANATION)
    qtbot.addWidget(dialog)

    text = dialog.mistakes.toPlainText()
    assert all(line.strip() in text for line in EXPLANATION.splitlines())
    assert dialog.mistakes.isReadOnly()


@pytest.mark.parametrize(("label", "expected"), [("Reload the file", True), ("Close", False)])
def test_whoever_sees_it_chooses(qtbot, label, expected):
    """Reading again after the file was mended, or giving up."""

    def choose():
        (dialog,) = [one for one in QApplication.topLevelWidgets() if one.isVisible()]
        button = next(one for one in dialog.buttons.buttons() if one.text() == label)
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    QTimer.singleShot(200, choose)

    assert ask_to_read_again(EXPLANATION) is expected
