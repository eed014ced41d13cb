"""Roll-ups: readings summed up by the minute and by the hour, so that a month is plotted at once.

A roll-up is a monoid: two of the same stretch are joined by adding sums and taking the outer
bounds, in any order. So each batch of readings is summed up in memory and joined to what the
database already has, in the transaction that writes the readings.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, Connection, Table, case, func
from sqlalchemy.dialects import postgresql, sqlite

from monitor.core.reading import Quality
from monitor.outputs.history.schema import PERIODS_S, rollups

_SECOND_US = 1_000_000


@dataclass(frozen=True, slots=True)
class Sample:
    """What a roll-up takes of one reading of a picture or a zone."""

    camera: str
    zone: str
    at_us: int
    count: float
    low: float | None
    high: float | None
    quality: Quality
    truth: float | None = None
    density_mean_m2: float | None = None
    density_peak_m2: float | None = None


@dataclass(frozen=True, slots=True)
class Rollup:
    """One stretch of one line in a plot; the fields are the columns of the table."""

    camera: str
    zone: str
    period_s: int
    start_us: int
    first_us: int
    last_us: int
    readings: int
    good: int
    count_sum: float
    count_min: float
    count_max: float
    low: float | None
    high: float | None
    truth_sum: float
    truth_readings: int
    density_sum_m2: float
    density_readings: int
    density_peak_m2: float | None


def rollup_of(sample: Sample, period_s: int) -> Rollup:
    """Give the roll-up of a single reading."""
    period_us = period_s * _SECOND_US
    truth, density = sample.truth, sample.density_mean_m2
    return Rollup(
        camera=sample.camera,
        zone=sample.zone,
        period_s=period_s,
        start_us=sample.at_us // period_us * period_us,
        first_us=sample.at_us,
        last_us=sample.at_us,
        readings=1,
        good=int(sample.quality is Quality.GOOD),
        count_sum=sample.count,
        count_min=sample.count,
        count_max=sample.count,
        low=sample.low,
        high=sample.high,
        truth_sum=0.0 if truth is None else truth,
        truth_readings=int(truth is not None),
        density_sum_m2=0.0 if density is None else density,
        density_readings=int(density is not None),
        density_peak_m2=sample.density_peak_m2,
    )


def joined(one: Rollup, other: Rollup) -> Rollup:
    """Join two roll-ups of the same stretch; the order does not matter.

    Args:
        one: Some readings of the stretch.
        other: Other readings of the same stretch.

    Returns:
        The roll-up of all of them.

    Raises:
        ValueError: If they are of different stretches.
    """
    key = (one.camera, one.zone, one.period_s, one.start_us)
    if key != (other.camera, other.zone, other.period_s, other.start_us):
        raise ValueError("roll-ups of different stretches cannot be joined")
    return Rollup(
        *key,
        first_us=min(one.first_us, other.first_us),
        last_us=max(one.last_us, other.last_us),
        readings=one.readings + other.readings,
        good=one.good + other.good,
        count_sum=one.count_sum + other.count_sum,
        count_min=min(one.count_min, other.count_min),
        count_max=max(one.count_max, other.count_max),
        low=_least(one.low, other.low),
        high=_greatest(one.high, other.high),
        truth_sum=one.truth_sum + other.truth_sum,
        truth_readings=one.truth_readings + other.truth_readings,
        density_sum_m2=one.density_sum_m2 + other.density_sum_m2,
        density_readings=one.density_readings + other.density_readings,
        density_peak_m2=_greatest(one.density_peak_m2, other.density_peak_m2),
    )


def rolled_up(samples: Iterable[Sample]) -> tuple[Rollup, ...]:
    """Sum up a batch of readings, by minute and by hour.

    Args:
        samples: In any order, of any cameras and zones.

    Returns:
        One roll-up for each stretch that a sample falls into, in the order of the table's key.
    """
    found: dict[tuple[str, str, int, int], Rollup] = {}
    for sample in samples:
        for period_s in PERIODS_S:
            new = rollup_of(sample, period_s)
            key = (new.camera, new.zone, new.period_s, new.start_us)
            found[key] = joined(found[key], new) if key in found else new
    return tuple(found[key] for key in sorted(found))


def add_rollups(connection: Connection, new: Sequence[Rollup]) -> None:
    """Join roll-ups to those that the history has; on a connection that somebody else opened."""
    if not new:
        return
    # The two dialects have the same statement but no common class for it.
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(rollups)
    old, came = rollups.c, insert.excluded
    update: dict[str, ColumnElement[float]] = {name: old[name] + came[name] for name in _ADDED}
    update |= {name: _outer(old[name], came[name], is_least=True) for name in _LEAST}
    update |= {name: _outer(old[name], came[name], is_least=False) for name in _GREATEST}
    statement = insert.on_conflict_do_update(index_elements=_key_of(rollups), set_=update)
    connection.execute(statement, [asdict(one) for one in new])


_ADDED = (
    "readings",
    "good",
    "count_sum",
    "truth_sum",
    "truth_readings",
    "density_sum_m2",
    "density_readings",
)
_LEAST = ("first_us", "count_min", "low")
_GREATEST = ("last_us", "count_max", "high", "density_peak_m2")


def _key_of(table: Table) -> list[str]:
    return [column.name for column in table.primary_key]


def _outer(
    old: ColumnElement[float], came: ColumnElement[float], *, is_least: bool
) -> ColumnElement[float]:
    """Give the lesser or greater of two columns, and the known one where one is not."""
    is_further = came < old if is_least else came > old
    return case((is_further, came), else_=func.coalesce(old, came))


def _least(one: float | None, other: float | None) -> float | None:
    known = [value for value in (one, other) if value is not None]
    return min(known, default=None)


def _greatest(one: float | None, other: float | None) -> float | None:
    known = [value for value in (one, other) if value is not None]
    return max(known, default=None)
