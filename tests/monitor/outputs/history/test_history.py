"""The history on real databases: what is kept, what happens when it cannot be."""

import sqlite3
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from monitor.core.alarm import AlarmState
from monitor.core.errors import StoreError
from monitor.core.reading import Quality
from monitor.core.rule import Priority
from monitor.core.zone import Crowding
from monitor.outputs.history.database import open_database
from monitor.outputs.history.schema import readings
from monitor.settings.outputs import Retention, parse_address
from tests.rigs.history import (
    LIMIT_S,
    NOON,
    StoppedClock,
    create_plain_engine,
    read_of,
    ring_of,
    zone_of,
)
from tests.rigs.waiting import wait_until as wait_for


def wait_until(claim):
    """Wait until a claim about a history holds."""
    wait_for(claim, "the history has come so far", within_s=LIMIT_S)


def test_alarm_events_come_back_as_they_were(address, open_history):
    """Every field of every transition, in order, by camera."""
    events = [
        ring_of(0),
        ring_of(1, who="Ada", note="stewards sent – 門", after=AlarmState.ACKNOWLEDGED),
        ring_of(2, camera="Gate 2", alarm_id="Gate 2/stream", value=None, priority=Priority.HIGH),
    ]
    history = open_history(address)

    for one in events:
        history.on_event(one)
    wait_until(lambda: history.health.written == 3)

    stop = NOON + timedelta(seconds=10)
    assert history.events_between(NOON, stop) == tuple(events)
    assert history.events_between(NOON, stop, camera="Gate 2") == (events[2],)
    assert history.events_between(NOON, NOON + timedelta(seconds=1)) == (events[0],)


def test_plot_gets_means_and_the_widest_interval(address, open_history):
    """100 seconds in 10 stretches: the mean of 0…9 is 4.5, of 10…19 is 14.5, and so on."""
    history = open_history(address)

    for index in range(100):
        history.on_reading(read_of(index, truth=index + 0.5))
        history.on_reading(read_of(index, camera="Gate 2", count=1e6))
    wait_until(lambda: history.health.written == 200)
    points = history.readings_between("Gate 1", NOON, NOON + timedelta(seconds=100), points_max=10)

    assert [one.count for one in points] == pytest.approx([4.5 + 10 * n for n in range(10)])
    assert [one.truth for one in points] == pytest.approx([5.0 + 10 * n for n in range(10)])
    assert [(one.low, one.high) for one in points] == [
        (10.0 * n - 1, 10 * n + 10) for n in range(10)
    ]
    assert [one.at_utc for one in points] == [
        NOON + timedelta(seconds=4.5 + 10 * n) for n in range(10)
    ]


def test_plot_keeps_gaps_and_unknown_bounds(address, open_history):
    """A time without readings gives no point, and no interval is made up."""
    history = open_history(address)

    for index in (0, 1, 50):
        history.on_reading(read_of(index, low=None, high=None))
    wait_until(lambda: history.health.written == 3)
    points = history.readings_between("Gate 1", NOON, NOON + timedelta(seconds=60))

    assert [one.count for one in points] == [0.0, 1.0, 50.0]
    assert {(one.low, one.high, one.truth) for one in points} == {(None, None, None)}


@pytest.mark.parametrize(("seconds", "points_max"), [(0, 10), (-5, 10), (10, 0)])
def test_nothing_asked_for_is_a_mistake(sqlite_address, open_history, seconds, points_max):
    """An empty time is named, not answered with an empty plot."""
    history = open_history(sqlite_address)

    with pytest.raises(ValueError, match="nothing to give"):
        history.readings_between(
            "Gate 1", NOON, NOON + timedelta(seconds=seconds), points_max=points_max
        )


def test_old_readings_go_and_alarms_stay(address, open_history):
    """After 30 days readings are summed up; who acknowledged what is kept as it was."""
    month_s = 30 * 86_400
    clock = StoppedClock()
    first = open_history(address, clock=clock)
    for index in (0, 10, 3600):
        first.on_reading(read_of(index))
    first.on_event(ring_of(0))
    wait_until(lambda: first.health.written == 4)

    clock.now_s = month_s + 60.0
    first.on_reading(read_of(month_s + 60))
    wait_until(lambda: first.health.written == 5)

    plain = create_plain_engine(address)
    with plain.connect() as connection:
        query = select(readings.c["count"]).order_by(readings.c.at_us)
        assert list(connection.execute(query).scalars()) == [3600.0, month_s + 60.0]
    plain.dispose()
    points = first.readings_between("Gate 1", NOON, NOON + timedelta(days=60))
    assert [one.count for one in points] == pytest.approx([3610 / 3, month_s + 60.0])
    assert first.events_between(NOON, NOON + timedelta(days=60)) == (ring_of(0),)


