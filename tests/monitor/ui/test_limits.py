"""A limit as it is edited."""

from monitor.core.rule import Rule
from monitor.ui.limits import edited_limit


def test_what_is_not_edited_stays():
    """Confidence, off-delay and dead band are the safety officer's."""
    before = Rule(100.0, dead_band=20.0, on_delay_s=5.0, off_delay_s=40.0, confidence=0.9)

    after = edited_limit(before, high=150.0, on_delay_s=7.0)

    assert after == Rule(150.0, dead_band=20.0, on_delay_s=7.0, off_delay_s=40.0, confidence=0.9)


def test_a_dead_band_that_no_longer_fits_becomes_the_usual_one():
    """A limit of 15 with a dead band of 20 would never return."""
    after = edited_limit(Rule(100.0, dead_band=20.0), high=15.0, on_delay_s=10.0)

    assert (after.dead_band, after.returns_at) == (None, 13.5)


def test_a_first_limit_has_the_usual_patience():
    """A camera without a limit gets one from the window."""
    assert edited_limit(None, high=80.0, on_delay_s=3.0) == Rule(80.0, on_delay_s=3.0)
