"""One limit in three places."""

import pytest
from PyQt6.QtCore import QObject

from monitor.core.rule import Measure, Rule
from monitor.ui.limit_editor import LimitEditor
from monitor.ui.limit_link import LimitLink
from monitor.ui.plot import CountPlot

CRUSH = Rule(4.0, name="crush", measure=Measure.DENSITY)
BUSY = Rule(100.0, name="busy", on_delay_s=3.0)


@pytest.fixture
def link(qtbot, dark):
    """Box, plot and what the engine is told."""
    editor, plot, told, owner = LimitEditor(), CountPlot(dark), [], QObject()
    qtbot.addWidget(editor)
    qtbot.addWidget(plot)
    one = LimitLink(editor, plot, lambda *what: told.append(what), owner)
    yield one, editor, plot, told
    owner.deleteLater()


def test_a_dragged_limit_changes_its_rule_and_leaves_the_others(link):
    """In its place, with its delays."""
    one, editor, plot, told = link
    one.choose("Gate", (CRUSH, BUSY))

    plot.limit_dragged.emit(80.0)

    assert told == [("Gate", [CRUSH, Rule(80.0, name="busy", on_delay_s=3.0)])]
    assert editor.high_box.value() == 80


def test_a_first_limit_is_added(link):
    """A camera without one on people keeps those it has."""
    one, editor, _, told = link
    one.choose("Gate", (CRUSH,))

    editor.limit_edited.emit(50.0, 2.0)

    assert told == [("Gate", [CRUSH, Rule(50.0, on_delay_s=2.0)])]


def test_what_was_typed_is_told_to_the_camera_it_was_typed_for(link):
    """Before another camera is looked at."""
    one, editor, _, told = link
    one.choose("Gate", (BUSY,))
    editor.high_box.setValue(70)

    one.choose("Stairs", ())

    assert [(camera, rules[0].limit) for camera, rules in told] == [("Gate", 70.0)]
    assert editor.high_box.value() == 0
