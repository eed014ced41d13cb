"""The bottom line: what does not work, or that all does."""

from collections.abc import Sequence

from monitor.engine.delivery import DeliveryStatus
from monitor.outbox import OutboxHealth


def trouble_text(
    *, is_drawing: bool, kept: OutboxHealth | None, deliveries: Sequence[DeliveryStatus]
) -> str:
    """Say what does not work, the worst first.

    Args:
        is_drawing: Whether pictures are still being drawn.
        kept: How the history is being written; None: there is none.
        deliveries: How readings get to whoever wants them.

    Returns:
        One sentence; empty where all is well.
    """
    if not is_drawing:
        return "Pictures are no longer drawn, by a mistake of the program: restart it."
    if kept is not None and kept.is_failing:
        lost = f", {kept.lost:,} lost" if kept.lost else ""
        return f"Not kept: {kept.message} ({kept.waiting:,} waiting{lost})"
    failing = [one for one in deliveries if one.message]
    return f"{failing[0].name}: {failing[0].message}" if failing else ""


def calm_text(kept: OutboxHealth | None) -> str:
    """Say that all is well, and what this program is not."""
    history = "" if kept is None else f"{kept.written:,} readings and alarms kept.  "
    return f"{history}Decision support, not a safety system."
