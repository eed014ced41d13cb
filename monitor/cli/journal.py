"""`crowd-monitor journal`: the alarm journal as a file that a person keeps."""

import os
from datetime import UTC, date, datetime, time
from pathlib import Path

from monitor.cli.exits import DONE
from monitor.cli.screen import results
from monitor.core.clock import Clock, SystemClock
from monitor.core.errors import SettingsError
from monitor.outputs.history.history import History
from monitor.settings.site_file import read_site
from monitor.settings.store import parse_address


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
