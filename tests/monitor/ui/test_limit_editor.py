"""Setting a limit: in the box, in the plot, and in the engine."""

import pytest
from PyQt6.QtCore import QObject

from monitor.core.rule import Measure, Rule
from monitor.ui import limit_editor
from monitor.ui.limit_editor import LimitEditor, LimitLink, edited_limit
from monitor.ui.plot import CountPlot


@pytest.fixture
def editor(qtbot, dark, monkeypatch):
    """An editor that waits 50 ms for more changes."""
    monkeypatch.setattr(limit_editor, "_SETTLE_MS", 50)
    widget = LimitEditor()
    qtbot.addWidget(widget)
    return widget


def test_it_shows_the_limit_that_holds(editor):
    """People and seconds."""
    editor.show_limit(Rule(120.0, on_delay_s=7.0))

    assert (editor.high_box.text(), editor.on_delay_box.text()) == ("120 people", "7 s")


def test_no_limit_is_said_so(editor):
    """Not 0 people, which would ring for ever."""
    editor.show_limit(None)

    assert editor.high_box.text() == "not set"


def test_many_steps_are_one_change(editor, qtbot):
    """Clicking up ten times is one entry in the journal."""
    editor.show_limit(Rule(120.0, on_delay_s=7.0))
    heard = []
    editor.limit_edited.connect(lambda *what: heard.append(what))

    with qtbot.waitSignal(editor.limit_edited):
        for _ in range(10):
            editor.high_box.stepUp()
    qtbot.wait(80)

    assert heard == [(130.0, 7.0)]


def test_showing_a_limit_is_no_change(editor, qtbot):
    """What comes from the engine does not go back to it."""
    with qtbot.assertNotEmitted(editor.limit_edited, wait=80):
        editor.show_limit(Rule(120.0))
        editor.show_limit(Rule(130.0))


def test_a_change_under_way_is_not_overwritten(editor):
    """The window shows the old limit 30 times a second while somebody sets a new one."""
    editor.show_limit(Rule(120.0))
    editor.high_box.setValue(150)

    editor.show_limit(Rule(120.0))

    assert editor.high_box.value() == 150


def test_leaving_a_camera_tells_its_change_at_once(editor, qtbot):
    """A change is not lost, nor put to the next camera."""
    editor.show_limit(Rule(120.0, on_delay_s=10.0))
    heard = []
    editor.limit_edited.connect(lambda *what: heard.append(what))
    editor.high_box.setValue(150)

    editor.finish()
    editor.show_other_limit(Rule(30.0))
    qtbot.wait(80)

    assert heard == [(150.0, 10.0)]
    assert editor.high_box.value() == 30


def test_not_set_is_never_told(editor, qtbot):
    """A limit cannot be taken away by stepping down to nothing."""
    editor.show_limit(Rule(1.0))

    with qtbot.assertNotEmitted(editor.limit_edited, wait=80):
        editor.high_box.stepDown()


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


def test_what_is_not_edited_stays():
    """Confidence, off-delay and dead band are the safety officer's."""
    before = Rule(100.0, dead_band=20.0, on_delay_s=5.0, off_delay_s=40.0, confidence=0.9)

    after = edited_limit(before, high=150.0, on_delay_s=7.0)

    assert after == Rule(150.0, dead_band=20.0, on_delay_s=7.0, off_delay_s=40.0, confidence=0.9)


def test_a_dead_band_that_no_longer_fits_becomes_the_usual_one():
    """A limit of 15 with a dead band of 20 would never return."""
    after = edited_limit(Rule(100.0, dead_band=20.0), high=15.0, on_delay_s=10.0)

    assert (after.dead_band, after.returns_at) == (None, 13.5)


def test_a_first_limit_has_the_usual_patience():
    """A camera without a limit gets one from the window."""
    assert edited_limit(None, high=80.0, on_delay_s=3.0) == Rule(80.0, on_delay_s=3.0)
