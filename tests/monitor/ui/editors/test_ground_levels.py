"""Levels of service of a site's own: what can be typed, and what cannot hold."""

import pytest
from PyQt6.QtCore import Qt

from monitor.scene.levels import SCALES, band_of
from monitor.settings import BandSettings, GroundSettings
from monitor.ui.editors.ground_levels import BandEditor, bands_of, in_order

SQUARE = ((0.2, 0.4), (0.8, 0.4), (1.0, 1.0), (0.0, 1.0))


def band(name, from_m2, **changes):
    return BandSettings(name=name, from_m2=from_m2, **changes)


@pytest.fixture
def editor(qtbot, dark):
    one = BandEditor([band("calm", 0.0), band("dense", 2.0, meaning="close", source="us, 2026")])
    qtbot.addWidget(one)
    one.show()
    return one


def type_into(editor, row, column, value):
    editor.table.item(row, column).setData(Qt.ItemDataRole.EditRole, value)


@pytest.mark.parametrize("name", sorted(SCALES))
def test_every_known_scale_can_be_begun_with(name):
    """To two digits it says the same as the scale that it comes from, and names its source."""
    bands = in_order(bands_of(SCALES[name]))

    scale = GroundSettings(rectangle=SQUARE, sides_m=(4.0, 4.0), band=bands).to_scale()
    for hundredths in range(0, 800, 7):
        density = hundredths / 100 + 0.005  # between what two digits can tell
        expected = band_of(density, SCALES[name].standing).name
        assert band_of(density, scale.standing).name == expected
    assert {one.source for one in bands} == {SCALES[name].source}


@pytest.mark.parametrize(
    ("bands", "said"),
    [
        ([], "Add a level first"),
        ([("a", 0.5)], "must begin at 0"),
        ([("a", 0.0), ("b", 1.0), ("c", 1.0)], "b and c both begin at 1 people"),
        ([("a", 0.0), ("a", 1.0)], "Two levels are named a"),
    ],
    ids=["none", "not from 0", "equal", "one name"],
)
def test_what_cannot_hold_is_said(bands, said):
    """In one sentence."""
    with pytest.raises(ValueError, match=said):
        in_order([band(*one) for one in bands])


def test_levels_are_put_into_order():
    """They may be typed as they come to mind."""
    rising = in_order([band("c", 3.0), band("a", 0.0), band("b", 1.5)])

    assert [one.name for one in rising] == ["a", "b", "c"]


def test_what_is_typed_is_taken_over(editor, qtbot):
    """With meaning and source; a new level begins above the others."""
    qtbot.mouseClick(editor.add_button, Qt.MouseButton.LeftButton)
    type_into(editor, 2, 0, "crush")
    type_into(editor, 2, 1, 4.5)

    editor.accept()

    assert editor.bands == (
        band("calm", 0.0),
        band("dense", 2.0, meaning="close", source="us, 2026"),
        band("crush", 4.5),
    )
    assert not editor.isVisible()


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [(0, "  ", "Level 2 has no name"), (1, -1.0, "below 0"), (1, 0.0, "both begin at 0")],
    ids=["no name", "negative", "equal"],
)
def test_a_level_that_cannot_hold_keeps_the_dialog_open(editor, column, value, said):
    """Nothing is lost of what was typed."""
    type_into(editor, 1, column, value)

    editor.accept()

    assert said in editor.fault
    assert editor.isVisible()
    assert editor.table.rowCount() == 2


def test_a_level_is_taken_away(editor, qtbot):
    """The marked one."""
    editor.table.setCurrentCell(1, 0)
    qtbot.mouseClick(editor.remove_button, Qt.MouseButton.LeftButton)

    editor.accept()

    assert [one.name for one in editor.bands] == ["calm"]


def test_the_keyboard_leaves_the_table(editor, qtbot):
    """Tab goes on to the buttons; arrow keys walk through the cells."""
    editor.table.setFocus()

    qtbot.keyClick(editor.table, Qt.Key.Key_Tab)

    assert editor.focusWidget() is editor.add_button
