"""Where a picture is drawn in its place."""

import pytest
from PyQt6.QtCore import QRect
from PyQt6.QtGui import QImage

from monitor.ui.picture import picture_place


@pytest.mark.parametrize(
    ("size", "place"),
    [
        pytest.param((100, 50), QRect(10, 60, 200, 100), id="wide in a square"),
        pytest.param((50, 100), QRect(60, 10, 100, 200), id="tall in a square"),
        pytest.param((40, 40), QRect(10, 10, 200, 200), id="of the same shape"),
    ],
)
def test_a_picture_is_as_large_as_can_be_in_the_middle(qapp, size, place):
    """Its shape is kept; half of what is left over is on each side."""
    image = QImage(*size, QImage.Format.Format_RGB32)

    assert picture_place(QRect(10, 10, 200, 200), image) == place


def test_without_a_picture_the_place_is_all(qapp):
    """Words are written over all of it."""
    assert picture_place(QRect(0, 0, 7, 5), None) == QRect(0, 0, 7, 5)
