"""Labels as this window uses them."""

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFrame, QLabel, QToolButton, QVBoxLayout, QWidget


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
