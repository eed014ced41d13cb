"""The phases of a connection: what may follow what, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.engine.connection import Happening, Phase, next_phase


@pytest.mark.parametrize(
    ("story", "phase"),
    [
        ("try", Phase.CONNECTING),
        ("try, whole picture", Phase.STREAMING),
        ("try, bad picture, whole picture", Phase.STREAMING),
        ("try, whole picture, bad picture", Phase.DEGRADED),
        ("try, loss", Phase.WAITING),
        ("try, whole picture, loss, try", Phase.CONNECTING),
        ("try, refusal, try", Phase.CONNECTING),
        ("try, whole picture, end", Phase.ENDED),
        ("stop", Phase.STOPPED),
        ("try, loss, stop", Phase.STOPPED),
    ],
)
def test_stories_of_a_camera(story: str, phase: Phase) -> None:
    """What a camera goes through, told from the beginning."""
    now = Phase.IDLE
    for word in story.split(", "):
        now = next_phase(now, Happening(word))

    assert now is phase


@pytest.mark.parametrize(
    ("phase", "happening"),
    [
        (Phase.IDLE, Happening.WHOLE_PICTURE),
        (Phase.WAITING, Happening.WHOLE_PICTURE),
        (Phase.STREAMING, Happening.TRY),
        (Phase.REFUSED, Happening.LOSS),
        (Phase.STOPPED, Happening.TRY),
        (Phase.ENDED, Happening.STOP),
    ],
)
def test_what_cannot_happen_is_refused(phase: Phase, happening: Happening) -> None:
    """A picture without a connection, a second connection, a dead reader that goes on."""
    with pytest.raises(ValueError, match="cannot happen"):
        next_phase(phase, happening)


@given(st.lists(st.sampled_from(Happening), max_size=30))
def test_a_stopped_reader_stays_stopped(happenings: list[Happening]) -> None:
    """Whatever happens in whatever order: over is over, and every other phase can be stopped."""
    now = Phase.IDLE
    was_over = False
    for happening in happenings:
        try:
            now = next_phase(now, happening)
        except ValueError:
            continue
        assert not was_over
        was_over = now in {Phase.STOPPED, Phase.ENDED}

    if not was_over:
        assert next_phase(now, Happening.STOP) is Phase.STOPPED
