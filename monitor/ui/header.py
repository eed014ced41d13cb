"""The top line: what this is, who sits here, what time it is."""

from datetime import datetime

from PyQt6.QtCore import QDate, QLocale, pyqtSignal
from PyQt6.QtWidgets import QMenu, QToolButton, QWidget

from monitor.ui.text import clock_text
from monitor.ui.widgets import PriorityRow, make_button, make_label, set_kind, set_text


class Header(PriorityRow):
    """Title, operator, clock, and what can be switched.

    Signals:
        wall_toggled: All cameras are wanted, or one; carries whether all are.
        sound_test_wanted: The alarm's sound is to be tried out.
    """

    wall_toggled = pyqtSignal(bool)
    sound_test_wanted = pyqtSignal()

    def __init__(self, title: str, operator: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sound = make_label("muted")
        self._clock = make_label("clock")
        self._wall = make_button(
            self.tr("All cameras  (G)"), self.tr("Show all cameras, or one: key G")
        )
        self._wall.setCheckable(True)
        self._wall.toggled.connect(self.wall_toggled)
        test = make_button(self.tr("Test sound"), self.tr("Play the alarm sound briefly"))
        test.clicked.connect(self.sound_test_wanted)
        self._menu = make_button(self.tr("Menu"), self.tr("All commands: key F10"))
        self._menu.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.add(make_label("title", title), gives_way=1)
        self.add_stretch()
        self.add(self._wall)
        self.add(self._sound)
        self.add(test, gives_way=2)
        self.add(self._menu)
        self.add(make_label("muted", operator), gives_way=3)
        self.add(self._clock)

    @property
    def wall_button(self) -> QToolButton:
        """The switch between all cameras and one."""
        return self._wall

    @property
    def sound_text(self) -> str:
        """What is said about sound."""
        return self._sound.text()

    @property
    def menu_button(self) -> QToolButton:
        """The button that opens the menu."""
        return self._menu

    def show_wall_button(self, is_wanted: bool) -> None:
        """Offer the switch between all cameras and one, or not."""
        self.set_wanted(self._wall, is_wanted)

    def set_menu(self, menu: QMenu) -> None:
        """Give the button its menu."""
        self._menu.setMenu(menu)

    def show_time(self, now_utc: datetime) -> None:
        """Show the time of day."""
        set_text(self._clock, clock_text(now_utc))
        day = now_utc.astimezone()
        date = QLocale().toString(
            QDate(day.year, day.month, day.day), QLocale.FormatType.LongFormat
        )
        if (tip := f"{date}, {day.tzname()}") != self._clock.toolTip():
            self._clock.setToolTip(tip)

    def show_sound(self, description: str, *, is_audible: bool) -> None:
        """Say whether there is sound."""
        set_text(self._sound, description)
        set_kind(self._sound, "muted" if is_audible else "warning")
        self.refit()
