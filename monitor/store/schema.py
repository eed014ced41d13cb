"""The tables of the history.

Times are microseconds since 1970 in UTC, whole numbers: exact, sortable, and the same in every
database. The monotonic clock of a reading is not kept; it means nothing after a restart.
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

SCHEMA_VERSION = 1
"""Version of the tables that this program writes; it refuses to touch newer ones."""

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
    Index("crowd_readings_by_time", "camera", "at_us"),
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
    Column("high", Float, nullable=False),
    Column("who", String, nullable=False),
    Column("note", Text, nullable=False),
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
