"""The history on real databases: what is kept, what happens when it cannot be."""

import os
import sqlite3
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from sqlalchemy import delete, event

from monitor.errors import StoreError
from monitor.outbox import Pace
from monitor.records.alarm import AlarmEvent, AlarmState
from monitor.records.reading import Quality, Reading
from monitor.store.database import open_database, parse_address
from monitor.store.history import History
from monitor.store.schema import alarm_journal, readings

NOON = datetime(2030, 5, 1, 12, tzinfo=UTC)
SOON = Pace(flush_s=0.001, retry_s=0.001)
LIMIT_S = 20.0
POSTGRES_URL = os.environ.get("CROWD_MONITOR_TEST_POSTGRES")


class StoppedClock:
    """A clock that shows noon and runs only when told to."""

    def __init__(self):
        self.now_s = 0.0

    def monotonic_s(self):
        """Seconds since noon."""
        return self.now_s

    def utc(self):
        """Noon and those seconds."""
        return NOON + timedelta(seconds=self.now_s)


def read_of(index, *, camera="Gate 1", **changes):
    """A reading `index` seconds after noon; its count is the index."""
    values = {
        "camera": camera,
        "at_utc": NOON + timedelta(seconds=index),
        "captured_s": float(index),
        "count": float(index),
        "low": index - 1.0,
        "high": index + 1.0,
        "variance": 0.37,
        "smoothed": float(index),
        "quality": Quality.GOOD,
    }
    return Reading(**(values | changes))


def ring_of(index, **changes):
    """An alarm event `index` seconds after noon."""
    values = {
        "camera": "Gate 1",
        "at_utc": NOON + timedelta(seconds=index),
        "before": AlarmState.NORMAL,
        "after": AlarmState.UNACKNOWLEDGED,
        "value": 101.5,
        "limit": 100.0,
        "who": "",
        "note": "at 100 or more for 10 s",
    }
    return AlarmEvent(**(values | changes))


def wait_until(claim):
    """Wait until a claim holds."""
    pause = Event()
    for _ in range(round(LIMIT_S / 0.002)):
        if claim():
            return
        pause.wait(0.002)
    raise AssertionError("waited in vain")


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param(
            "postgresql",
            marks=pytest.mark.skipif(
                POSTGRES_URL is None,
                reason="CROWD_MONITOR_TEST_POSTGRES names no empty PostgreSQL database",
            ),
        ),
    ]
)
def address(request, tmp_path):
    """Where a history may be kept: every database that is supported."""
    if request.param == "sqlite":
        return parse_address(f"sqlite:///{tmp_path}/history.sqlite", {})
    address = parse_address(POSTGRES_URL, os.environ)
    engine = open_database(address)
    with engine.begin() as connection:
        connection.execute(delete(readings))
        connection.execute(delete(alarm_journal))
    engine.dispose()
    return address


@pytest.fixture
def sqlite_address(tmp_path):
    """A history in a file."""
    return parse_address(f"sqlite:///{tmp_path}/history.sqlite", {})


@pytest.fixture
def open_history():
    """Make histories that are ended with the test."""
    made = []

    def make(address, **how):
        history = History(address, **({"clock": StoppedClock(), "pace": SOON} | how))
        history.start()
        made.append(history)
        return history

    yield make
    for history in made:
        assert history.stop(LIMIT_S)


def test_alarm_events_come_back_as_they_were(address, open_history):
    """Every field of every transition, in order, by camera."""
    events = [
        ring_of(0),
        ring_of(1, who="Ada", note="stewards sent – 門", after=AlarmState.ACKNOWLEDGED),
        ring_of(2, camera="Gate 2", value=None),
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
    """After 30 days a count is of no use; who acknowledged what is."""
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

    kept = first.readings_between("Gate 1", NOON, NOON + timedelta(days=60), points_max=10**6)
    assert [one.count for one in kept] == [3600.0, month_s + 60.0]
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


def test_a_locked_history_is_written_when_it_is_free(tmp_path, sqlite_address, open_history):
    """A backup that holds the file costs nothing but time."""
    open_database(sqlite_address).dispose()
    other = sqlite3.connect(tmp_path / "history.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    def open_impatient(address):
        engine = open_database(address)

        @event.listens_for(engine, "connect")
        def _hurry(connection, _record):
            connection.execute("PRAGMA busy_timeout = 1").close()

        engine.dispose()
        return engine

    history = open_history(sqlite_address, open_engine=open_impatient)
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
