"""A picture saved with its caption."""

from datetime import UTC

import numpy as np
import pytest
from PyQt6.QtGui import QImage

from monitor.core.errors import OutputError
from monitor.ui.render import RenderRequest
from monitor.ui.saving import SnapshotFile, caption_of, save_snapshot
from monitor.video.pictures import ArrayPicture
from tests.rigs.snapshots import reading_of


def test_the_caption_says_camera_time_count_and_interval():
    """Enough to be read years later, in another country."""
    reading = reading_of(128.6, low=117.5, high=139.7)

    assert caption_of("Gate 1", reading, UTC) == (
        "Gate 1, 2030-05-01 12:00:00 UTC\n"
        "129 people, 90 % prediction interval 117 to 140, quality good; an estimate"
    )


def order():
    return RenderRequest(ArrayPicture(np.full((90, 160, 3), 200, dtype=np.uint8)), (160, 90))


def test_the_picture_is_whole_and_its_caption_below(qapp, tmp_path):
    """Nobody in it is covered by words."""
    path = save_snapshot(SnapshotFile(order(), "Gate 1", tmp_path / "a.png"))

    image = QImage(str(path))
    assert image.width() == 160
    assert image.height() > 90
    assert {image.pixelColor(x, 45).value() for x in range(160)} == {200}
    below = [image.pixelColor(x, y).value() for x in range(160) for y in range(90, image.height())]
    assert min(below) == 0
    assert max(below) > 200


def test_a_picture_that_cannot_be_written_is_told(qapp, tmp_path):
    """One sentence with the path."""
    with pytest.raises(OutputError, match="cannot be written"):
        save_snapshot(SnapshotFile(order(), "x", tmp_path / "no" / "a.png"))
