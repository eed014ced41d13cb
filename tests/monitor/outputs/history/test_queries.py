"""Which records a plot is drawn from, and that it shows the same from each of them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, event, text

from monitor.outputs.history.database import open_database, writing
from monitor.outputs.history.queries import Line, periods_for, select_points
from monitor.outputs.history.schema import readings, rollups
from tests.rigs.history import LIMIT_S, NOON, read_of
from tests.rigs.waiting import wait_until

HOUR_S = 3600
DAY_S = 24 * HOUR_S


@pytest.mark.parametrize(
    ("span_s", "points_max", "best"),
    [
        pytest.param(15 * 60, 1000, None, id="15 minutes"),
        pytest.param(HOUR_S, 1000, None, id="an hour"),
        pytest.param(8 * HOUR_S, 2000, None, id="a shift, finely"),
        pytest.param(8 * HOUR_S, 1000, 60, id="a shift"),
        pytest.param(DAY_S, 1000, 60, id="a day"),
        pytest.param(7 * DAY_S, 1000, 60, id="a week"),
        pytest.param(30 * DAY_S, 1000, HOUR_S, id="a month"),
        pytest.param(365 * DAY_S, 1000, HOUR_S, id="a year"),
    ],
)
def test_long_times_are_drawn_from_long_rollups(span_s, points_max, best):
    """As few rows as still give a third of the points."""
    assert periods_for(span_s, points_max)[0] == best


@given(st.floats(1, 1e8), st.integers(1, 5000))
def test_an_hour_is_always_the_last_resort(span_s, points_max):
    """Where readings and minutes are gone, hours are left."""
    assert periods_for(span_s, points_max)[-1] == HOUR_S


@pytest.fixture
def history(address, open_history):
    """Two hours, a reading every 10 s, and a gap in the middle of the first."""
    history = open_history(address)
    for at_s in range(0, 2 * HOUR_S, 10):
        if not 600 <= at_s < 1200:
            history.on_reading(read_of(at_s, count=float(at_s % 170), truth=float(at_s % 90)))
    wait_until(lambda: history.health.written == 660, "written", within_s=LIMIT_S)
    return history


def forget(address, *tables):
    engine = open_database(address)
    with writing(engine) as connection:
        for statement in tables:
            connection.execute(statement)
    engine.dispose()


@pytest.mark.parametrize(
    "forgotten",
    [
        pytest.param((), id="readings"),
        pytest.param((delete(readings),), id="minutes"),
        pytest.param(
            (delete(readings), delete(rollups).where(rollups.c.period_s == 60)), id="hours"
        ),
    ],
)
def test_a_plot_by_the_hour_is_the_same_from_all_records(address, history, forgotten):
    """Means weigh every reading alike, whatever stretch it was summed up in."""
    expected = [
        [at for at in range(0, HOUR_S, 10) if not 600 <= at < 1200],
        list(range(HOUR_S, 2 * HOUR_S, 10)),
    ]
    forget(address, *forgotten)

    points = history.series("Gate 1", None, NOON, NOON + timedelta(seconds=2 * HOUR_S), 2)

    for point, seconds in zip(points, expected, strict=True):
        assert point.readings == len(seconds)
        assert point.count == pytest.approx(sum(at % 170 for at in seconds) / len(seconds))
        assert point.truth == pytest.approx(sum(at % 90 for at in seconds) / len(seconds))
        assert (point.count_min, point.count_max) == (0.0, 160.0)
        assert (point.low, point.high) == (min(seconds) - 1.0, max(seconds) + 1.0)
        assert point.at_utc == NOON + timedelta(seconds=(seconds[0] + seconds[-1]) / 2)


def test_where_readings_are_gone_minutes_are_drawn(address, history):
    """The half hour whose readings were deleted is drawn as coarsely as it is known."""
    cut = text("DELETE FROM crowd_readings WHERE at_us < :cut")
    forget(address, cut.bindparams(cut=int(NOON.timestamp() * 1e6) + 1800 * 10**6))
    old = history.series("Gate 1", None, NOON, NOON + timedelta(minutes=30), 1000)
    new = history.series(
        "Gate 1", None, NOON + timedelta(minutes=30), NOON + timedelta(minutes=60), 1000
    )

    assert [one.readings for one in old] == [6] * 20  # 30 minutes less the gap
    assert [one.readings for one in new] == [1] * 180


def test_a_moment_that_is_missing_does_not_make_a_plot_coarse(address, history):
    """Twenty seconds of an hour were deleted: the rest is still drawn reading by reading."""
    cut = text("DELETE FROM crowd_readings WHERE at_us < :cut")
    forget(address, cut.bindparams(cut=int(NOON.timestamp() * 1e6) + 20 * 10**6))

    points = history.series("Gate 1", None, NOON, NOON + timedelta(hours=1), 1000)

    assert {one.readings for one in points} == {1}


def test_a_gap_stays_a_gap(history):
    """Ten minutes without readings give no point from readings and none from minutes."""
    for points_max in (2000, 100):
        points = history.series(
            "Gate 1", None, NOON + timedelta(minutes=5), NOON + timedelta(minutes=25), points_max
        )
        moments = [(one.at_utc - NOON).total_seconds() for one in points]
        assert moments
        assert not [at for at in moments if 600 <= at < 1200]


def test_no_question_reads_a_whole_table(sqlite_address):
    """SQLite's own plan: each is answered from an index."""
    plan = []
    engine = open_database(sqlite_address)

    @event.listens_for(engine, "before_cursor_execute")
    def note(_connection, cursor, statement, parameters, *_):
        if statement.startswith("SELECT"):
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plan.extend(row[3] for row in cursor.fetchall())

    with engine.connect() as connection:
        for span_us in (10**9, 10**12, 10**14):
            for zone in ("", "stairs"):
                select_points(connection, Line("Gate 1", zone, 0, span_us), points_max=1000)
    engine.dispose()

    assert [step for step in plan if step.startswith("SEARCH")]
    assert not [step for step in plan if step.startswith("SCAN")]
