"""`crowd-monitor what-if`: when a rule would have rung, from the stored past."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor.alarms.what_if import Ringing, WhatIf
from monitor.cli.exits import DONE
from monitor.cli.screen import results
from monitor.cli.site_history import asked_history, span_until
from monitor.core.clock import Clock, SystemClock
from monitor.core.errors import SettingsError
from monitor.core.rule import Measure, Rule
from monitor.engine.hindsight import would_have_rung

_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked."""

    camera: str
    """Name of the camera or area."""
    rule: Rule
    hours: float
    """How far to look back."""


def ask_what_if(
    config: Path | None, question: Question, *, is_json: bool, clock: Clock | None = None
) -> int:
    """Show when a rule would have rung in the last hours.

    Args:
        config: Site file that says where the history is; None: in the user's data folder.
        question: The rule, and how far to look back.
        is_json: Whether to print JSON.
        clock: Where time comes from; None: this machine.

    Returns:
        Exit code.

    Raises:
        SettingsError: If the site file cannot be read, or the rule or the time makes no sense.
        StoreError: If the history cannot be had.
    """
    if question.rule.measure is Measure.STREAM:
        raise SettingsError("--measure stream: the history does not know when pictures came")
    start, stop = span_until((clock or SystemClock()).utc(), hours=question.hours)
    with asked_history(config) as history:
        found = would_have_rung(history, question.camera, question.rule, start, stop)
    if is_json:
        results().print(json.dumps(_document(question, found)))
    else:
        for line in what_if_lines(question, found):
            results().print(line)
    return DONE


def rule_of(limit: float, **values: Any) -> Rule:
    """Make a rule of options.

    Args:
        limit: Its limit.
        values: The other fields of a rule, each of its field's type; None stands for the usual.

    Returns:
        The rule.

    Raises:
        SettingsError: If they make no sense together.
    """
    given = {name: value for name, value in values.items() if value is not None}
    try:
        return Rule(limit=limit, **given)
    except ValueError as error:
        raise SettingsError(str(error)) from error


def what_if_lines(question: Question, found: WhatIf) -> list[str]:
    """Put an answer into lines of plain text."""
    rule = question.rule
    where = question.camera if rule.zone is None else f"{question.camera}, zone {rule.zone}"
    if not found.judged_s:
        return [f"{where}: nothing is known of the last {question.hours:g} h to judge it by"]
    times = "once" if len(found.ringings) == 1 else f"{len(found.ringings)} times"
    lines = [
        f"{where}: at {rule.limit:g} {rule.unit} it would have rung {times} in the last "
        f"{question.hours:g} h, of which {found.judged_s / 3600:.1f} h could be judged"
    ]
    lines += [_ringing_line(one, rule) for one in found.ringings[:_SHOWN]]
    if len(found.ringings) > _SHOWN:
        lines.append(f"  and {len(found.ringings) - _SHOWN} more")
    return lines


def _ringing_line(one: Ringing, rule: Rule) -> str:
    until = "still rings" if one.end_utc is None else f"until {_time(one.end_utc)}"
    return f"  {_time(one.start_utc)} {until}, worst {one.worst:.1f} {rule.unit}"


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def _document(question: Question, found: WhatIf) -> dict[str, object]:
    return {
        "camera": question.camera,
        "zone": question.rule.zone,
        "measure": question.rule.measure.value,
        "limit": question.rule.limit,
        "judged_s": found.judged_s,
        "ringings": [
            {
                "start_utc": _time(one.start_utc),
                "end_utc": None if one.end_utc is None else _time(one.end_utc),
                "worst": one.worst,
            }
            for one in found.ringings
        ],
    }
