"""What the broker may ask of the engine: acknowledge, shelve, unshelve an alarm.

Whoever may publish on the broker may do so: commands are off unless the settings allow them.
"""

import json
import math
from dataclasses import dataclass
from typing import Any, Protocol

from monitor.core.errors import OutputError

_PAYLOAD_BYTES_MAX = 4096
_TEXT_MAX = 200
_SHELVE_S = 900.0
_NOBODY_SAID = "MQTT"


class AlarmDesk(Protocol):
    """Somebody who can answer alarms: the engine."""

    def acknowledge(self, alarm_id: str, who: str, note: str = "") -> bool:
        """Say that a person knows of an alarm; False where there was nothing to acknowledge."""
        ...

    def shelve(self, alarm_id: str, who: str, *, duration_s: float, reason: str) -> None:
        """Put an alarm aside for a stated time."""
        ...

    def unshelve(self, alarm_id: str, who: str) -> bool:
        """Take an alarm back before its time; False where it was not shelved."""
        ...


@dataclass(frozen=True, slots=True)
class Command:
    """What somebody asks for."""

    name: str
    """ack, shelve or unshelve."""
    who: str
    note: str
    """What they write: a note, or the reason for shelving."""
    duration_s: float
    """For shelving: how long."""


def parse_command(name: str, payload: bytes) -> Command:
    """Read a command: JSON as `{"who": "Ada", "note": "stewards sent"}`, or a bare name.

    Args:
        name: ack, shelve or unshelve.
        payload: As it came from the broker; anybody may have sent it.

    Returns:
        The command; who does not say who they are is called MQTT.

    Raises:
        OutputError: If it cannot be understood.
    """
    if len(payload) > _PAYLOAD_BYTES_MAX:
        raise OutputError(f"a command of {len(payload)} bytes is too long")
    text = payload.decode("utf-8", "replace").strip()
    fields: dict[str, Any] = {"who": text}  # what JSON holds has many types
    if text.startswith("{"):
        try:
            fields = json.loads(text)
        except (ValueError, RecursionError):
            raise OutputError("the command is no valid JSON") from None
    duration_s = fields.get("duration_s", _SHELVE_S)
    is_number = isinstance(duration_s, int | float) and not isinstance(duration_s, bool)
    if not is_number or not math.isfinite(duration_s) or duration_s <= 0:
        raise OutputError("duration_s must be a number of seconds, more than 0")
    return Command(
        name,
        who=_text(fields.get("who")) or _NOBODY_SAID,
        note=_text(fields.get("note")) or _text(fields.get("reason")),
        duration_s=float(duration_s),
    )


def obey(desk: AlarmDesk, alarm_id: str, command: Command) -> bool:
    """Hand a command to the engine.

    Args:
        desk: The engine.
        alarm_id: Which alarm.
        command: What to do.

    Returns:
        Whether it changed anything.

    Raises:
        KeyError: If there is no such alarm.
        ValueError: If the engine will not do it, as for a time that is too long.
    """
    if command.name == "ack":
        return desk.acknowledge(alarm_id, command.who, command.note)
    if command.name == "unshelve":
        return desk.unshelve(alarm_id, command.who)
    reason = command.note or "by MQTT"
    desk.shelve(alarm_id, command.who, duration_s=command.duration_s, reason=reason)
    return True


def _text(value: object) -> str:
    return value.strip()[:_TEXT_MAX] if isinstance(value, str) else ""
