"""The alarm strip as a widget."""

from dataclasses import replace

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QPalette
from PyQt6.QtWidgets import QLabel

from monitor.ui.alarm_strip import AlarmStrip
from monitor.ui.strip import StripKind, StripView

RINGING = StripView(
    StripKind.RINGING, "Gate 1", "Gate 1: 131 people, limit 120", "and 1 more", "Gate 1/limit"
)
CALM = StripView(StripKind.CALM, "Gate 1", "Gate 1: below the limit of 120", "")


@pytest.fixture
def strip(qtbot, dark):
    """A strip that is on the screen."""
    widget = AlarmStrip(dark, has_many_cameras=True)
    qtbot.addWidget(widget)
    widget.show()
    return widget


def told(strip):
    """Collect what the strip signals."""
    heard = []
    strip.acknowledged.connect(lambda *what: heard.append(what))
    return heard


def test_it_is_always_there_and_as_high(strip):
    """Nothing below it moves when an alarm comes."""
    heights = []
    for view in (CALM, RINGING, CALM):
        strip.show_view(view)
        heights.append((strip.isVisible(), strip.height()))

    assert len(set(heights)) == 1
    assert heights[0][0]


def test_it_says_everything(strip):
    """Headline, sentence, and how many more."""
    strip.show_view(RINGING)

    assert strip.words == "ALARM Gate 1: 131 people, limit 120 and 1 more"


def test_the_button_acknowledges_with_the_note(strip, qtbot):
    """What was typed goes into the journal, once."""
    strip.show_view(RINGING)
    heard = told(strip)

    qtbot.keyClicks(strip.note, "  stewards sent ")
    qtbot.mouseClick(strip.button, Qt.MouseButton.LeftButton)
    strip.acknowledge()

    assert heard == [("Gate 1/limit", "stewards sent"), ("Gate 1/limit", "")]


def test_enter_in_the_note_acknowledges(strip, qtbot):
    """Hands stay on the keyboard."""
    strip.show_view(RINGING)
    heard = told(strip)

    qtbot.keyClicks(strip.note, "seen")
    qtbot.keyClick(strip.note, Qt.Key.Key_Return)

    assert heard == [("Gate 1/limit", "seen")]


def test_without_an_alarm_there_is_nothing_to_acknowledge(strip):
    """The key does nothing, the button is away."""
    strip.show_view(CALM)
    heard = told(strip)

    strip.acknowledge()

    assert heard == []
    assert not strip.button.isVisible()


def test_a_note_for_one_alarm_is_not_put_to_another(strip, qtbot):
    """The camera in the strip may change while somebody types."""
    strip.show_view(RINGING)
    qtbot.keyClicks(strip.note, "seen")

    strip.show_view(
        StripView(StripKind.RINGING, "Gate 2", "Gate 2: 300 people", "", "Gate 2/limit")
    )

    assert strip.note.text() == ""


def test_a_note_survives_a_new_count_of_the_same_alarm(strip, qtbot):
    """The number changes twice a second; what is typed stays."""
    strip.show_view(RINGING)
    qtbot.keyClicks(strip.note, "seen")

    strip.show_view(
        StripView(StripKind.RINGING, "Gate 1", "Gate 1: 140 people", "", "Gate 1/limit")
    )

    assert strip.note.text() == "seen"


def test_ringing_is_red_in_both_halves_of_its_blinking(strip, dark):
    """The bell that can be seen."""
    strip.show_view(RINGING)
    colours = []
    for is_lit in (True, False):
        strip.set_lit(is_lit)
        colours.append(strip.palette().color(QPalette.ColorRole.Window).name())

    assert colours == [dark.alarm, dark.alarm_dim]


def test_camera_of_the_alarm_can_be_shown(strip, qtbot):
    """From the strip to the picture."""
    strip.show_view(RINGING)

    with qtbot.waitSignal(strip.camera_wanted) as wanted:
        strip._show.click()

    assert wanted.args == ["Gate 1"]


def test_a_long_sentence_does_not_widen_the_window(strip):
    """Names of cameras may be long; the whole stands there, on two lines, and where one points."""
    strip.show_view(RINGING)
    before = strip.minimumSizeHint().width()

    long = replace(RINGING, sentence="Northern gate at the river, lower level: " * 4)
    strip.show_view(long)

    assert strip.minimumSizeHint().width() == before
    assert long.sentence in strip.words
    assert strip.findChild(QLabel, "sentence").toolTip() == long.sentence
