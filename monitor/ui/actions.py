"""Everything that can be done with a key, in one table: menu, shortcuts and their sheet agree.

A command of the window stands beside its method:

    @command("Next camera", "PgDown", "N", group=CAMERAS)
    def next_camera(self) -> None: ...
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QMenu, QWidget

from monitor.ui.language import translate

_Method = TypeVar("_Method", bound=Callable[..., object])
_MARK = "_command"


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that can be done."""

    name: str
    """What it is called in the menu and on the sheet."""
    keys: tuple[str, ...]
    """Keys that do it, as Qt writes them; the first stands in the menu."""
    run: Callable[[], object]
    group: str = ""
    """Heading on the sheet; commands of one group stand together."""
    in_menu: bool = True
    on_sheet: bool = True
    """Whether it has a line of its own on the sheet of keys."""


def command(
    name: str, *keys: str, group: str, in_menu: bool = True
) -> Callable[[_Method], _Method]:
    """Make a command of a method that takes no arguments.

    Args:
        name: What it is called in the menu and on the sheet, in English.
        keys: Keys that run it, as Qt writes them; the first stands in the menu.
        group: Heading on the sheet and menu, in English.
        in_menu: Whether the menu has it.

    Returns:
        A decorator that leaves the method as it is.
    """

    def mark(method: _Method) -> _Method:
        setattr(method, _MARK, (name, keys, group, in_menu))
        return method

    return mark


def commands_of(owner: object) -> list[Command]:
    """Give the commands that stand beside the methods of an object, in the order of its class."""
    found = []
    for attribute, method in vars(type(owner)).items():
        if (marked := getattr(method, _MARK, None)) is not None:
            name, keys, group, in_menu = marked
            run = getattr(owner, attribute)
            texts = translate("Commands", name), translate("Commands", group)
            found.append(Command(texts[0], keys, run, texts[1], in_menu))
    return found


class Actions:
    """The commands of a window; other parts add their own."""

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self._commands: list[Command] = []
        self._actions: dict[str, QAction] = {}
        self._menus: dict[str, QMenu] = {}
        self.menu = QMenu(window)

    @property
    def commands(self) -> tuple[Command, ...]:
        """All commands in the order in which they were added."""
        return tuple(self._commands)

    def add(self, *commands: Command) -> None:
        """Add commands: their keys work at once, and they stand in the menu and on the sheet.

        Args:
            commands: What can be done.

        Raises:
            ValueError: If a key or a name is taken.
        """
        for command in commands:
            taken = {key for one in self._commands for key in one.keys}
            if command.name in self._actions or taken.intersection(command.keys):
                raise ValueError(f"{command.name!r} or one of {command.keys} is taken")
            self._commands.append(command)
            action = QAction(command.name, self._window)
            action.setShortcuts([QKeySequence(key) for key in command.keys])
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            action.triggered.connect(lambda _checked, run=command.run: run())
            self._window.addAction(action)
            self._actions[command.name] = action
            if command.in_menu:
                self._menu_of(command.group).addAction(action)

    def _menu_of(self, group: str) -> QMenu:
        """Give the menu of a group: all in one would be higher than a small screen."""
        if group not in self._menus:
            menu = self._menus[group] = QMenu(group, self._window)
            self.menu.addMenu(menu)
        return self._menus[group]

    def action(self, name: str) -> QAction:
        """Give the action of a command."""
        return self._actions[name]
