"""Waiting for something that another thread or process brings about."""

import time
from collections.abc import Callable
from threading import Event
from typing import Any

from pytestqt.qtbot import QtBot

from tests.rigs.load import scaled_s, slowness

_LOOK_EVERY_S = 0.01
_QT_LIMIT_MS = 5000


def wait_until(condition: Callable[[], bool], what: str, *, within_s: float = 10.0) -> None:
    """Return as soon as a condition holds; fail if it does not within the time limit.

    Args:
        condition: Asked again and again.
        what: What is waited for, for the failure.
        within_s: Seconds on an idle machine; stretched while the machine is slow.
    """
    began_s = time.monotonic()
    never = Event()
    while not condition():
        assert time.monotonic() - began_s < scaled_s(within_s), f"not within {within_s} s: {what}"
        never.wait(_LOOK_EVERY_S)


class PatientBot(QtBot):
    """pytest-qt's bot, with time limits that are stretched while the machine is slow."""

    def waitUntil(self, callback: Any, *, timeout: int = _QT_LIMIT_MS) -> None:
        """As in pytest-qt."""
        super().waitUntil(callback, timeout=_scaled_ms(timeout))

    def waitSignal(self, signal: Any, *, timeout: int = _QT_LIMIT_MS, **options: Any) -> Any:
        """As in pytest-qt."""
        return super().waitSignal(signal, timeout=_scaled_ms(timeout), **options)

    def waitActive(self, widget: Any, *, timeout: int = _QT_LIMIT_MS) -> Any:
        """As in pytest-qt."""
        return super().waitActive(widget, timeout=_scaled_ms(timeout))

    def waitExposed(self, widget: Any, *, timeout: int = _QT_LIMIT_MS) -> Any:
        """As in pytest-qt."""
        return super().waitExposed(widget, timeout=_scaled_ms(timeout))


def _scaled_ms(limit_ms: int) -> int:
    return int(limit_ms * slowness())
