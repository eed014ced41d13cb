"""Commands that read a site's history: `journal`, `load` and `what-if`."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from monitor.alarms.load import (
    ACCEPTABLE_PER_HOUR,
    MANAGEABLE_PER_HOUR,
    AlarmCount,
    AlarmLoad,
    alarm_load_csv,
)
from monitor.alarms.replay import Ringing, WhatIf
from monitor.cli.exit_codes import DONE
from monitor.cli.screen import results
from monitor.core.clock import Clock, SystemClock
from monitor.core.errors import OutputError, SettingsError
from monitor.core.rule import Measure, Rule
from monitor.engine.rule_replay import load_between, would_have_rung
from monitor.outputs.history.history import History
from monitor.settings.outputs import parse_address
from monitor.settings.site_file import read_site


@contextmanager
def asked_history(config: Path | None) -> Iterator[History]:
    """Open the history of a site for questions.

    Args:
        config: Site file that says where it is; None: in the user's data folder.

    Yields:
        The history; nothing is written to it.

    Raises:
        SettingsError: If the site file cannot be read.
        StoreError: If the address of the history is wrong.
    """
    url = None if config is None else read_site(config).store.url
    history = History(parse_address(url, os.environ))
    try:
        yield history
    finally:
        history.stop()


def span_until(now_utc: datetime, *, hours: float) -> tuple[datetime, datetime]:
    """Give the bounds of the last hours.

    Args:
        now_utc: Time of day.
        hours: How many, more than 0.

    Returns:
        From when to when.

    Raises:
        SettingsError: If there would be no time between them.
    """
    try:
        start = now_utc - timedelta(hours=hours)
    except (OverflowError, ValueError) as error:
        raise SettingsError(f"--hours {hours:g}: name fewer hours") from error
    if start >= now_utc:
        raise SettingsError(f"--hours {hours:g}: must be more than 0")
    return start, now_utc


def export_journal(
    config: Path | None,
    out: Path,
    *,
    before: str | None,
    is_moved: bool,
    clock: Clock | None = None,
) -> int:
    """Write the alarm journal into a new CSV file.

    Args:
        config: Site file that says where the history is; None: in the user's data folder.
        out: The file to write.
        before: Day as YYYY-MM-DD, in UTC; that day and later ones are left out. None: all.
        is_moved: Whether the entries are deleted from the history once the file is written.
        clock: Where time comes from; None: this machine.

    Returns:
        Exit code.

    Raises:
        SettingsError: If the site file or the day cannot be read, or all should be moved.
        StoreError: If the history or the file cannot be had; then nothing is deleted.
    """
    if is_moved and before is None:
        raise SettingsError("--move needs --before: alarms that stand now must stay")
    moment = (clock or SystemClock()).utc() if before is None else _midnight(before)
    url = None if config is None else read_site(config).store.url
    history = History(parse_address(url, os.environ))
    try:
        number = history.export_journal(out, before=moment, is_moved=is_moved)
    finally:
        history.stop()
    entries = "1 entry" if number == 1 else f"{number} entries"
    done = "moved to" if is_moved else "written to"
    results().print(f"{entries} {done} {out}")
    return DONE


def _midnight(day: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(day), time(), UTC)
    except ValueError as error:
        raise SettingsError(f"--before {day}: write a day as 2030-05-31") from error


_WORST = 10


def show_load(
    config: Path | None, *, hours: float, csv: Path | None, clock: Clock | None = None
) -> int:
    """Show how much the alarms of the last hours asked of people.

    Args:
        config: Site file that says where the history is; None: in the user's data folder.
        hours: How far to look back.
        csv: A file to write all of it into; None: none.
        clock: Where time comes from; None: this machine.

    Returns:
        Exit code.

    Raises:
        SettingsError: If the site file cannot be read or the time is empty.
        StoreError: If the history cannot be had.
        OutputError: If the file cannot be written.
    """
    start, stop = span_until((clock or SystemClock()).utc(), hours=hours)
    with asked_history(config) as history:
        load = load_between(history, start, stop)
    for line in load_lines(load):
        results().print(line)
    if csv is not None:
        try:
            csv.write_text(alarm_load_csv(load), encoding="utf-8", errors="replace", newline="")
        except OSError as error:
            raise OutputError(f"{csv}: cannot be written: {error.strerror}") from error
        results().print(f"written to {csv}")
    return DONE


def load_lines(load: AlarmLoad) -> list[str]:
    """Put a load into lines of plain text."""
    hours = (load.stop_utc - load.start_utc).total_seconds() / 3600
    lines = [
        f"{load.rang} new alarms in {hours:g} h: {load.per_hour:.1f} an hour, "
        f"{load.busiest_hour} in the worst hour "
        f"({ACCEPTABLE_PER_HOUR:g} an hour are acceptable, {MANAGEABLE_PER_HOUR:g} the most that "
        "one person manages)",
        ", ".join(f"{priority.value} priority {number}" for priority, number in load.by_priority),
        _answered(load),
    ]
    if load.floods:
        most = max(one.alarms for one in load.floods)
        lines.append(f"floods: {len(load.floods)}, the largest of {most} alarms")
    worst = load.by_alarm[:_WORST]
    return [*lines, *(f"  {one.rang:5d}  {one.alarm_id}{_chatter(one)}" for one in worst)]


def _chatter(one: AlarmCount) -> str:
    return "  chatters" if one.chatters else ""


def _answered(load: AlarmLoad) -> str:
    never = f"never acknowledged: {load.unacknowledged}, shelved: {load.shelved}"
    if load.acknowledge_median_s is None:
        return never
    told = f"acknowledged within {load.acknowledge_median_s:.0f} s (median)"
    if load.acknowledge_p95_s is not None:
        told += f", {load.acknowledge_p95_s:.0f} s (95 %)"
    return f"{told}; {never}"


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
