"""Labels, and a row that fits into any width."""

import pytest
from PyQt6.QtGui import QPalette
from PyQt6.QtWidgets import QPushButton

from monitor.ui.widgets import PriorityRow, make_label, set_kind


def test_another_kind_has_another_look_at_once(qtbot, dark):
    """A fault stands out, though the label was shown as a quiet one before."""
    label = make_label("muted", "words")
    qtbot.addWidget(label)
    label.show()
    qtbot.waitExposed(label)
    colours = []
    for kind in ("muted", "warning", "muted"):
        set_kind(label, kind)
        colours.append(label.palette().color(QPalette.ColorRole.WindowText).name())

    assert colours == [dark.muted, dark.warning, dark.muted]


@pytest.fixture
def row(qtbot):
    """Four buttons of 100 pixels: always, first to go, second to go, always."""
    one = PriorityRow(spacing=0)
    qtbot.addWidget(one)
    for name, gives_way in (("a", 0), ("b", 2), ("c", 1), ("d", 0)):
        button = QPushButton(name)
        button.setFixedWidth(100)
        one.add(button, gives_way=gives_way)
    one.show()
    return one


def names(row):
    return [one.text() for one in row.findChildren(QPushButton) if not one.isHidden()]


@pytest.mark.parametrize(
    ("width", "shown"),
    [(400, ["a", "b", "c", "d"]), (399, ["a", "c", "d"]), (299, ["a", "d"]), (200, ["a", "d"])],
)
def test_the_least_needed_give_way_first(row, width, shown):
    """And come back with the room."""
    row.resize(width, 30)

    assert names(row) == shown
    row.resize(400, 30)
    assert names(row) == ["a", "b", "c", "d"]


def test_a_row_asks_only_for_what_never_gives_way(row):
    """So that a window can be made as narrow as its screen."""
    assert row.minimumSizeHint().width() == 200


def test_what_is_not_wanted_takes_no_room(row):
    """Others have it."""
    first = row.findChildren(QPushButton)[0]

    row.set_wanted(first, False)
    row.resize(300, 30)

    assert names(row) == ["b", "c", "d"]
    assert row.minimumSizeHint().width() == 100


def test_what_grows_makes_others_give_way(row, qtbot):
    """Words that come later, as those of a camera that has just been chosen."""
    row.resize(400, 30)
    first = row.findChildren(QPushButton)[0]

    first.setFixedWidth(150)

    qtbot.waitUntil(lambda: names(row) == ["a", "c", "d"])
