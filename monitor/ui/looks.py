"""How the window looks: dark or light, usual or large letters, and what share the words get."""

from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QApplication

from monitor.ui.theme import DARK, LARGE_TYPE, LIGHT, Theme, apply_theme

if TYPE_CHECKING:  # the window imports this module
    from monitor.ui.window import MonitorWindow


class Looks:
    """The colours and letters of one window; lives on the GUI thread."""

    def __init__(self, window: "MonitorWindow", theme: Theme, *, is_large_type: bool) -> None:
        self._window = window
        self.theme = theme
        self.is_large_type = is_large_type

    def switch_theme(self) -> None:
        """Change between dark and light."""
        self.theme = LIGHT if self.theme.name == DARK.name else DARK
        self._apply()

    def switch_type(self) -> None:
        """Change between usual and large letters."""
        self.is_large_type = not self.is_large_type
        self._apply()

    def fit_side(self) -> None:
        """Give the words on the right their share of the window."""
        self._window.side.fit_to(self._window.width(), type_scale=self._type_scale)

    @property
    def _type_scale(self) -> float:
        return LARGE_TYPE if self.is_large_type else 1.0

    def _apply(self) -> None:
        window, application = self._window, QApplication.instance()
        if isinstance(application, QApplication):
            apply_theme(application, self.theme, type_scale=self._type_scale)
        side = window.side
        for part in (window.strip, window.stage, window.plot, window.readout, side.alarm_panel):
            part.set_theme(self.theme)
        for desk in (window.second, window.rule_desk, window.load_desk):
            desk.set_theme(self.theme)
        self.fit_side()
