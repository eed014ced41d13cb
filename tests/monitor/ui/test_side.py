"""The column of words: never higher than its screen, never with words cut off."""

import pytest
from PyQt6.QtWidgets import QLabel

from monitor.ui.side import SidePanel

LINES = "\n".join(f"zone {number}: 34 (27–41), 1.7/m², peak 2.5, C standing" for number in range(9))


@pytest.fixture
def side(qtbot, dark):
    """The column of a window 1280 wide, on the screen."""
    panel = SidePanel("A note on the model.", dark)
    qtbot.addWidget(panel)
    panel.fit_to(1280)
    panel.resize(panel.width(), 690)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def with_lines(side, number):
    """Add panels of nine lines that wrap."""
    labels = []
    for _ in range(number):
        label = QLabel(LINES)
        label.setWordWrap(True)
        side.add_panel("Zones", label)
        labels.append(label)
    return labels


def test_with_room_nothing_scrolls(side, qtbot):
    """Every panel is as high as it needs, and the alarms take the rest."""
    side.resize(side.width(), 1400)
    (label,) = with_lines(side, 1)

    bar = side._column.verticalScrollBar()
    qtbot.waitUntil(lambda: label.height() >= label.heightForWidth(label.width()))
    qtbot.waitUntil(lambda: bar.maximum() == 0)
    assert side.alarm_panel.height() > 300


def test_without_room_panels_scroll_and_no_word_is_cut(side, qtbot):
    """The window need not grow; the alarms stay in sight."""
    labels = with_lines(side, 3)

    bar = side._column.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    qtbot.waitUntil(lambda: all(one.height() >= one.heightForWidth(one.width()) for one in labels))
    assert side.minimumSizeHint().height() <= 690
    assert side.height() == 690
    assert side.alarm_panel.height() >= side.alarm_panel.minimumSizeHint().height()


def test_one_long_word_cuts_nothing_off(side, qtbot):
    """As languages have them: the column is as wide as what is seen of it."""
    label = QLabel("Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverleihung")
    side.add_panel("Zones", label)

    content = side._column.widget()
    qtbot.waitUntil(lambda: label.width() > 0)
    assert content.width() == side._column.viewport().width()
    assert side.rules_button.mapTo(content, side.rules_button.rect().bottomRight()).x() < (
        content.width()
    )
