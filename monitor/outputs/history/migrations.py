"""Bring the tables of a history to the version that this program writes.

A new history gets its tables, an older one is upgraded step by step, a newer one is refused and
left alone. All steps are one transaction: after a power cut in the middle the history is as it
was before, and the next start tries again.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    cast,
    func,
    insert,
    inspect,
    literal,
    select,
    text,
)

from monitor import __version__
from monitor.core.reading import Quality
from monitor.outputs.history.schema import (
    HOUR_S,
    MINUTE_S,
    SCHEMA_VERSION,
    WHOLE_PICTURE,
    metadata,
    readings,
    rollups,
    schema_version,
    zone_readings,
)

_Columns: TypeAlias = dict[str, ColumnElement[Any]]
"""What to fill columns with, by their names; each is of another type."""

_SECOND_US = 1_000_000
_UPGRADE_LOCK = 0x63726F7764  # any number that no other program of the database uses: "crowd"


class NewerSchemaError(Exception):
    """The history was written by a newer version of the program."""

    def __init__(self, version: int) -> None:
        super().__init__(version)
        self.version = version


def prepare_tables(connection: Connection) -> None:
    """Make the tables, or upgrade them; inside a transaction of the caller's.

    Args:
        connection: To a history of any version, or to an empty database; nobody else may write
            in this transaction.

    Raises:
        NewerSchemaError: If a newer version of the program wrote it; nothing was changed.
    """
    if connection.dialect.name == "postgresql":
        # Two programs that start at once: the second finds what the first has made.
        connection.execute(select(func.pg_advisory_xact_lock(_UPGRADE_LOCK)))
        connection.execute(text("SET LOCAL statement_timeout = 0"))
    found = _version_of(connection)
    if found is None:
        metadata.create_all(connection)
        _note_version(connection, SCHEMA_VERSION)
        return
    if found > SCHEMA_VERSION:
        raise NewerSchemaError(found)
    for version in range(found + 1, SCHEMA_VERSION + 1):
        _STEPS[version](connection)
        _note_version(connection, version)


def _version_of(connection: Connection) -> int | None:
    if not inspect(connection).has_table(schema_version.name):
        return None
    return connection.execute(select(func.max(schema_version.c.version))).scalar()


def _note_version(connection: Connection, version: int) -> None:
    row = {"version": version, "made_by": __version__}
    connection.execute(insert(schema_version).values(row))


def _to_version_2(connection: Connection) -> None:
    """Add zones and roll-ups, and what the journal tells of an alarm; sum up what is there."""
    metadata.create_all(connection, tables=[zone_readings, rollups])
    for statement in _VERSION_2_COLUMNS:
        connection.execute(text(statement))
    _sum_up_readings(connection)
    _sum_up_minutes(connection)


_VERSION_2_COLUMNS = (
    "ALTER TABLE crowd_readings ADD COLUMN density_mean_m2 FLOAT",
    "ALTER TABLE crowd_readings ADD COLUMN density_peak_m2 FLOAT",
    "ALTER TABLE crowd_alarm_journal RENAME COLUMN high TO limit_value",
    "ALTER TABLE crowd_alarm_journal ADD COLUMN alarm_id VARCHAR NOT NULL DEFAULT ''",
    "ALTER TABLE crowd_alarm_journal ADD COLUMN priority VARCHAR NOT NULL DEFAULT 'medium'",
)


def _to_version_3(connection: Connection) -> None:
    """Add to the journal until when an alarm was put aside."""
    connection.execute(text("ALTER TABLE crowd_alarm_journal ADD COLUMN until_us BIGINT"))


_STEPS: Mapping[int, Callable[[Connection], None]] = {2: _to_version_2, 3: _to_version_3}


def _sum_up_readings(connection: Connection) -> None:
    column = readings.c
    start_us = _floor(column.at_us, MINUTE_S)
    is_good = cast(column.quality == literal(Quality.GOOD.value), Integer)
    values: _Columns = {
        "camera": column.camera,
        "zone": literal(WHOLE_PICTURE),
        "period_s": literal(MINUTE_S),
        "start_us": start_us,
        "first_us": func.min(column.at_us),
        "last_us": func.max(column.at_us),
        "readings": func.count(),
        "good": func.sum(is_good),
        "count_sum": func.sum(column["count"]),
        "count_min": func.min(column["count"]),
        "count_max": func.max(column["count"]),
        "low": func.min(column.low),
        "high": func.max(column.high),
        "truth_sum": func.coalesce(func.sum(column.truth), 0.0),
        "truth_readings": func.count(column.truth),
        "density_sum_m2": literal(0.0),
        "density_readings": literal(0),
    }
    query = select(*values.values()).group_by(column.camera, start_us)
    connection.execute(insert(rollups).from_select(list(values), query))


def _sum_up_minutes(connection: Connection) -> None:
    column = rollups.c
    start_us = _floor(column.start_us, HOUR_S)
    added = ("readings", "good", "count_sum", "truth_sum", "truth_readings", "density_sum_m2")
    values: _Columns = {
        "camera": column.camera,
        "zone": column.zone,
        "period_s": literal(HOUR_S),
        "start_us": start_us,
        **{name: func.sum(column[name]) for name in (*added, "density_readings")},
        **{name: func.min(column[name]) for name in ("first_us", "count_min", "low")},
        **{name: func.max(column[name]) for name in ("last_us", "count_max", "high")},
    }
    query = (
        select(*values.values())
        .where(column.period_s == MINUTE_S)
        .group_by(column.camera, column.zone, start_us)
    )
    connection.execute(insert(rollups).from_select(list(values), query))


def _floor(moment_us: ColumnElement[int], period_s: int) -> ColumnElement[int]:
    period_us = period_s * _SECOND_US
    return moment_us // period_us * period_us
