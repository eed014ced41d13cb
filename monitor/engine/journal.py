"""Where the news of cameras and areas goes."""

from collections.abc import Callable
from dataclasses import dataclass

from monitor.core.alarm import AlarmEvent
from monitor.core.reading import Reading


@dataclass(frozen=True, slots=True)
class Journal:
    """Where news goes. Both must return at once: they are called under a lock."""

    on_reading: Callable[[Reading], None]
    on_event: Callable[[AlarmEvent], None]
