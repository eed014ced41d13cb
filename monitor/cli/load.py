"""`crowd-monitor load`: what the alarms asked of people, for a report."""

from pathlib import Path

from monitor.alarms.alarm_load import (
    ACCEPTABLE_PER_HOUR,
    MANAGEABLE_PER_HOUR,
    AlarmCount,
    AlarmLoad,
)
from monitor.alarms.alarm_load_csv import alarm_load_csv
from monitor.cli.exits import DONE
from monitor.cli.screen import results
from monitor.cli.site_history import asked_history, span_until
from monitor.core.clock import Clock, SystemClock
from monitor.core.errors import OutputError
from monitor.engine.hindsight import load_between

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
