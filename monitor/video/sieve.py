"""Which frames somebody else is given, where all are decoded but few are wanted.

Every frame is decoded and judged, because each builds on those before it and damage in any of them
harms those after. But a wall of many cameras is not looked at 25 times a second, and handing a
picture to another process costs both of them.
"""


class Sieve:
    """Lets so many frames a second through, evenly. Used by one thread."""

    def __init__(self, rate_hz: float) -> None:
        """Begin; the first frame passes.

        Args:
            rate_hz: Frames a second at most; more than 0.
        """
        self._period_s = 1 / rate_hz
        self._due_s: float | None = None

    def passes(self, captured_s: float) -> bool:
        """Say whether a frame is due.

        A frame that comes early is not, but the beat stays: on average the rate is kept. After a
        pause the beat begins anew, so that nothing is made up for.

        Args:
            captured_s: Monotonic clock when it arrived; never less than before.

        Returns:
            Whether it is to be handed over.
        """
        due_s = self._due_s
        if due_s is not None and captured_s < due_s:
            return False
        has_paused = due_s is None or captured_s - due_s >= self._period_s
        self._due_s = (captured_s if has_paused or due_s is None else due_s) + self._period_s
        return True
