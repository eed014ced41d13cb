"""Colours of the window: dark for control rooms, light for offices.

Colours that mean something are from the set of Okabe and Ito, which people with any kind of colour
vision can tell apart; none of them ever stands without a word or a shape.

Source:
    Okabe, Ito: Color Universal Design, 2008.
"""

from dataclasses import dataclass

from PyQt6.QtGui import QColor, QPalette
from PyQt6.QtWidgets import QApplication, QStyleFactory

from monitor.core.reading import Quality

_FONT_PX = 13  # to be read from an arm's length and a half
LARGE_TYPE = 1.4
"""How many times larger letters are for a screen on a wall, or for tired eyes."""


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours by their task, as `#rrggbb`."""

    name: str
    window: str
    """Behind everything."""
    panel: str
    """Behind groups of words."""
    field: str
    """Behind what can be typed into."""
    line: str
    """Borders and grids."""
    text: str
    muted: str
    """Words that are there to be found, not to be read all the time."""
    accent: str
    """The count, what is selected, what can be dragged."""
    truth: str
    """The known number of people, where there is one."""
    alarm: str
    alarm_dim: str
    """The other half of a blinking alarm."""
    alarm_words: str
    """Words of an alarm on a quiet ground, where `alarm` itself could not be read."""
    warning: str
    good: str
    on_strong: str
    """Words on `alarm`."""
    on_warning: str
    """Words and signs on `warning` and on `muted`."""
    on_accent: str
    """Words on `accent`."""

    def of_quality(self, quality: Quality) -> str:
        """Give the colour of a quality; its word and shape are in the badge."""
        return {
            Quality.GOOD: self.good,
            Quality.DEGRADED: self.warning,
            Quality.UNCALIBRATED: self.warning,
            Quality.OUT_OF_DISTRIBUTION: self.warning,
            Quality.STALE: self.warning,
            Quality.LOST: self.alarm,
        }[quality]


DARK = Theme(
    name="dark",
    window="#11151a",
    panel="#1a2027",
    field="#0d1115",
    line="#2e3741",
    text="#dfe5ea",
    muted="#92a0ad",
    accent="#56b4e9",
    truth="#e6d355",
    alarm="#d63a20",
    alarm_dim="#7a2013",
    alarm_words="#f7715a",
    warning="#e69f00",
    good="#2fae86",
    on_strong="#ffffff",
    on_warning="#000000",
    on_accent="#11151a",
)
"""For rooms where the lights are low."""

LIGHT = Theme(
    name="light",
    window="#eceff2",
    panel="#ffffff",
    field="#f7f9fa",
    line="#c9d1d8",
    text="#171c21",
    muted="#56636f",
    accent="#0072b2",
    truth="#8a6d00",
    alarm="#c8371b",
    alarm_dim="#8a2412",
    alarm_words="#c02f14",
    warning="#8f5d00",
    good="#00795a",
    on_strong="#ffffff",
    on_warning="#ffffff",
    on_accent="#ffffff",
)
"""For rooms with daylight."""


def apply_theme(application: QApplication, theme: Theme, *, type_scale: float = 1.0) -> None:
    """Give the whole program the colours of a theme.

    Args:
        application: The running Qt program.
        theme: Colours.
        type_scale: How many times larger than usual letters are; `LARGE_TYPE` from far away.
    """
    application.setStyle(QStyleFactory.create("Fusion"))
    application.setPalette(_palette(theme))
    font = application.font()
    font.setPixelSize(round(_FONT_PX * type_scale))
    application.setFont(font)
    application.setStyleSheet(_style_sheet(theme, type_scale))


def _palette(theme: Theme) -> QPalette:
    """Make the palette that Fusion draws its own parts with."""
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    palette = QPalette()
    for part, colour in (
        (role.Window, theme.window),
        (role.WindowText, theme.text),
        (role.Base, theme.field),
        (role.AlternateBase, theme.panel),
        (role.Text, theme.text),
        (role.PlaceholderText, theme.muted),
        (role.Button, theme.panel),
        (role.ButtonText, theme.text),
        (role.ToolTipBase, theme.panel),
        (role.ToolTipText, theme.text),
        (role.Highlight, theme.accent),
        (role.HighlightedText, theme.on_accent),
        (role.Link, theme.accent),
    ):
        palette.setColor(part, QColor(colour))
    for part in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(group.Disabled, part, QColor(theme.muted))
    return palette


def _style_sheet(theme: Theme, type_scale: float) -> str:
    """Write the style sheet: what Fusion alone does not draw as we want it."""
    small, sentence, large, headline = (round(px * type_scale) for px in (11, 15, 17, 18))
    return f"""
QToolTip {{ background: {theme.panel}; color: {theme.text}; border: 1px solid {theme.line}; }}
QFrame#panel {{ background: {theme.panel}; border: 1px solid {theme.line}; border-radius: 6px; }}
QLabel#title {{ font-size: {large}px; font-weight: 600; }}
QLabel#heading {{ color: {theme.muted}; font-size: {small}px; font-weight: 600; }}
QLabel#muted {{ color: {theme.muted}; }}
QLabel#warning {{ color: {theme.warning}; font-weight: 600; }}
QLabel#sentence {{ font-size: {sentence}px; }}
QLabel#headline {{ font-size: {headline}px; font-weight: 600; }}
QLabel#clock {{ font-size: {large}px; font-weight: 600; }}
QPushButton, QToolButton {{
    background: {theme.panel}; border: 1px solid {theme.line}; border-radius: 4px;
    padding: 4px 10px;
}}
QTabBar QToolButton {{ padding: 0; }}  /* else its arrow has no room */
QPushButton:hover, QToolButton:hover {{ border-color: {theme.accent}; }}
QPushButton:focus, QToolButton:focus {{ border-color: {theme.accent}; }}
QPushButton:pressed, QToolButton:pressed, QToolButton:checked {{
    background: {theme.line};
}}
QPushButton:disabled, QToolButton:disabled {{ color: {theme.muted}; }}
QLineEdit#note {{
    background: {theme.field}; border: 1px solid {theme.line}; border-radius: 4px;
    padding: 3px 6px; selection-background-color: {theme.accent};
}}
QLineEdit#note:focus {{ border-color: {theme.accent}; }}
QPlainTextEdit#modelNote {{ background: transparent; color: {theme.muted}; }}
QScrollBar:vertical {{ background: transparent; width: 9px; margin: 0; }}
QScrollBar::handle:vertical {{
    background: {theme.line}; border-radius: 4px; min-height: 24px;
}}
QScrollBar::handle:vertical:hover {{ background: {theme.muted}; }}
QScrollBar::add-line:vertical, QScrollBar::sub-line:vertical {{ height: 0; }}
QScrollBar::add-page:vertical, QScrollBar::sub-page:vertical {{ background: transparent; }}
QCheckBox::indicator, QTreeView::indicator {{
    width: 13px; height: 13px; border: 1px solid {theme.muted}; border-radius: 3px;
    background: {theme.field};
}}
QCheckBox::indicator:checked, QTreeView::indicator:checked {{
    background: {theme.accent}; border-color: {theme.accent};
}}
QCheckBox::indicator:focus {{ border-color: {theme.accent}; }}
QTableView {{
    background: {theme.panel}; border: none; gridline-color: {theme.line};
    selection-background-color: {theme.line}; selection-color: {theme.text};
}}
QHeaderView::section {{
    background: {theme.panel}; color: {theme.muted}; border: none;
    border-bottom: 1px solid {theme.line}; padding: 3px 6px; font-size: {small}px;
}}
"""
