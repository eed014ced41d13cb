"""Whether a crowd grows or shrinks, as an arrow that does not twitch."""

from enum import StrEnum

from monitor.ui.speech import translate

STEADY_SHARE = 0.05
"""Change in a minute, as a share of the count, below which a crowd is called steady."""
FAST_SHARE = 0.25
"""Change in a minute, as a share of the count, from which a change is called fast."""
_STEADY_PEOPLE = 2.0  # a small crowd changes by one or two people all the time


class Trend(StrEnum):
    """Where a count is going; the values are what is drawn."""

    FALLING_FAST = "↓"
    FALLING = "↘"
    STEADY = "→"
    RISING = "↗"
    RISING_FAST = "↑"
    UNKNOWN = ""
    """Not watched for long enough."""


def trend_of(count: float, per_minute: float | None) -> Trend:
    """Say where a count is going.

    Args:
        count: Running count, people.
        per_minute: How many more than a minute ago; None: not known.

    Returns:
        STEADY within 5 % of the count or 2 people, fast from 25 % on.
    """
    if per_minute is None:
        return Trend.UNKNOWN
    size = abs(per_minute)
    if size < max(_STEADY_PEOPLE, STEADY_SHARE * count):
        return Trend.STEADY
    # Compared with the count before or now, whichever is larger, so that both ways are alike.
    is_fast = size >= FAST_SHARE * max(count, count - per_minute)
    if per_minute > 0:
        return Trend.RISING_FAST if is_fast else Trend.RISING
    return Trend.FALLING_FAST if is_fast else Trend.FALLING


def trend_words(trend: Trend) -> str:
    """Say a trend in words, for a tool tip and for a screen reader; empty while not known."""
    return {
        Trend.FALLING_FAST: _tr("falling fast"),
        Trend.FALLING: _tr("falling"),
        Trend.STEADY: _tr("steady"),
        Trend.RISING: _tr("rising"),
        Trend.RISING_FAST: _tr("rising fast"),
        Trend.UNKNOWN: "",
    }[trend]


def _tr(text: str) -> str:
    return translate("Trend", text)
