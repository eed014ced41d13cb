"""Where the parts of the window stand, and where the window stands on the screens."""

from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSplitter, QVBoxLayout, QWidget

from monitor.ui.memory import WindowMemory

if TYPE_CHECKING:  # the window imports this module
    from monitor.ui.window import MonitorWindow

_PICTURE_TO_PLOT = (800, 200)
_SIZE_WH = (1280, 800)
_GEOMETRY, _SPLITTER = "place", "picture_to_plot"


def fill_window(window: "MonitorWindow", state: QLabel) -> None:
    """Put the parts of a window into their places: pictures over plot, words on the right."""
    middle = QSplitter(Qt.Orientation.Vertical)
    middle.setObjectName(_SPLITTER)
    middle.addWidget(window.stage)
    middle.addWidget(window.plot)
    middle.setStretchFactor(0, 1)
    middle.setStretchFactor(1, 1)
    middle.setSizes(list(_PICTURE_TO_PLOT))
    middle.setChildrenCollapsible(False)
    columns = QHBoxLayout()
    columns.setSpacing(8)
    columns.addWidget(middle, 1)
    columns.addWidget(window.side)
    body = QWidget()
    layout = QVBoxLayout(body)
    layout.setContentsMargins(10, 8, 10, 6)
    layout.setSpacing(8)
    layout.addWidget(window.header)
    layout.addWidget(window.strip)
    layout.addLayout(columns, 1)
    layout.addWidget(state)
    window.setCentralWidget(body)


def save_place(window: "MonitorWindow", memory: WindowMemory | None) -> None:
    """Remember where a window stood, on which screen, and how it was set."""
    if memory is None:
        return
    memory.put_bytes(_GEOMETRY, window.saveGeometry())
    if (splitter := window.findChild(QSplitter, _SPLITTER)) is not None:
        memory.put_bytes(_SPLITTER, splitter.saveState())
    memory.put("theme", window.looks.theme.name)
    memory.put("large_type", window.looks.is_large_type)
    memory.put("columns", window.stage.wall.chosen_columns)
    memory.put("heat_strength", window.stage.controls.opacity.value())
    memory.put("heat_threshold", window.stage.controls.threshold.value())


def restore_place(window: "MonitorWindow", memory: WindowMemory | None) -> None:
    """Put a window where it was; where its screen is gone, Qt puts it on one that is there."""
    window.resize(*_SIZE_WH)
    if memory is None:
        return
    if (geometry := memory.get_bytes(_GEOMETRY)) is not None:
        window.restoreGeometry(geometry)
    splitter = window.findChild(QSplitter, _SPLITTER)
    if splitter is not None and (state := memory.get_bytes(_SPLITTER)) is not None:
        splitter.restoreState(state)
    controls = window.stage.controls
    controls.set_columns(memory.get("columns", 0))
    controls.opacity.setValue(memory.get("heat_strength", controls.opacity.value()))
    controls.threshold.setValue(memory.get("heat_threshold", controls.threshold.value()))
