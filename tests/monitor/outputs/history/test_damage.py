"""Real SQLite files that are damaged: put aside whole, a new one begun, nothing deleted."""

import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from monitor.core.errors import StoreError
from monitor.outputs.history.damage import set_aside
from monitor.outputs.history.database import open_database
from monitor.settings.outputs import parse_address
from tests.rigs.history import LIMIT_S, NOON, read_of, ring_of
from tests.rigs.waiting import wait_until

PAGE_BYTES = 4096


@pytest.fixture
def file(tmp_path):
    """A history with readings, closed."""
    path = tmp_path / "history.sqlite"
    open_database(parse_address(f"sqlite:///{path}", {})).dispose()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE filler (words TEXT)")
        connection.executemany("INSERT INTO filler VALUES (?)", [("x" * 900,)] * 200)
        connection.commit()
    return path


def spoil(path, *, from_page=1):
    """Write nonsense over every page from one on, as a dying disk does."""
    data = bytearray(path.read_bytes())
    for place in range(from_page * PAGE_BYTES, len(data), PAGE_BYTES):
        data[place : place + 200] = b"\xa5" * 200
    path.write_bytes(bytes(data))
    return bytes(data)


def counts_of(history):
    points = history.readings_between("Gate 1", NOON, NOON + timedelta(minutes=1), points_max=60)
    return [one.count for one in points]


def test_a_damaged_history_is_put_aside_and_goes_on(file, open_history):
    """Every reading and alarm since is kept, the old file is whole, and a person is told."""
    spoilt = spoil(file)
    history = open_history(parse_address(f"sqlite:///{file}", {}))
    history.on_reading(read_of(5))
    history.on_event(ring_of(0))
    wait_until(lambda: history.health.written == 2, "it goes on", within_s=LIMIT_S)

    (aside,) = file.parent.glob("history.sqlite.damaged-*")
    assert aside.name.endswith("20300501-120000")
    # Opening may have touched the header of the old file (its mode), and nothing else.
    assert aside.read_bytes()[PAGE_BYTES:] == spoilt[PAGE_BYTES:]
    assert counts_of(history) == [5.0]
    assert history.events_between(NOON, NOON + timedelta(seconds=1)) == (ring_of(0),)
    assert (history.health.lost, history.health.is_failing) == (0, False)
    assert aside.name in history.shortage


def test_damage_while_it_is_written_loses_no_reading_that_waits(file, open_history):
    """The file goes bad under a writer that has it open."""
    history = open_history(parse_address(f"sqlite:///{file}", {}))
    history.on_reading(read_of(1))
    wait_until(lambda: history.health.written == 1, "the first is written", within_s=LIMIT_S)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    spoil(file)
    for index in range(2, 12):
        history.on_reading(read_of(index))
    wait_until(lambda: history.health.written == 11, "all are written", within_s=LIMIT_S)

    assert list(file.parent.glob("history.sqlite.damaged-*"))
    assert counts_of(history) == [float(index) for index in range(2, 12)]
    assert history.health.lost == 0


def test_a_whole_history_stays_where_it_is(file):
    """An error that passed is no damage."""
    assert set_aside(file, NOON) is None
    assert file.exists()


def test_a_file_of_somebody_else_stays_where_it_is(tmp_path, open_history):
    """A mistyped address must not rename a person's picture."""
    picture = tmp_path / "holiday.jpg"
    picture.write_bytes(b"\xff\xd8 not a database" * 500)
    history = open_history(parse_address(f"sqlite:///{picture}", {}))
    history.on_reading(read_of(1))
    wait_until(lambda: history.health.is_failing, "it is told", within_s=LIMIT_S)

    assert "no SQLite database" in history.health.message
    assert picture.read_bytes().startswith(b"\xff\xd8")
    assert history.health.waiting == 1


def test_a_lost_first_page_is_known_by_the_log_beside_it(file):
    """The header is gone, but its write-ahead log says whose file it was."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE filler SET words = 'y' WHERE rowid = 1")
        connection.commit()
        for ending in ("", "-wal"):  # as they lie when the power goes
            shutil.copy(f"{file}{ending}", file.with_name(f"cut.sqlite{ending}"))
    cut = file.with_name("cut.sqlite")
    lost = 8 * PAGE_BYTES
    cut.write_bytes(bytes(lost) + cut.read_bytes()[lost:])
    found = set_aside(cut, NOON)

    assert found is not None
    assert not cut.exists()
    assert not cut.with_name("cut.sqlite-wal").exists()
    assert found.exists()


def test_what_cannot_be_moved_is_told(file, monkeypatch):
    """A folder that is write-protected: the sentence says what to do."""
    spoil(file)

    def refuse(*_arguments):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.rename", refuse)

    with pytest.raises(StoreError, match="cannot be moved away"):
        set_aside(file, NOON)
