"""Times in the history: exact and the same from every zone."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from monitor.outputs.history.schema import from_us, to_us


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_moment_survives_to_the_microsecond(moment):
    """Nothing is rounded on the way to the database and back."""
    assert from_us(to_us(moment)) == moment


def test_known_moments():
    """By hand: a day has 86,400 seconds; an hour east is an hour earlier in UTC."""
    east = timezone(timedelta(hours=1))

    assert to_us(datetime(1970, 1, 2, tzinfo=UTC)) == 86_400_000_000
    assert to_us(datetime(1970, 1, 2, 1, tzinfo=east)) == 86_400_000_000
    assert to_us(datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC)) == 1
