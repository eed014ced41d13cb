"""Waiting for something that another thread or process brings about."""

import time
from collections.abc import Callable
from threading import Event

_LOOK_EVERY_S = 0.01


def wait_until(condition: Callable[[], bool], what: str, *, within_s: float = 10.0) -> None:
    """Return as soon as a condition holds; fail if it does not within the time limit."""
    deadline_s = time.monotonic() + within_s
    never = Event()
    while not condition():
        assert time.monotonic() < deadline_s, f"not within {within_s} s: {what}"
        never.wait(_LOOK_EVERY_S)