def test_a_full_disk_is_a_state_and_loses_nothing(sqlite_address, open_history):
    """SQLite's own limit of pages stands for the disk; it is lifted and all is written."""
    pages = {"max": 20}

    def open_small(address):
        engine = open_database(address)

        @event.listens_for(engine, "connect")
        def _limit(connection, _record):
            connection.execute(f"PRAGMA max_page_count = {pages['max']}").close()

        engine.dispose()
        return engine

    history = open_history(sqlite_address, open_engine=open_small)
    for index in range(2000):
        history.on_reading(read_of(index))
    wait_until(lambda: history.health.is_failing)
    full = history.health
    pages["max"] = 100_000
    wait_until(lambda: history.health.written == 2000)

    assert "the disk is full" in full.message
    assert full.lost == 0
    points = history.readings_between(
        "Gate 1", NOON, NOON + timedelta(seconds=2000), points_max=2000
    )
    assert [one.count for one in points] == [float(index) for index in range(2000)]
    assert not history.health.is_failing


def test_a_read_only_history_is_a_state(tmp_path, sqlite_address, open_history):
    """Opened read-only, as on a write-protected disk: told, and nothing raised."""
    open_database(sqlite_address).dispose()
    read_only = parse_address(f"sqlite:///file:{tmp_path}/history.sqlite?mode=ro&uri=true", {})
    history = open_history(read_only)

    history.on_reading(read_of(1))
    wait_until(lambda: history.health.is_failing)

    assert "cannot be written to" in history.health.message


