"""Readings and alarm events to write to a history, and databases as plain as they come."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, create_engine

from monitor.core.alarm import AlarmEvent, AlarmState
from monitor.core.reading import Quality, Reading
from monitor.core.zone import ZoneReading
from monitor.outputs.outbox import Pace
from monitor.settings.outputs import StoreAddress

NOON = datetime(2030, 5, 1, 12, tzinfo=UTC)
SOON = Pace(flush_s=0.001, retry_s=0.001)
LIMIT_S = 20.0


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


def zone_of(name, count, *, crowding=None):
    """What is known of a zone."""
    return ZoneReading(
        name=name,
        count=count,
        low=count - 1,
        high=count + 1,
        variance=0.37,
        smoothed=count,
        crowding=crowding,
    )


def ring_of(index, **changes):
    """An alarm event `index` seconds after noon."""
    values = {
        "camera": "Gate 1",
        "at_utc": NOON + timedelta(seconds=index),
        "before": AlarmState.NORMAL,
        "after": AlarmState.UNACKNOWLEDGED,
        "value": 101.5,
        "limit": 100.0,
        "note": "at 100 or more for 10 s",
        "alarm_id": "Gate 1/limit",
    }
    return AlarmEvent(**(values | changes))


def create_plain_engine(address: StoreAddress) -> Engine:
    """Open a database as any other program would."""
    return create_engine(
        address.url.set(password=None if address.password is None else address.password.reveal())
    )
