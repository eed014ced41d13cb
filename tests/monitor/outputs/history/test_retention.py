"""What goes when there is too much: the oldest, never the journal."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from monitor.outputs.history.database import open_database, writing
from monitor.outputs.history.retention import Room, give_back, measure_room, prune, shortage
from monitor.outputs.history.rollups import add_rollups, rolled_up
from monitor.outputs.history.rows import event_row, reading_row, samples_of, zone_rows
from monitor.outputs.history.schema import alarm_journal, readings, rollups, to_us, zone_readings
from monitor.settings.outputs import Retention
from tests.rigs.history import NOON, read_of, ring_of, zone_of

HOUR_S = 3600
DAYS = 4
MUCH = Room(used_bytes=0, free_bytes=10**12, rows=0)
LITTLE = replace(MUCH, free_bytes=0)
BIG = replace(MUCH, used_bytes=10**12)


@pytest.fixture
def engine(address):
    """A history of four days: a reading every ten minutes by two cameras, one with a zone."""
    engine = open_database(address)
    new = [
        read_of(at_s, camera=camera, zones=zones)
        for at_s in range(0, DAYS * 24 * HOUR_S, 600)
        for camera, zones in (("Gate 1", (zone_of("stairs", 5.0),)), ("Gate 2", ()))
    ]
    with writing(engine) as connection:
        connection.execute(insert(readings), [reading_row(one) for one in new])
        connection.execute(insert(zone_readings), [row for one in new for row in zone_rows(one)])
        add_rollups(connection, rolled_up(sample for one in new for sample in samples_of(one)))
        connection.execute(insert(alarm_journal), [event_row(ring_of(0))])
    yield engine
    engine.dispose()


def prune_all(engine, retention, room, *, after):
    """Prune until there is nothing more to delete."""
    now_us = to_us(NOON + after)
    for _ in range(1000):
        with writing(engine) as connection:
            if not prune(connection, retention, room, now_us=now_us):
                return
    raise AssertionError("it never ends")


def oldest(engine, table, name="at_us"):
    """Age of the oldest row at the end of the four days; None: there is none."""
    with engine.connect() as connection:
        moment = connection.execute(select(func.min(table.c[name]))).scalar()
    return None if moment is None else timedelta(days=DAYS) - timedelta(
        microseconds=moment - to_us(NOON)
    )  # fmt: skip


def rows(engine, table, *conditions):
    with engine.connect() as connection:
        query = select(func.count()).select_from(table).where(*conditions)
        return connection.execute(query).scalar()


def test_readings_go_by_age_and_are_still_summed_up(engine):
    """A day of readings stays, four days of minutes and hours, all of the journal."""
    keep = Retention(readings_for=timedelta(days=1))
    hours = rows(engine, rollups, rollups.c.period_s == HOUR_S)

    prune_all(engine, keep, MUCH, after=timedelta(days=DAYS))

    assert oldest(engine, readings) == timedelta(days=1)
    assert oldest(engine, zone_readings) == timedelta(days=1)
    assert rows(engine, readings) == 2 * 24 * 6
    assert rows(engine, rollups, rollups.c.period_s == 60) == 3 * DAYS * 24 * 6
    assert rows(engine, rollups, rollups.c.period_s == HOUR_S) == hours
    assert rows(engine, alarm_journal) == 1


def test_minutes_go_by_age_and_hours_stay(engine):
    """After two years a plot by the hour is enough."""
    keep = Retention(minutes_for=timedelta(days=2))
    hours = rows(engine, rollups, rollups.c.period_s == HOUR_S)

    prune_all(engine, keep, MUCH, after=timedelta(days=DAYS))

    assert rows(engine, rollups, rollups.c.period_s == 60) == 3 * 2 * 24 * 6
    assert rows(engine, rollups, rollups.c.period_s == HOUR_S) == hours == 3 * DAYS * 24


@pytest.mark.parametrize("room", [LITTLE, BIG], ids=["disk nearly full", "too big"])
def test_want_of_room_takes_the_oldest_but_not_the_last_days(engine, room):
    """Others may have filled the disk: what happened of late is not given for that."""
    keep = Retention(keeps_at_least=timedelta(days=3))

    prune_all(engine, keep, room, after=timedelta(days=DAYS))

    assert oldest(engine, readings) == timedelta(days=3)
    assert oldest(engine, zone_readings) == timedelta(days=3)
    assert rows(engine, rollups, rollups.c.period_s == 60) == 3 * DAYS * 24 * 6
    assert rows(engine, alarm_journal) == 1


def test_want_of_room_takes_an_hour_at_a_time(engine):
    """No more goes than must: after each hour the room is measured again."""
    with writing(engine) as connection:
        assert prune(connection, Retention(), LITTLE, now_us=to_us(NOON + timedelta(days=DAYS)))

    assert oldest(engine, readings) == timedelta(days=DAYS, hours=-1)


def test_nothing_goes_where_there_is_room(engine):
    """A young history with room stays whole."""
    before = [rows(engine, table) for table in (readings, zone_readings, rollups)]

    prune_all(engine, Retention(), MUCH, after=timedelta(days=DAYS))

    assert [rows(engine, table) for table in (readings, zone_readings, rollups)] == before


def test_a_file_gives_its_room_back(sqlite_address, tmp_path):
    """Rows that go make the file smaller, so that others have the room."""
    engine = open_database(sqlite_address)
    path = tmp_path / "history.sqlite"
    with writing(engine) as connection:
        connection.execute(insert(readings), [reading_row(read_of(at)) for at in range(20_000)])
    with writing(engine) as connection:
        connection.exec_driver_sql("DELETE FROM crowd_readings")
    with engine.connect() as connection:
        full = measure_room(connection, path)
    give_back(engine, Retention(free_bytes_min=10**18), full)
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        left = measure_room(connection, path)
    engine.dispose()

    assert pages * 4096 < 200_000
    assert left.used_bytes <= pages * 4096
    assert left.rows == 0


def test_room_is_told_in_words():
    """Nothing while there is enough; which limit and how much where there is not."""
    assert shortage(Retention(), MUCH) == ""
    assert "0.0 GB left" in shortage(Retention(), LITTLE)
    assert "1000.0 GB, more than the 20.0 GB" in shortage(Retention(), BIG)
    server = replace(BIG, free_bytes=None)
    assert shortage(Retention(), server) == ""
