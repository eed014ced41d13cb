"""Which stretch of time a plot shows."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.ui.speech import later

MINUTE_S, HOUR_S, DAY_S = 60.0, 3600.0, 86_400.0
LIVE_UP_TO_S = 8 * HOUR_S
"""Up to here the window's own memory is drawn, which is newer than the history."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time that ends now, or one that has ended."""

    name: str
    length_s: float
    stop_utc: datetime | None = None
    """When it ends; None: now, whenever that is."""

    @property
    def is_live(self) -> bool:
        """Whether it is drawn from what the window itself remembers."""
        return self.stop_utc is None and self.length_s <= LIVE_UP_TO_S

    def bounds(self, now_utc: datetime) -> tuple[datetime, datetime]:
        """Give when it begins and when it ends."""
        stop = self.stop_utc or now_utc
        return stop - timedelta(seconds=self.length_s), stop


SPANS = (
    Span(later("CountPlot", "2 minutes"), 2 * MINUTE_S),
    Span(later("CountPlot", "10 minutes"), 10 * MINUTE_S),
    Span(later("CountPlot", "1 hour"), HOUR_S),
    Span(later("CountPlot", "8 hours"), 8 * HOUR_S),
    Span(later("CountPlot", "24 hours"), DAY_S),
    Span(later("CountPlot", "7 days"), 7 * DAY_S),
)
"""Times that can be looked at, all of them ending now."""


def custom_span(start_utc: datetime, stop_utc: datetime) -> Span:
    """Give a stretch of time that a person chose.

    Args:
        start_utc: From.
        stop_utc: To; after `start_utc`.

    Returns:
        The span.

    Raises:
        ValueError: If it ends before it begins.
    """
    length_s = (stop_utc - start_utc).total_seconds()
    if length_s <= 0:
        raise ValueError("the end must come after the beginning")
    return Span("Custom", length_s, stop_utc)
