"""Small widgets that every part of the window uses: labels, panels, buttons, rows that fit.

A window must never be wider than its screen, however large the letters are.
"""

from PyQt6.QtCore import QEvent, QSize, Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget


def make_label(kind: str = "", text: str = "") -> QLabel:
    """Make a label.

    Args:
        kind: Name in the style sheet; empty: an ordinary one.
        text: What it says; never read as HTML, whatever a camera is called.

    Returns:
        The label.
    """
    label = QLabel(text)
    label.setObjectName(kind)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def set_text(label: QLabel, text: str) -> None:
    """Change a label; the same text costs nothing, though it comes 30 times a second."""
    if label.text() != text:
        label.setText(text)


def set_kind(label: QLabel, kind: str) -> None:
    """Change a label's name in the style sheet, and so its colours."""
    if label.objectName() != kind:
        label.setObjectName(kind)
        if (style := label.style()) is not None:  # Qt reads the style sheet again only if asked
            style.unpolish(label)
            style.polish(label)


def make_panel(heading: str, parent: QWidget | None = None) -> tuple[QFrame, QVBoxLayout]:
    """Make a framed group with a heading.

    Args:
        heading: What the group is called; empty: nothing is written.
        parent: Owner.

    Returns:
        The frame, and the layout to fill.
    """
    frame = QFrame(parent)
    frame.setObjectName("panel")
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(14, 10, 14, 12)
    layout.setSpacing(6)
    if heading:
        layout.addWidget(make_label("heading", heading.upper()))
    return frame, layout


def make_button(text: str, tip: str) -> QToolButton:
    """Make a small button that the keyboard reaches and a click does not hold."""
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


_SPACING = 8


class PriorityRow(QWidget):
    """Widgets beside each other; each says whether it may be left out, and how soon."""

    def __init__(self, parent: QWidget | None = None, *, spacing: int = _SPACING) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(spacing)
        self._row.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
        self._gives_way: dict[QWidget, int] = {}
        self._unwanted: set[QWidget] = set()

    def add(self, widget: QWidget, *, gives_way: int = 0) -> None:
        """Add a widget at the end.

        Args:
            widget: What to add.
            gives_way: 0: it is always there; of others the largest number is left out first.
        """
        self._row.addWidget(widget)
        self._gives_way[widget] = gives_way

    def add_stretch(self) -> None:
        """Push what follows to the right end."""
        self._row.addStretch(1)

    def set_wanted(self, widget: QWidget, is_wanted: bool) -> None:
        """Leave a widget out whatever room there is, or take it in again."""
        if is_wanted == (widget not in self._unwanted):
            return
        (self._unwanted.discard if is_wanted else self._unwanted.add)(widget)
        self.refit()

    def refit(self) -> None:
        """Look again at what there is room for, after a widget has changed its width."""
        shown = [one for one in self._gives_way if one not in self._unwanted]
        leavers = sorted((one for one in shown if self._gives_way[one]), key=self._patience)
        while leavers and self._width_of(shown) > self.width():
            shown.remove(leavers.pop(0))
        for widget in self._gives_way:
            if widget.isHidden() is (widget in shown):
                widget.setVisible(widget in shown)
        self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        """Room for what never gives way."""
        kept = [one for one, when in self._gives_way.items() if not when]
        wanted = [one for one in kept if one not in self._unwanted]
        return QSize(self._width_of(wanted), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Fit into the new width."""
        super().resizeEvent(event)
        self.refit()

    def event(self, event: QEvent | None) -> bool:
        """Fit again when a widget needs more or less room than before."""
        if event is not None and event.type() is QEvent.Type.LayoutRequest:
            self.refit()
        return super().event(event)

    def changeEvent(self, event: QEvent | None) -> None:
        """Fit with larger or smaller letters."""
        super().changeEvent(event)
        if event is not None and event.type() is QEvent.Type.FontChange:
            self.refit()

    def _patience(self, widget: QWidget) -> int:
        return -self._gives_way[widget]

    def _width_of(self, widgets: list[QWidget]) -> int:
        widths = [max(one.sizeHint().width(), one.minimumWidth()) for one in widgets]
        return sum(widths) + self._row.spacing() * max(0, len(widths) - 1)
