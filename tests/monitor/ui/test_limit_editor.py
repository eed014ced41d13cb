"""Setting a limit."""

import pytest

from monitor.core.rule import Rule
from monitor.ui import limit_editor
from monitor.ui.limit_editor import LimitEditor


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
