"""Whether a camera has moved, on drawn squares: people walk, light changes, the camera turns."""

import cv2
import numpy as np
import pytest

from monitor.plaza.draw import Plaza
from monitor.scene.view import (
    CHECK_EVERY_S,
    MOVED_SHARE,
    Verdict,
    ViewGuard,
    compare,
    load_view,
    save_view,
    view_of,
)

WIDTH, HEIGHT = 854, 480


@pytest.fixture(scope="module")
def square():
    """A square with people; the same a few minutes later."""
    plaza = Plaza(120, 1, (WIDTH, HEIGHT))
    return plaza.render(0.0).image.copy(), plaza.render(200.0).image.copy()


@pytest.fixture(scope="module")
def elsewhere():
    """Another square."""
    return Plaza(120, 3, (WIDTH, HEIGHT)).render(0.0).image.copy()


def shifted(image, across_px, down_px=0.0):
    """What a camera sees that was turned a little."""
    turn = np.array([[1, 0, across_px], [0, 1, down_px]], dtype=np.float32)
    return cv2.warpAffine(image, turn, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)


def dusk(image):
    """A third of the light, and the noise of a small sensor."""
    noise = np.random.default_rng(0).normal(0, 10, image.shape)
    return np.clip(image * 0.35 + noise, 0, 255).astype(np.uint8)


def small(image):
    """The same at another resolution."""
    return cv2.resize(image, (WIDTH // 2, HEIGHT // 2), interpolation=cv2.INTER_AREA)


@pytest.mark.parametrize("change", [lambda one: one, dusk, small], ids=["people", "dusk", "small"])
def test_walking_people_and_weaker_light_are_no_move(square, change):
    """What stands still, stands still."""
    before, after = square

    assert compare(view_of(before), view_of(change(after))) is Verdict.SAME


@pytest.mark.parametrize(
    ("across_px", "down_px"),
    [(0.8 * MOVED_SHARE * WIDTH, 0), (1.2 * MOVED_SHARE * WIDTH, 0), (0, -40), (200, 60)],
)
def test_a_shift_is_measured(square, across_px, down_px):
    """Just below the threshold it stands, just above it has moved."""
    before, after = square
    is_moved = float(np.hypot(across_px, down_px)) > MOVED_SHARE * WIDTH

    verdict = compare(view_of(before), view_of(shifted(after, across_px, down_px)))

    assert verdict is (Verdict.MOVED if is_moved else Verdict.SAME)


def test_another_zoom_is_a_move(square):
    """A tenth closer, about the middle."""
    before, after = square
    zoom = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), 0, 1.1)

    verdict = compare(view_of(before), view_of(cv2.warpAffine(after, zoom, (WIDTH, HEIGHT))))

    assert verdict is Verdict.MOVED


def test_another_place_is_strange_and_night_is_unknown(square, elsewhere):
    """The one will count as a move, the other says nothing."""
    reference = view_of(square[0])

    assert compare(reference, view_of(elsewhere)) is Verdict.STRANGE
    assert compare(reference, view_of(np.zeros_like(square[0]))) is Verdict.UNKNOWN


def watch(guard, image, times, start_s=0.0):
    """Look at one picture again and again."""
    return [guard.check(image, start_s + CHECK_EVERY_S * index) for index in range(times)]


def test_a_turned_camera_is_told_after_three_looks_and_taken_back_after_three(square):
    """A lorry before the lens passes; a camera that is put back counts again."""
    before, after = square
    guard = ViewGuard(view_of(before))

    assert watch(guard, shifted(after, 100), 2) == [False, False]
    assert watch(guard, after, 1) == [False]
    assert watch(guard, shifted(after, 100), 3) == [False, False, True]
    assert watch(guard, np.zeros_like(after), 2) == [True, True]
    assert watch(guard, after, 3) == [True, True, False]


def test_a_camera_that_looks_elsewhere_is_told_after_ten_looks(square, elsewhere):
    """Dusk and weather are quicker over."""
    guard = ViewGuard()
    watch(guard, square[0], 1)

    assert watch(guard, elsewhere, 10) == [False] * 9 + [True]


def test_a_place_that_fills_up_bit_by_bit_has_not_moved(square, elsewhere):
    """At the end nothing of the beginning is to be seen, as on a stand that is full."""
    guard = ViewGuard(view_of(square[0]))
    steps = np.linspace(0, 1, 9)
    filling = [cv2.addWeighted(square[0], 1 - one, elsewhere, one, 0) for one in steps]

    for index, image in enumerate(filling):
        guard.check(image, CHECK_EVERY_S * index)

    assert compare(view_of(square[0]), view_of(elsewhere)) is Verdict.STRANGE
    assert not any(watch(guard, elsewhere, 12, start_s=1000.0))


def test_without_a_reference_the_first_clear_picture_is_taken(square):
    """Not the night that came before it."""
    guard = ViewGuard()
    watch(guard, np.zeros_like(square[0]), 5)
    watch(guard, square[0], 1)

    assert watch(guard, shifted(square[1], 100), 3)[-1]


def test_it_looks_seldom():
    """It costs as much as three counts' share of the processor."""
    guard = ViewGuard()
    first = guard.is_due(0.0)
    guard.check(np.zeros((48, 64, 3), dtype=np.uint8), 0.0)

    assert first
    assert not guard.is_due(CHECK_EVERY_S - 0.1)
    assert guard.is_due(CHECK_EVERY_S)


def test_a_reference_can_be_kept(square, tmp_path):
    """It says the same after it was read, and holds no picture: 100 kB, blurred edges."""
    path = tmp_path / "gate.view"
    save_view(view_of(square[0]), path)

    loaded = load_view(path)

    assert compare(loaded, view_of(square[1])) is Verdict.SAME
    assert path.stat().st_size < 150_000


@pytest.mark.parametrize("content", [None, b"", b"not a reference", b"PK\x03\x04broken"])
def test_what_is_no_reference_is_refused(tmp_path, content):
    """With its name."""
    path = tmp_path / "gate.view"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ValueError, match=r"gate\.view"):
        load_view(path)
