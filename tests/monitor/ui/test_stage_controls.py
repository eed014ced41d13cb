"""What is written about the colours of the heat map."""

import pytest

from monitor.scene.levels import FRUIN, STILL
from monitor.ui.stage_controls import HeatLegend


@pytest.fixture
def legend(qtbot, dark):
    """A bar on the screen."""
    bar = HeatLegend()
    qtbot.addWidget(bar)
    bar.show()
    return bar


def test_it_says_the_unit_and_the_source(legend):
    """People per block without a ground, people per m² with one, with who said what they mean."""
    legend.show_scale(0.2)
    without = legend.toolTip()
    legend.show_ground(6.0, FRUIN)
    with_ground = legend.toolTip()

    assert "0.2 or more people in one block" in without
    assert "6 or more people per m²" in with_ground
    assert FRUIN.source in with_ground
    assert [one.name for one in legend.bands] == ["A", "B", "C", "D", "E", "F"]


def test_another_scale_and_none_again(legend):
    """The room for the letters comes and goes with them."""
    narrow = legend.sizeHint()
    legend.show_ground(6.0, STILL)
    wide = legend.sizeHint()
    legend.show_scale(0.2)

    assert wide.width() > narrow.width()
    assert wide.height() > narrow.height()
    assert legend.sizeHint() == narrow
    assert not legend.bands


def test_letters_stand_below_the_bar(legend):
    """Drawn, in the widget's own colour of words; a bar without levels has none."""
    legend.show_ground(6.0, FRUIN)
    legend.resize(legend.sizeHint())

    image = legend.grab().toImage()

    below = {image.pixel(x, y) for x in range(image.width()) for y in range(14, image.height())}
    assert len(below) > 1
