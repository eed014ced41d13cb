"""The tables of the history.

Times are microseconds since 1970 in UTC, whole numbers: exact, sortable, and the same in every
database. The monotonic clock of a reading is not kept; it means nothing after a restart.

Readings are kept as they came, for some weeks. Roll-ups sum them up by the minute and by the hour
and are kept for years; they are written in the same transaction as the readings, so that both
always tell the same. A roll-up holds sums, not means: sums can be added.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

SCHEMA_VERSION = 3
"""Version of the tables that this program writes; older ones it upgrades, newer ones it refuses."""

WHOLE_PICTURE = ""
"""Name of the zone that is the whole picture."""

MINUTE_S = 60
HOUR_S = 3600
PERIODS_S = (MINUTE_S, HOUR_S)
"""Lengths of the roll-ups, seconds."""

metadata = MetaData()

_RowId = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER counts up by itself there

schema_version = Table(
    "crowd_schema_version",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("made_by", String, nullable=False),
)

readings = Table(
    "crowd_readings",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("camera", String, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("count", Float, nullable=False),
    Column("low", Float),
    Column("high", Float),
    Column("variance", Float),
    Column("smoothed", Float, nullable=False),
    Column("quality", String, nullable=False),
    Column("truth", Float),
    Column("density_mean_m2", Float),
    Column("density_peak_m2", Float),
    Index("crowd_readings_by_time", "camera", "at_us"),
)

zone_readings = Table(
    "crowd_zone_readings",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("camera", String, nullable=False),
    Column("zone", String, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("count", Float, nullable=False),
    Column("low", Float),
    Column("high", Float),
    Column("smoothed", Float, nullable=False),
    Column("density_mean_m2", Float),
    Column("density_peak_m2", Float),
    Column("level_of_service", String),
    Column("quality", String, nullable=False),
    Index("crowd_zone_readings_by_time", "camera", "zone", "at_us"),
)

rollups = Table(
    "crowd_rollups",
    metadata,
    Column("camera", String, primary_key=True),
    Column("zone", String, primary_key=True),
    Column("period_s", Integer, primary_key=True, autoincrement=False),
    Column("start_us", BigInteger, primary_key=True, autoincrement=False),
    Column("first_us", BigInteger, nullable=False),
    Column("last_us", BigInteger, nullable=False),
    Column("readings", Integer, nullable=False),
    Column("good", Integer, nullable=False),
    Column("count_sum", Float, nullable=False),
    Column("count_min", Float, nullable=False),
    Column("count_max", Float, nullable=False),
    Column("low", Float),
    Column("high", Float),
    Column("truth_sum", Float, nullable=False),
    Column("truth_readings", Integer, nullable=False),
    Column("density_sum_m2", Float, nullable=False),
    Column("density_readings", Integer, nullable=False),
    Column("density_peak_m2", Float),
    sqlite_with_rowid=False,  # the rows of one line in a plot lie side by side on the disk
)

alarm_journal = Table(
    "crowd_alarm_journal",
    metadata,
    Column("id", _RowId, primary_key=True),
    Column("camera", String, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("before", String, nullable=False),
    Column("after", String, nullable=False),
    Column("value", Float),
    Column("limit_value", Float, nullable=False),
    Column("who", String, nullable=False),
    Column("note", Text, nullable=False),
    Column("alarm_id", String, nullable=False, server_default=""),
    Column("priority", String, nullable=False, server_default="medium"),
    Column("until_us", BigInteger),
    Index("crowd_alarm_journal_by_time", "at_us"),
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_us(moment: datetime) -> int:
    """Give a moment as microseconds since 1970; exact, from any time zone."""
    return (moment - _EPOCH) // _MICROSECOND


def from_us(microseconds: int) -> datetime:
    """Give a moment from microseconds since 1970, in UTC."""
    return _EPOCH + timedelta(microseconds=microseconds)
