"""From an address to its source: every kind is opened by what is made for it."""

from pathlib import Path
from threading import Event

import cv2
import numpy as np
import pytest

from monitor.core.errors import AddressError
from monitor.core.secret import Secret
from monitor.video.file import FileSource
from monitor.video.open import open_source
from monitor.video.pictures import PicturesSource
from monitor.video.plaza_source import PlazaSource
from monitor.video.stream import StreamSource
from tests.rigs.clock import ManualClock
from tests.rigs.encoded import numbered_pictures, write_video


@pytest.mark.parametrize(
    ("address", "kind", "is_live"),
    [
        ("rtsp://op:pw@cam/live", StreamSource, True),
        ("webcam:0", StreamSource, True),
        ("film.mp4", FileSource, False),
        ("*.png", PicturesSource, False),
        ("0.png", PicturesSource, False),
        (".", PicturesSource, False),
    ],
)
def test_every_kind_of_address_has_its_source(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    address: str,
    kind: type[object],
    is_live: bool,
) -> None:
    """Nothing is connected by opening; labels hold no password."""
    monkeypatch.chdir(tmp_path)
    write_video(tmp_path / "film.mp4", numbered_pictures(1))
    cv2.imwrite(str(tmp_path / "0.png"), np.zeros((8, 8, 3), dtype=np.uint8))

    source = open_source(address, pace=False, clock=ManualClock())

    assert type(source) is kind
    assert source.is_live == is_live
    assert "pw" not in source.label


def test_the_plaza_has_the_people_that_were_asked_for() -> None:
    """The truth comes with every frame; the same address draws the same pictures."""
    address = "synthetic:plaza?people=6&seed=4"

    first, again = (
        next(iter(open_source(address, pace=False, clock=ManualClock()).frames(Event())))
        for _ in range(2)
    )

    assert isinstance(open_source(address, pace=False, clock=ManualClock()), PlazaSource)
    assert first.truth_count is not None
    assert 0 <= first.truth_count <= 6
    assert np.array_equal(first.picture.to_rgb(), again.picture.to_rgb())


def test_a_password_needs_a_user_before_anything_is_opened() -> None:
    """The mistake is told where the source is made, not on a thread later."""
    with pytest.raises(AddressError, match="names no user"):
        open_source("rtsp://cam/live", pace=False, password=Secret("S3CRET"), clock=ManualClock())
