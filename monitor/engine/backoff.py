"""How long to wait before looking for a lost camera again."""

from dataclasses import dataclass

FIRST_WAIT_S = 0.5
"""Before the first new attempt: short, because most losses are a switch that blinked."""
LONGEST_WAIT_S = 30.0
"""Never longer: a camera that is back should be seen within half a minute."""
REFUSED_WAIT_S = 60.0
"""After a wrong password or path: cameras lock an account after some attempts in a few minutes."""
GOOD_AFTER_S = 10.0
"""Seconds of whole frames that make a connection count as good; a mere connect does not."""
JITTER_SHARE = 0.2
"""Waits differ by up to this share, so that cameras behind one switch do not return in step."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """The failed attempts in a row, and the wait that follows from them."""

    failures: int = 0
    """Attempts that failed since the last good connection."""

    def after(self, *, good_s: float) -> "Backoff":
        """Give the state after one more lost connection.

        Args:
            good_s: Seconds that the lost connection had been giving whole frames without a break.

        Returns:
            One failure after a good connection, one more than before otherwise.
        """
        return Backoff(1 if good_s >= GOOD_AFTER_S else self.failures + 1)

    def wait_s(self, *, jitter: float, is_slow: bool = False) -> float:
        """Give the wait before the next attempt.

        Args:
            jitter: A random number from 0 to 1.
            is_slow: Whether trying sooner cannot help (a wrong password, no video there): one
                long wait then, so that the camera does not lock the account.

        Returns:
            Seconds: 0.5, 1, 2, 4, 8, 16, 30, 30, … or 60, give or take 20 %.
        """
        doublings = min(max(0, self.failures - 1), 16)  # 2¹⁶ is far beyond the longest wait
        base_s = REFUSED_WAIT_S if is_slow else min(LONGEST_WAIT_S, FIRST_WAIT_S * 2**doublings)
        return base_s * (1 - JITTER_SHARE + 2 * JITTER_SHARE * jitter)
