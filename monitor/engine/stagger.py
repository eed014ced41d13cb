"""Spreads the opening of cameras over time.

Thirty cameras that are opened at once stall the program for a second and a switch for longer; and
thirty that were lost together would all be looked for together.
"""

from threading import Lock

SPACING_S = 0.1
"""Seconds between two openings: thirty cameras are all tried within three seconds."""


class Stagger:
    """Hands out moments for opening; used by all reader threads."""

    def __init__(self, spacing_s: float = SPACING_S) -> None:
        """Begin.

        Args:
            spacing_s: Seconds between two openings.
        """
        self._spacing_s = spacing_s
        self._lock = Lock()
        self._free_s: float | None = None

    def reserve(self, now_s: float) -> float:
        """Take the next free moment.

        Args:
            now_s: Monotonic clock.

        Returns:
            Seconds to wait until then; 0 where nobody else opens just now.
        """
        with self._lock:
            moment_s = now_s if self._free_s is None else max(now_s, self._free_s)
            self._free_s = moment_s + self._spacing_s
        return moment_s - now_s
