"""A limit as it is edited in the window."""

from dataclasses import replace

from monitor.core.rule import Rule


def edited_limit(limit: Rule | None, *, high: float, on_delay_s: float) -> Rule:
    """Change what the window lets people change, and keep the rest.

    Args:
        limit: The limit before; None: there was none.
        high: People, more than 0.
        on_delay_s: Seconds that the limit must be reached before it rings.

    Returns:
        The new limit. A dead band that no longer fits below it becomes the usual 10 %.
    """
    if limit is None:
        return Rule(limit=high, on_delay_s=on_delay_s)
    fits = limit.dead_band is None or limit.dead_band < high
    dead_band = limit.dead_band if fits else None
    return replace(limit, limit=high, on_delay_s=on_delay_s, dead_band=dead_band)
