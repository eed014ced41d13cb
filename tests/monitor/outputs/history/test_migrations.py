"""Histories of older versions: upgraded in place, whole or not at all."""

import sqlite3
from datetime import timedelta

import pytest
from sqlalchemy import text

from monitor.core.alarm import AlarmState
from monitor.core.errors import StoreError
from monitor.outputs.history import database
from monitor.outputs.history.database import open_database
from monitor.outputs.history.schema import to_us
from monitor.settings.outputs import parse_address
from tests.rigs.history import NOON, create_plain_engine, read_of

VERSION_1 = """
CREATE TABLE crowd_schema_version (
    version INTEGER NOT NULL, made_by VARCHAR NOT NULL, PRIMARY KEY (version));
CREATE TABLE crowd_readings (
    id {row_id}, camera VARCHAR NOT NULL, at_us BIGINT NOT NULL, count {float} NOT NULL,
    low {float}, high {float}, variance {float}, smoothed {float} NOT NULL,
    quality VARCHAR NOT NULL, truth {float});
CREATE INDEX crowd_readings_by_time ON crowd_readings (camera, at_us);
CREATE TABLE crowd_alarm_journal (
    id {row_id}, camera VARCHAR NOT NULL, at_us BIGINT NOT NULL, before VARCHAR NOT NULL,
    after VARCHAR NOT NULL, value {float}, high {float} NOT NULL, who VARCHAR NOT NULL,
    note TEXT NOT NULL);
CREATE INDEX crowd_alarm_journal_by_time ON crowd_alarm_journal (at_us);
INSERT INTO crowd_schema_version VALUES (1, '0.1.0');
"""
"""The tables as version 0.1.0 of the program made them; never to be changed."""

SECONDS = 4000  # a little more than an hour
OLD_COLUMNS = "id, camera, at_us, count, low, high, variance, smoothed, quality, truth"


@pytest.fixture
def old_history(address):
    """A history of version 1 with two cameras and an acknowledged alarm."""
    is_sqlite = address.url.get_backend_name() == "sqlite"
    kinds = {
        "row_id": "INTEGER NOT NULL PRIMARY KEY" if is_sqlite else "BIGSERIAL PRIMARY KEY",
        "float": "FLOAT",
    }
    plain = create_plain_engine(address)
    with plain.begin() as connection:
        for statement in VERSION_1.format(**kinds).split(";"):
            if statement.strip():
                connection.execute(text(statement))
        connection.execute(
            text(
                "INSERT INTO crowd_readings (camera, at_us, count, low, high, variance, smoothed,"
                " quality, truth) VALUES (:camera, :at_us, :count, :low, :high, 0.37, :count,"
                " :quality, :truth)"
            ),
            [values_of(index, camera) for index in range(SECONDS) for camera in ("Gate 1", "門")],
        )
        connection.execute(
            text(
                "INSERT INTO crowd_alarm_journal (camera, at_us, before, after, value, high, who,"
                " note) VALUES ('Gate 1', :at_us, 'unacknowledged', 'acknowledged', 101.5, 100.0,"
                " 'Ada', 'stewards sent')"
            ),
            {"at_us": to_us(NOON)},
        )
    plain.dispose()
    return address


def values_of(index, camera):
    """A row of version 1; what is unknown there is unknown at the stairs."""
    is_known = camera == "Gate 1"
    return {
        "camera": camera,
        "at_us": to_us(NOON + timedelta(seconds=index)),
        "count": float(index % 97),
        "low": index % 97 - 1.0 if is_known else None,
        "high": index % 97 + 1.0 if is_known else None,
        "quality": "degraded" if index % 10 == 0 else "good",
        "truth": float(index % 13) if is_known else None,
    }


def table_of(address, query):
    plain = create_plain_engine(address)
    with plain.connect() as connection:
        rows = [tuple(row) for row in connection.execute(text(query))]
    plain.dispose()
    return rows


def test_readings_stay_as_they_were(old_history):
    """No row and no number is touched."""
    query = f"SELECT {OLD_COLUMNS} FROM crowd_readings ORDER BY id"
    before = table_of(old_history, query)

    open_database(old_history).dispose()

    assert len(before) == 2 * SECONDS
    assert table_of(old_history, query) == before
    assert table_of(old_history, "SELECT version FROM crowd_schema_version ORDER BY 1") == [
        (1,), (2,), (3,),
    ]  # fmt: skip


