"""What the window remembers from one day to the next: where it stood and how it looked.

The place is kept as Qt describes it, with screen and full screen, so that a window that filled the
second monitor does so again, and comes back to the first where the second is gone.
"""

from collections.abc import Callable
from typing import TypeVar

from PyQt6.QtCore import QByteArray, QSettings

_Value = TypeVar("_Value", bool, int, float, str)


class WindowMemory:
    """Named values that outlive the program; lives on the GUI thread."""

    def __init__(self, settings: QSettings) -> None:
        self._settings = settings

    def put(self, name: str, value: bool | int | float | str) -> None:
        """Remember a value."""
        self._settings.setValue(name, value)

    def put_bytes(self, name: str, value: QByteArray) -> None:
        """Remember a state that Qt gave."""
        self._settings.setValue(name, value)

    def get(self, name: str, otherwise: _Value) -> _Value:
        """Give a value back.

        Args:
            name: What it is called.
            otherwise: Given where nothing is remembered, or nothing that can be understood.

        Returns:
            A value of the kind of `otherwise`.
        """
        kept = self._settings.value(name)
        if kept is None:
            return otherwise
        if isinstance(otherwise, bool):  # a file keeps every value as words
            return type(otherwise)(str(kept).lower() == "true")
        read: Callable[[str], _Value] = type(otherwise)
        try:
            return read(str(kept))
        except ValueError:
            return otherwise

    def get_bytes(self, name: str) -> QByteArray | None:
        """Give a state back; None: nothing is remembered."""
        kept = self._settings.value(name)
        return kept if isinstance(kept, QByteArray) else None


def machine_memory() -> WindowMemory:
    """Give the memory of whoever is logged in at this machine."""
    return WindowMemory(QSettings("crowd-monitor", "window"))
