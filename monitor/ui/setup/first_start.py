"""The first page, shown before there is a site: demo, webcam, network camera, or site file."""

import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication, QDialog, QFileDialog, QPushButton, QVBoxLayout, QWidget

from monitor.settings import CameraSettings
from monitor.ui.language import speak
from monitor.ui.memory import machine_memory
from monitor.ui.setup.camera_dialog import CameraDialog
from monitor.ui.setup.camera_form import Kind
from monitor.ui.setup.tools import SetUpTools
from monitor.ui.theme import DARK, LARGE_TYPE, LIGHT, apply_theme
from monitor.ui.widgets import make_label

_SIZE_WH = (620, 440)


class Beginning(StrEnum):
    """What to begin with."""

    DEMO = "demo"
    CAMERA = "camera"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Begun:
    """What somebody chose."""

    beginning: Beginning
    camera: CameraSettings | None = None
    """The first camera, for `CAMERA`."""
    model: Path | None = None
    """What counts; None: the usual model."""
    file: Path | None = None
    """The site file, for `FILE`."""


class FirstStart(QDialog):
    """Four ways to begin, in plain words.

    Attributes:
        begun: What was chosen; None: nothing yet.
        camera_dialog: The dialog that is open over it; None: none was.
    """

    def __init__(self, tools: SetUpTools, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tools = tools
        self.begun: Begun | None = None
        self.camera_dialog: CameraDialog | None = None
        self.demo_button = _way(
            self.tr("Show the demo"),
            self.tr("A simulated scene with a known number of people. No camera needed."),
        )
        self.webcam_button = _way(
            self.tr("Use the webcam of this computer"),
            self.tr("A built-in or USB webcam."),
        )
        self.add_button = _way(
            self.tr("Add a network camera"),
            self.tr("Find it on the network or enter its address, and see a preview first."),
        )
        self.file_button = _way(
            self.tr("Open a site file"),
            self.tr(
                "An existing set-up of cameras, zones and rules: site.toml or an exported archive."
            ),
        )
        self._build()

    def _build(self) -> None:
        self.setWindowTitle("Crowd Monitor")
        self.resize(*_SIZE_WH)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(36, 28, 36, 24)
        layout.setSpacing(10)
        layout.addWidget(make_label("headline", self.tr("How many people, where, how sure")))
        intro = make_label("muted", self.tr("Nothing is set up yet. Start with one of these:"))
        layout.addWidget(intro)
        for button, do in (
            (self.demo_button, self._on_demo),
            (self.webcam_button, lambda: self._ask_for_camera(Kind.WEBCAM)),
            (self.add_button, lambda: self._ask_for_camera(Kind.NETWORK)),
            (self.file_button, self._on_file),
        ):
            button.clicked.connect(do)
            layout.addWidget(button)
        layout.addStretch(1)
        caution = make_label("muted", self.tr("Decision support, not a safety system."))
        caution.setAlignment(Qt.AlignmentFlag.AlignRight)
        layout.addWidget(caution)

    def _on_demo(self) -> None:
        self._begin(Begun(Beginning.DEMO))

    def _on_file(self) -> None:
        kinds = self.tr("Sites (*.toml *.zip)")
        chosen, _ = QFileDialog.getOpenFileName(self, self.tr("Open a site file"), "", kinds)
        if chosen:
            self._begin(Begun(Beginning.FILE, file=Path(chosen)))

    def _ask_for_camera(self, kind: Kind) -> None:
        dialog = CameraDialog(self._tools, parent=self)
        self.camera_dialog = dialog
        dialog.form.choose_kind(kind)
        dialog.accepted.connect(self._on_camera)
        dialog.open()
        if kind is Kind.WEBCAM:
            dialog.test_connection()

    def _on_camera(self) -> None:
        dialog = self.camera_dialog
        if dialog is not None and dialog.camera is not None:
            self._begin(Begun(Beginning.CAMERA, dialog.camera, dialog.model))

    def _begin(self, begun: Begun) -> None:
        self.begun = begun
        self.accept()


def _way(words: str, more: str) -> QPushButton:
    """Make a large button with a title and what it means; letters are as large as elsewhere."""
    button = QPushButton()
    button.setAccessibleName(f"{words}. {more}")
    button.setAutoDefault(False)
    layout = QVBoxLayout(button)
    layout.setContentsMargins(16, 10, 16, 10)
    layout.setSpacing(2)
    for kind, text in (("title", words), ("muted", more)):
        label = make_label(kind, text)
        label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        layout.addWidget(label)
    button.setMinimumSize(layout.sizeHint())
    return button


def ask_how_to_begin(tools: SetUpTools) -> Begun | None:
    """Show the first page until somebody chooses.

    Args:
        tools: What adding a camera needs.

    Returns:
        What was chosen; None: the page was closed.
    """
    application = QApplication.instance() or QApplication(sys.argv[:1])
    if isinstance(application, QApplication):
        speak(application)
        memory = machine_memory()
        is_light = memory.get("theme", DARK.name) == LIGHT.name
        scale = LARGE_TYPE if memory.get("large_type", False) else 1.0
        apply_theme(application, LIGHT if is_light else DARK, type_scale=scale)
    page = FirstStart(tools)
    page.exec()
    return page.begun
