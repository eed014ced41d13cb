"""A camera that hangs: noticed by equal pictures, and never where the picture lives."""

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.video.stream import FreezeWatch, fingerprint


def noisy(seed: int, *, size_wh: tuple[int, int] = (100, 60)) -> av.VideoFrame:
    """Make a picture of a sensor that looks at a gray wall."""
    width, height = size_wh
    noise = np.random.default_rng(seed).normal(128, 2, (height * 3 // 2, width))
    return av.VideoFrame.from_ndarray(noise.clip(0, 255).astype(np.uint8), format="yuv420p")


def test_equal_pictures_have_equal_fingerprints() -> None:
    """Copies agree; the noise of a second picture, or another size, does not."""
    assert fingerprint(noisy(1)) == fingerprint(noisy(1))
    assert fingerprint(noisy(1)) != fingerprint(noisy(2))
    assert fingerprint(noisy(1, size_wh=(100, 64))) != fingerprint(noisy(1, size_wh=(64, 100)))


def test_what_lies_beyond_the_picture_does_not_count() -> None:
    """Rows are filled up to a round length with whatever was in memory."""
    narrow = noisy(1, size_wh=(98, 60))
    plane = narrow.planes[0]
    rows = np.frombuffer(plane, dtype=np.uint8).reshape(-1, plane.line_size)
    assert plane.line_size > 98, "the case needs filling"
    before = fingerprint(narrow)

    rows.setflags(write=True) if not rows.flags.writeable else None
    np.asarray(memoryview(plane)).reshape(-1, plane.line_size)[:, 98:] = 7

    assert fingerprint(narrow) == before


def test_a_picture_that_stays_is_frozen_after_its_time() -> None:
    """At 10 Hz: not before ten seconds, from then on until it changes."""
    watch = FreezeWatch(10.0)
    same, other = noisy(1), noisy(2)

    before = [watch.sees(same, at / 10) for at in range(100)]
    after = [watch.sees(same, 10 + at / 10) for at in range(20)]
    changed = watch.sees(other, 12.2)

    assert not any(before)
    assert all(after[2:])
    assert not changed


@pytest.mark.parametrize("at_s", [0.0, 5.0, 100.0])
def test_it_can_be_turned_off(at_s: float) -> None:
    """A drawn picture may stay as it is for ever."""
    watch = FreezeWatch(0)
    watch.sees(noisy(1), 0.0)

    assert not watch.sees(noisy(1), at_s)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=60), st.floats(0.5, 20))
def test_frozen_means_equal_for_the_whole_time(numbers: list[int], frozen_after_s: float) -> None:
    """Against a search through all that was seen, one picture a second."""
    watch = FreezeWatch(frozen_after_s)

    for now_s, number in enumerate(numbers):
        is_frozen = watch.sees_fingerprint(number, float(now_s))

        begun_s = now_s
        while begun_s > 0 and numbers[begun_s - 1] == number:
            begun_s -= 1
        assert is_frozen == (now_s - begun_s >= frozen_after_s)
