"""Quality: a count grows old and is lost, but never becomes better, and never 0 people."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.reading import Quality
from monitor.engine.health import (
    StreamState,
    are_pictures_too_seldom,
    count_quality,
    impairment,
    picture_quality,
    stream_state,
)
from tests.rigs.sources import gray_frame

BETTER = [Quality.GOOD, Quality.DEGRADED, Quality.UNCALIBRATED, Quality.OUT_OF_DISTRIBUTION]
WORSE = [*BETTER, Quality.STALE, Quality.LOST]


@pytest.mark.parametrize(
    ("age_s", "is_impaired", "quality"),
    [
        (None, False, Quality.LOST),
        (0.0, False, Quality.GOOD),
        (3.0, False, Quality.GOOD),
        (3.0, True, Quality.DEGRADED),
        (3.1, False, Quality.STALE),
        (3.1, True, Quality.STALE),
        (10.0, False, Quality.STALE),
        (10.1, False, Quality.LOST),
        (1e9, True, Quality.LOST),
    ],
)
def test_quality_follows_age(age_s: float | None, is_impaired: bool, quality: Quality) -> None:
    """Nothing counted yet is lost; damage shows while the count is young enough to use."""
    young = picture_quality(is_novel=False, has_moved=False, is_impaired=is_impaired)

    judged = count_quality(age_s, stale_after_s=3, lost_after_s=10, young=young)

    assert judged is quality


@given(
    st.floats(0, 100),
    st.floats(0, 100),
    st.floats(0.1, 50),
    st.floats(0, 50),
    st.sampled_from(BETTER),
)
def test_age_never_helps(
    younger_s: float, more_s: float, stale_s: float, more_until_lost_s: float, young: Quality
) -> None:
    """An older count is never trusted more than a younger one."""
    younger, older = (
        count_quality(
            age_s,
            stale_after_s=stale_s,
            lost_after_s=stale_s + more_until_lost_s,
            young=young,
        )
        for age_s in (younger_s, younger_s + more_s)
    )

    assert WORSE.index(older) >= WORSE.index(younger)


def test_lost_before_stale_is_a_mistake_of_the_caller() -> None:
    """The two ages come in one order."""
    with pytest.raises(ValueError, match="before stale"):
        count_quality(1.0, stale_after_s=3, lost_after_s=2, young=Quality.GOOD)


@pytest.mark.parametrize(
    ("reported", "age_s", "shown"),
    [
        (StreamState.LIVE, 3.0, StreamState.LIVE),
        (StreamState.LIVE, 3.1, StreamState.STALE),
        (StreamState.LIVE, None, StreamState.STALE),
        (StreamState.UNREACHABLE, 0.1, StreamState.UNREACHABLE),
        (StreamState.CONNECTING, None, StreamState.CONNECTING),
        (StreamState.ENDED, 99.0, StreamState.ENDED),
    ],
)
def test_a_live_stream_without_pictures_is_stale(
    reported: StreamState, age_s: float | None, shown: StreamState
) -> None:
    """What is known to be wrong is not hidden behind "stale"."""
    assert stream_state(reported, picture_age_s=age_s, stale_after_s=3) is shown


@pytest.mark.parametrize(("age_s", "answer"), [(None, True), (1.4, False), (1.6, True)])
def test_pictures_are_too_seldom_after_half_the_time(age_s: float | None, answer: bool) -> None:
    """The warning comes before the loss."""
    assert are_pictures_too_seldom(age_s, stale_after_s=3) is answer


@pytest.mark.parametrize(
    ("is_damaged", "is_frozen", "word"),
    [
        (False, False, ""),
        (True, False, "damaged"),
        (False, True, "change"),
        (True, True, "damaged"),
    ],
)
def test_a_picture_in_time_may_still_be_wrong(is_damaged: bool, is_frozen: bool, word: str) -> None:
    """Each fault has its sentence; no fault has none."""
    frame = replace(gray_frame(), is_damaged=is_damaged, is_frozen=is_frozen)

    sentence = impairment(frame)

    assert word in sentence
    assert bool(sentence) == (is_damaged or is_frozen)


@pytest.mark.parametrize("is_novel", [True, False])
@pytest.mark.parametrize("has_moved", [True, False])
@pytest.mark.parametrize("is_impaired", [True, False])
def test_what_harms_most_is_told(is_novel: bool, has_moved: bool, is_impaired: bool) -> None:
    """A count that may be anything, then one that lies elsewhere, then one that is blurred."""
    found = {
        Quality.OUT_OF_DISTRIBUTION: is_novel,
        Quality.UNCALIBRATED: has_moved,
        Quality.DEGRADED: is_impaired,
        Quality.GOOD: True,
    }

    quality = picture_quality(is_novel=is_novel, has_moved=has_moved, is_impaired=is_impaired)

    assert quality is next(one for one, holds in found.items() if holds)
