"""The bottom line: what does not work, or that all does."""

from collections.abc import Mapping, Sequence

from PyQt6.QtCore import QCoreApplication

from monitor.engine.delivery import DeliveryStatus
from monitor.outputs.outbox import OutboxHealth
from monitor.ui.numbers import written

_NO_OUTPUTS: Mapping[str, OutboxHealth] = {}


def trouble_text(
    *,
    is_drawing: bool,
    kept: OutboxHealth | None,
    deliveries: Sequence[DeliveryStatus],
    outputs: Mapping[str, OutboxHealth] = _NO_OUTPUTS,
) -> str:
    """Say what does not work, the worst first.

    Args:
        is_drawing: Whether pictures are still being drawn.
        kept: How the history is being written; None: there is none.
        deliveries: How readings get to whoever wants them.
        outputs: How each output is doing, by name.

    Returns:
        One sentence; empty where all is well.
    """
    if not is_drawing:
        return _tr("Pictures are no longer drawn, by a mistake of the program: restart it.")
    if kept is not None and kept.is_failing:
        return _tr("Not kept: {what}").format(what=_failing_words(kept))
    failing = [(name, one) for name, one in outputs.items() if one.is_failing]
    if failing:
        name, health = failing[0]
        told = _named(name, _failing_words(health))
        more = _tr("; and {others} more do not work").format(others=len(failing) - 1)
        return told + more if len(failing) > 1 else told
    broken = [one for one in deliveries if one.message]
    if broken:
        return _named(broken[0].name, broken[0].message)
    return next((_named(name, one.message) for name, one in outputs.items() if one.message), "")


def calm_text(kept: OutboxHealth | None, outputs: Mapping[str, OutboxHealth] = _NO_OUTPUTS) -> str:
    """Say that all is well, and what this program is not; and what was lost before it was."""
    parts = []
    if kept is not None:
        parts.append(_tr("{number} readings and alarms kept.").format(number=written(kept.written)))
    lost = [
        _tr("{number} lost by {name}").format(number=written(one.lost), name=name)
        for name, one in outputs.items()
        if one.lost
    ]
    if lost:
        parts.append(_tr("Since the start: {lost}.").format(lost=", ".join(lost)))
    return "  ".join([*parts, _tr("Decision support, not a safety system.")])


def _failing_words(health: OutboxHealth) -> str:
    waiting = written(health.waiting)
    if health.lost:
        words = _tr("{message} ({waiting} waiting, {lost} lost)")
        return words.format(message=health.message, waiting=waiting, lost=written(health.lost))
    return _tr("{message} ({waiting} waiting)").format(message=health.message, waiting=waiting)


def _named(name: str, message: str) -> str:
    """Begin a message with what it is about, unless it does so by itself."""
    return message if message.casefold().startswith(f"{name}:".casefold()) else f"{name}: {message}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("Trouble", text)
