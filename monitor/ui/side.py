"""The column of words on the right: the selected camera, its limit, all alarms.

Other parts of the window add panels of their own.
"""

from PyQt6.QtCore import QEvent, QObject, QSize, Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from monitor.ui.alarms.panel import AlarmPanel
from monitor.ui.journal import JournalTable
from monitor.ui.limit_editor import LimitEditor
from monitor.ui.readout import CountReadout
from monitor.ui.theme import Theme
from monitor.ui.widgets import make_button, make_panel

_SHARE = 0.24
_NARROWEST, _WIDEST = 384, 520
_MOST_SHARE = 0.36
_SPACING = 8
_ALARMS_LEAST_PX = 200
"""Height that the panels leave to the alarms: two of them in sight."""
_LEAST_PX = 260
"""Height below which the panels do not shrink: the count with its interval and some rows."""


class PanelColumn(QScrollArea):
    """Panels below each other, as high as they need while there is room; else they scroll.

    A window must never be higher than its screen, however much is known of a camera.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._content = QWidget()
        # Else one long word would make it wider than what is seen of it, and cut the rest off.
        self._content.setMinimumWidth(1)
        self._layout = QVBoxLayout(self._content)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(_SPACING)
        self.setWidget(self._content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def add(self, panel: QWidget) -> None:
        """Add a panel at the lower end."""
        self._layout.addWidget(panel)

    def sizeHint(self) -> QSize:
        """As high as the panels are at this width."""
        viewport = self.viewport()
        width = max(1, self.width() if viewport is None else viewport.width())
        is_wrapped = self._layout.hasHeightForWidth()
        hint = self._layout.sizeHint()
        return QSize(
            hint.width(), self._layout.heightForWidth(width) if is_wrapped else hint.height()
        )

    def minimumSizeHint(self) -> QSize:
        """Enough to read a count."""
        return QSize(0, min(self.sizeHint().height(), _LEAST_PX))

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Take note that a panel needs more or less room."""
        if event is not None and event.type() is QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Wrap words anew."""
        super().resizeEvent(event)
        if event is not None and event.size().width() != event.oldSize().width():
            self.updateGeometry()


class SidePanel(QWidget):
    """Panels below each other; the last takes what height is left."""

    def __init__(self, model_note: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.readout = CountReadout(model_note, theme)
        self.limit_editor = LimitEditor()
        self.journal = JournalTable()
        self._column = PanelColumn()
        self._column.add(self.readout)
        self.rules_button = make_button(
            self.tr("Rules …"),
            self.tr("Edit all rules of this camera and test them on the last 24 hours: key R"),
        )
        limit = QWidget()
        row = QHBoxLayout(limit)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.limit_editor, 1)
        row.addWidget(self.rules_button)
        self.add_panel(self.tr("Alarm"), limit)
        self.alarm_panel = AlarmPanel(self.journal, theme)
        alarms, layout = make_panel("")
        alarms.setMinimumHeight(_ALARMS_LEAST_PX)
        layout.addWidget(self.alarm_panel)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(_SPACING)
        whole.addWidget(self._column)
        whole.addWidget(alarms, 1)

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
        self._column.add(panel)
        return panel

    def fit_to(self, window_width: int, *, type_scale: float = 1.0) -> None:
        """Take a share of the window's width: enough for words, never most of it."""
        narrowest = min(round(_NARROWEST * type_scale), round(_MOST_SHARE * window_width))
        width = round(window_width * _SHARE)
        self.setFixedWidth(max(narrowest, min(round(_WIDEST * type_scale), width)))