def test_what_was_read_before_is_summed_up(old_history):
    """Every roll-up against sums made by hand from the rows that were put in."""
    open_database(old_history).dispose()

    for period_s, camera in ((60, "Gate 1"), (60, "門"), (3600, "Gate 1"), (3600, "門")):
        found = table_of(
            old_history,
            "SELECT start_us, first_us, last_us, readings, good, count_sum, count_min, count_max,"
            " low, high, truth_sum, truth_readings, density_readings, density_peak_m2"
            f" FROM crowd_rollups WHERE period_s = {period_s} AND camera = '{camera}'"
            " AND zone = '' ORDER BY start_us",
        )
        assert found == by_hand(period_s, camera)


def by_hand(period_s, camera):
    """Sum up the rows of one camera."""
    stretches = {}
    for index in range(SECONDS):  # noon is the begin of an hour
        stretches.setdefault(index // period_s, []).append(values_of(index, camera))
    known = [("low", min), ("high", max)]
    return [
        (
            to_us(NOON + timedelta(seconds=number * period_s)),
            rows[0]["at_us"],
            rows[-1]["at_us"],
            len(rows),
            sum(row["quality"] == "good" for row in rows),
            sum(row["count"] for row in rows),
            min(row["count"] for row in rows),
            max(row["count"] for row in rows),
            *(outer([row[name] for row in rows], choose) for name, choose in known),
            sum(row["truth"] or 0.0 for row in rows),
            sum(row["truth"] is not None for row in rows),
            0,
            None,
        )
        for number, rows in sorted(stretches.items())
    ]


def outer(values, choose):
    return None if None in values else choose(values)


def test_an_upgraded_history_goes_on(old_history, open_history):
    """The old alarm is there, new readings join the minute that was begun."""
    history = open_history(old_history)
    history.on_reading(read_of(SECONDS, count=50.0))
    while history.health.written == 0:
        assert not history.health.is_failing, history.health.message

    (entry,) = history.events_between(NOON, NOON + timedelta(days=1))
    assert (entry.after, entry.limit, entry.who) == (AlarmState.ACKNOWLEDGED, 100.0, "Ada")
    assert entry.alarm_id == ""
    minute = SECONDS // 60 * 60
    start = NOON + timedelta(seconds=minute)
    (point,) = history.series("Gate 1", None, start, start + timedelta(seconds=60), 1)
    counts = [*(float(index % 97) for index in range(minute, SECONDS)), 50.0]
    assert point.readings == len(counts)
    assert point.count == pytest.approx(sum(counts) / len(counts))


def test_an_upgrade_that_finds_no_room_changes_nothing(tmp_path, monkeypatch):
    """A full disk half way leaves a history of version 1, which is upgraded when there is room."""
    path = tmp_path / "history.sqlite"
    plain = sqlite3.connect(path)
    plain.executescript(VERSION_1.format(row_id="INTEGER NOT NULL PRIMARY KEY", float="FLOAT"))
    rows = [(f"Gate {camera}", at_s * 60_000_000) for camera in range(50) for at_s in range(200)]
    plain.executemany(
        "INSERT INTO crowd_readings (camera, at_us, count, smoothed, quality)"
        " VALUES (?, ?, 1.0, 1.0, 'good')",
        rows,
    )
    plain.commit()
    pages = plain.execute("PRAGMA page_count").fetchone()[0]
    before = list(plain.iterdump())
    plain.close()
    address = parse_address(f"sqlite:///{path}", {})
    set_pragmas = database._set_pragmas

    def set_narrow(connection, record):
        set_pragmas(connection, record)
        connection.execute(f"PRAGMA max_page_count={pages + 20}").close()

    with monkeypatch.context() as patch:
        patch.setattr(database, "_set_pragmas", set_narrow)
        with pytest.raises(StoreError, match="the disk is full"):
            open_database(address)
    plain = sqlite3.connect(path)
    after = list(plain.iterdump())
    plain.close()
    open_database(address).dispose()

    assert after == before
    assert table_of(address, "SELECT count(*) FROM crowd_rollups WHERE period_s = 60") == [
        (len(rows),)
    ]