def test_a_locked_history_is_written_when_it_is_free(
    tmp_path, sqlite_address, open_history, monkeypatch
):
    """A backup that holds the file costs nothing but time."""
    open_database(sqlite_address).dispose()
    other = sqlite3.connect(tmp_path / "history.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    monkeypatch.setattr("monitor.outputs.history.database._BUSY_TIMEOUT_S", 0.01)
    history = open_history(sqlite_address)
    history.on_reading(read_of(1))
    wait_until(lambda: history.health.is_failing)
    locked = history.health
    other.execute("ROLLBACK")
    other.close()
    wait_until(lambda: history.health.written == 1)

    assert "another program holds it" in locked.message
    assert not history.health.is_failing


def test_a_newer_history_is_a_state_and_not_written(tmp_path, sqlite_address, open_history):
    """The window says what to do; the newer file stays as it is."""
    open_database(sqlite_address).dispose()
    plain = sqlite3.connect(tmp_path / "history.sqlite")
    plain.execute("UPDATE crowd_schema_version SET version = 99")
    plain.commit()

    history = open_history(sqlite_address)
    history.on_reading(read_of(1))
    wait_until(lambda: history.health.is_failing)

    assert "schema 99" in history.health.message
    assert plain.execute("SELECT count(*) FROM crowd_readings").fetchone() == (0,)
    plain.close()


def test_reading_a_history_that_is_gone_is_an_error_of_ours(tmp_path, open_history):
    """Who asks for a plot is told why there is none."""
    (tmp_path / "history.sqlite").mkdir()
    history = open_history(parse_address(f"sqlite:///{tmp_path}/history.sqlite", {}))

    with pytest.raises(StoreError, match="cannot be opened"):
        history.events_between(NOON, NOON + timedelta(seconds=1))


def test_it_moves_to_every_database(tmp_path, address, open_history):
    """What was written stays, what comes is written there, and there the answers come from."""
    former = parse_address(f"sqlite:///{tmp_path}/former.sqlite", {})
    history = open_history(former)
    for index in range(3):
        history.on_reading(read_of(index))
    wait_until(lambda: history.health.written == 3)

    history.move_to(address, history.open_at(address))
    history.on_reading(read_of(7))
    history.on_event(ring_of(8))
    wait_until(lambda: history.health.written == 5)

    end = NOON + timedelta(seconds=60)
    assert [one.count for one in history.readings_between("Gate 1", NOON, end)] == [7]
    assert history.events_between(NOON, end) == (ring_of(8),)
    plain = create_plain_engine(former)
    with plain.connect() as connection:
        kept = connection.execute(select(readings.c["count"]).order_by(readings.c.at_us)).scalars()
        assert list(kept) == [0, 1, 2]
    plain.dispose()


def test_zones_have_lines_of_their_own(address, open_history):
    """Whole picture, gate and stairs: three lines, none mixed up with another."""
    history = open_history(address)

    for index in range(10):
        zones = (
            zone_of("gate", 10.0 + index),
            zone_of("stairs", 100.0 + index, crowding=Crowding(20.0, 1.5 + index, 4.0, "D")),
        )
        history.on_reading(read_of(index, zones=zones, crowding=Crowding(50.0, 0.5, 2.5, "B")))
        history.on_reading(read_of(index, camera="Gate 2", zones=(zone_of("gate", 1e6),)))
    wait_until(lambda: history.health.written == 20)
    lines = {
        zone: history.series("Gate 1", zone, NOON, NOON + timedelta(seconds=10), 1)
        for zone in (None, "gate", "stairs", "nowhere")
    }

    assert {zone: [one.count for one in line] for zone, line in lines.items()} == {
        None: [4.5],
        "gate": [14.5],
        "stairs": [104.5],
        "nowhere": [],
    }
    (stairs,) = lines["stairs"]
    assert (stairs.density_mean_m2, stairs.density_peak_m2) == (6.0, 4.0)
    assert (stairs.count_min, stairs.count_max, stairs.readings) == (100.0, 109.0, 10)
    assert lines["gate"][0].density_mean_m2 is None
    assert lines[None][0].density_peak_m2 == 2.5


def test_a_plot_tells_how_many_readings_were_good(address, open_history):
    """Three good ones and one damaged picture: three quarters."""
    history = open_history(address)

    for index in range(4):
        quality = Quality.DEGRADED if index == 2 else Quality.GOOD
        history.on_reading(read_of(index, quality=quality))
    wait_until(lambda: history.health.written == 4)
    (point,) = history.series("Gate 1", None, NOON, NOON + timedelta(seconds=4), 1)

    assert point.good_share == 0.75


def test_a_database_that_goes_away_is_written_when_it_is_back(
    postgres, postgres_address, open_history
):
    """The server is killed and started again; nothing is missing and nothing is there twice."""
    history = open_history(postgres_address)
    history.on_reading(read_of(0))
    wait_until(lambda: history.health.written == 1)

    postgres.stop()
    try:
        history.on_reading(read_of(1))
        history.on_event(ring_of(1))
        wait_until(lambda: history.health.is_failing)
        away = history.health
    finally:
        postgres.start()
    wait_until(lambda: history.health.written == 3)

    assert away.message
    assert (away.waiting, away.lost) == (2, 0)
    points = history.readings_between("Gate 1", NOON, NOON + timedelta(seconds=9), points_max=9)
    assert [one.count for one in points] == [0.0, 1.0]
    assert history.events_between(NOON, NOON + timedelta(seconds=9)) == (ring_of(1),)


def test_room_is_measured_where_people_can_see_it(sqlite_address, open_history):
    """Size, rows, and what is left on the disk."""
    clock = StoppedClock()
    history = open_history(sqlite_address, clock=clock)
    for index in range(100):
        history.on_reading(read_of(index))
    wait_until(lambda: history.health.written == 100)

    clock.now_s = 3600.0
    history.on_reading(read_of(100))
    wait_until(lambda: history.health.written == 101)

    assert history.room.rows in {99, 100, 101}
    assert history.room.used_bytes > 10_000
    assert history.room.free_bytes > 0
    assert history.shortage == ""


def test_a_disk_that_is_nearly_full_is_told(sqlite_address, open_history):
    """Long before anything fails a person knows."""
    nothing_is_enough = Retention(free_bytes_min=10**18)
    history = open_history(sqlite_address, retention=nothing_is_enough)

    history.on_reading(read_of(0))
    wait_until(lambda: history.health.written == 1)

    assert "free some space" in history.shortage
    assert not history.health.is_failing


@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
def test_a_count_that_is_no_number_holds_up_nobody(address, open_history, wrong):
    """A model gone mad: its count is lost and counted as such, bounds of that kind are unknown."""
    history = open_history(address)

    history.on_reading(read_of(0, count=wrong))
    history.on_reading(read_of(1, zones=(zone_of("stairs", wrong),)))
    history.on_reading(read_of(2, low=wrong, high=wrong, variance=wrong))
    history.on_event(ring_of(2, value=wrong))
    wait_until(lambda: history.health.written == 2)
    (point,) = history.readings_between("Gate 1", NOON, NOON + timedelta(seconds=9))

    assert (point.count, point.low, point.high) == (2.0, None, None)
    assert history.events_between(NOON, NOON + timedelta(seconds=9))[0].value is None
    assert history.health.lost == 2
