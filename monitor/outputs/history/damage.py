"""A history file that is damaged is put aside, whole, and a new one is begun.

A disk that lost power at the wrong moment must not end the keeping of readings until somebody
looks. The damaged file is never deleted: most of it can be read with SQLite's own `.recover`.
"""

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from monitor.core.errors import StoreError

_HEADER = b"SQLite format 3\x00"
_LOG_HEADERS = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")
_BESIDE = ("-wal", "-shm")
"""What SQLite keeps beside a file: its newest transactions are in the first."""
_WAIT_S = 5.0


def set_aside(file: Path, now: datetime) -> Path | None:
    """Give a damaged history another name, with all that belongs to it.

    The file is checked first: a disk that fails for a moment damages nothing, and a file that was
    never a history belongs to somebody else, whatever the site file says.

    Args:
        file: Where the history is kept; nobody in this program has it open.
        now: The moment, for the name.

    Returns:
        The new name; None: it is whole, or no history, and was left where it is.

    Raises:
        StoreError: If it is damaged and cannot be renamed.
    """
    if not _was_history(file) or _is_whole(file):
        return None
    aside = file.with_name(f"{file.name}.damaged-{now:%Y%m%d-%H%M%S}")
    try:
        for ending in _BESIDE:
            beside = file.with_name(file.name + ending)
            if beside.exists():
                beside.rename(aside.with_name(aside.name + ending))
        file.rename(aside)
    except OSError as error:
        raise StoreError(
            f"history {file}: the file is damaged and cannot be moved away ({error.strerror}); "
            "move it by hand"
        ) from error
    return aside


def _was_history(file: Path) -> bool:
    log = file.with_name(file.name + _BESIDE[0])
    try:
        with file.open("rb") as opened:
            start = opened.read(len(_HEADER))
        is_known = start == _HEADER
        if not is_known and log.exists():
            with log.open("rb") as opened:
                is_known = opened.read(len(_LOG_HEADERS[0])) in _LOG_HEADERS
    except OSError:
        return False
    return is_known


def _is_whole(file: Path) -> bool:
    """Let SQLite look through every page; what cannot be looked at now counts as whole."""
    try:
        with closing(sqlite3.connect(file, timeout=_WAIT_S)) as connection:
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError:
        return True  # locked, or the disk is away: nothing is known
    except sqlite3.DatabaseError:
        return False
    return bool(found == "ok")
