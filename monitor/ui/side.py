"""The column of words on the right: the camera that is looked at, its limit, all alarms.

Other parts of the window add panels of their own.
"""

from PyQt6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from monitor.ui.alarms.panel import AlarmPanel
from monitor.ui.journal import JournalTable
from monitor.ui.labels import make_button, make_panel
from monitor.ui.limit_editor import LimitEditor
from monitor.ui.readout import CountReadout
from monitor.ui.theme import Theme

_SHARE = 0.24
_NARROWEST, _WIDEST = 384, 520
_MOST_SHARE = 0.36


class SidePanel(QWidget):
    """Panels below each other; the last takes what height is left."""

    def __init__(self, model_note: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.readout = CountReadout(model_note, theme)
        self.limit_editor = LimitEditor()
        self.journal = JournalTable()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(8)
        self._layout.addWidget(self.readout)
        self._panels = 1
        self.rules_button = make_button(
            self.tr("Rules …"),
            self.tr("Change every rule of this camera and try it on the last 24 hours: key R"),
        )
        limit = QWidget()
        row = QHBoxLayout(limit)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.limit_editor, 1)
        row.addWidget(self.rules_button)
        self.add_panel(self.tr("Alarm"), limit)
        self.alarm_panel = AlarmPanel(self.journal, theme)
        alarms, layout = make_panel("")
        layout.addWidget(self.alarm_panel)
        self._layout.addWidget(alarms, 1)

    def add_panel(self, heading: str, content: QWidget) -> QFrame:
        """Add a panel above the alarms.

        Args:
            heading: What it is called.
            content: What is in it.

        Returns:
            The panel, to be shown and hidden.
        """
        panel, layout = make_panel(heading)
        layout.addWidget(content)
        self._layout.insertWidget(self._panels, panel)
        self._panels += 1
        return panel

    def fit_to(self, window_width: int, *, type_scale: float = 1.0) -> None:
        """Take a share of the window's width: enough for words, never most of it."""
        narrowest = min(round(_NARROWEST * type_scale), round(_MOST_SHARE * window_width))
        width = round(window_width * _SHARE)
        self.setFixedWidth(max(narrowest, min(round(_WIDEST * type_scale), width)))
