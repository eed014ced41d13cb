"""What goes over to changed settings beside the engine: all of it, or nothing.

Some of it can turn out to be impossible (a port is taken, a database does not answer), so each part
first makes ready what it will need, while all goes on as before.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from monitor.core.errors import MonitorError
from monitor.settings import SiteSettings


def _nothing() -> None:
    """Be done: nothing was made ready."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that a part needs for other settings; one of the two is called, once."""

    go_over: Callable[[], None]
    """Has the settings hold; does not fail."""
    give_up: Callable[[], None] = _nothing
    """Lets go of what was made ready, as something else cannot be had."""


class Part(Protocol):
    """Something beside the engine that goes over to changed settings while all runs."""

    @property
    def tables(self) -> frozenset[str]:
        """The tables that it looks after."""
        ...

    def prepare(self, site: SiteSettings) -> Prepared:
        """Make ready for other settings; changes nothing.

        Args:
            site: The settings that are wanted.

        Returns:
            What goes over to them.

        Raises:
            MonitorError: If they cannot be had here.
        """
        ...


def prepare_all(parts: Sequence[Part], site: SiteSettings) -> tuple[Prepared, ...]:
    """Make every part ready for other settings, or none.

    Args:
        parts: The parts.
        site: The settings that are wanted.

    Returns:
        What goes over to them, in order.

    Raises:
        MonitorError: If one of them cannot be had; the others have let go of what they had made
            ready.
    """
    ready: list[Prepared] = []
    try:
        for part in parts:
            ready.append(part.prepare(site))  # noqa: PERF401 - those before a failing one are kept
    except MonitorError:
        for one in ready:
            one.give_up()
        raise
    return tuple(ready)
