"""Things that were asked for before, so that nobody types them twice."""

from collections.abc import Sequence

from monitor.core.series import PEOPLE
from monitor.ui.memory import WindowMemory

_NAME = "things"
_MOST = 50


class Remembered:
    """Names of things, those asked for last first; lives on the GUI thread.

    Args:
        memory: What outlives the window; None: it is forgotten with the window.
    """

    def __init__(self, memory: WindowMemory | None) -> None:
        self._memory = memory
        kept = "" if memory is None else memory.get(_NAME, "")
        self._things = [one for one in kept.splitlines() if one]

    @property
    def things(self) -> tuple[str, ...]:
        """What may be offered; people always."""
        return tuple(dict.fromkeys([*self._things, PEOPLE]))

    def add(self, things: Sequence[str]) -> None:
        """Remember that these were asked for."""
        self._things = list(dict.fromkeys([*things, *self._things]))[:_MOST]
        if self._memory is not None:
            self._memory.put(_NAME, "\n".join(self._things))
