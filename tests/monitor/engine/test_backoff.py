"""Back-off: quick at first, never busy, never longer than half a minute or so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.engine.reader import Backoff


def waits_s(losses: int, *, good_s: float = 0.0, jitter: float = 0.5) -> list[float]:
    """Lose a camera again and again; give the waits."""
    backoff, waits = Backoff(), []
    for _ in range(losses):
        backoff = backoff.after(good_s=good_s)
        waits.append(backoff.wait_s(jitter=jitter))
    return waits


def test_waits_double_up_to_half_a_minute() -> None:
    """As written in the design: from 0.5 s to 30 s."""
    assert waits_s(9) == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_a_camera_that_is_lost_for_weeks_does_no_harm() -> None:
    """A hundred thousand failed attempts overflow nothing."""
    assert Backoff(100_000).wait_s(jitter=0.5) == 30


@pytest.mark.parametrize(("good_s", "last_s"), [(9.9, 16), (10.0, 0.5), (3600.0, 0.5)])
def test_only_a_good_connection_starts_anew(good_s: float, last_s: float) -> None:
    """A camera that connects and breaks at once keeps its long waits."""
    backoff = Backoff(5).after(good_s=good_s)

    assert backoff.wait_s(jitter=0.5) == last_s


@given(st.integers(0, 50), st.floats(0, 1), st.booleans())
def test_waits_scatter_by_a_fifth(failures: int, jitter: float, is_slow: bool) -> None:
    """Cameras behind one switch do not come back in step; no wait is near zero."""
    backoff = Backoff(failures)
    middle_s = backoff.wait_s(jitter=0.5, is_slow=is_slow)

    wait_s = backoff.wait_s(jitter=jitter, is_slow=is_slow)

    assert wait_s == pytest.approx(middle_s, rel=0.2 + 1e-9)
    assert 0.4 - 1e-9 <= wait_s <= (72 if is_slow else 36) + 1e-9  # products of floats round


def test_a_wrong_password_is_tried_slowly_from_the_start() -> None:
    """A few quick attempts lock the account at many cameras."""
    assert Backoff(1).wait_s(jitter=0.5, is_slow=True) == 60
