"""The count in words and numbers, and the note of the model."""

import pytest
from PyQt6.QtGui import QPalette

from monitor.alarms.forecast import Outlook, RuleOutlook
from monitor.core.reading import Quality
from monitor.core.rule import Rule
from monitor.engine.health import Health, StreamState
from monitor.ui.readout import CountReadout, ModelNote
from monitor.ui.session import ErrorTally
from monitor.ui.theme import LIGHT
from monitor.ui.view import view_of
from tests.rigs.snapshots import NOON, reading_of, snapshot_of

NOTE = "Trained on drawn squares only."


@pytest.fixture
def readout(qtbot, dark):
    """A readout as the window has it."""
    widget = CountReadout(NOTE, dark)
    qtbot.addWidget(widget)
    widget.resize(384, 400)
    widget.show()
    return widget


def show(readout, errors=None, **changes):
    readout.show_view(view_of(snapshot_of(**changes), errors or ErrorTally(), NOON))


def colour(label):
    return label.palette().color(QPalette.ColorRole.WindowText).name()


def test_a_good_count_stands_large_with_everything_beside_it(readout, dark):
    """Number, interval, age, rates, stream."""
    show(readout, reading=reading_of(128.6, low=117.5, high=139.7, smoothed=126.4))

    assert readout.count_label.text() == "129"
    assert not readout.count_label.font().strikeOut()
    assert colour(readout.count_label) == dark.text
    assert readout.interval_text == "90 % prediction interval: 117 to 140"
    rows = ("Count age", "Smoothed count", "Picture age", "Rate", "Stream")
    assert [readout.value(row) for row in rows] == [
        "0.5 s ago",
        "126",
        "0.1 s ago",
        "2.0 counts/s, 25.0 pictures/s",
        "The stream is live.",
    ]


def test_a_stale_count_is_struck_out_and_grey_until_it_is_fresh(readout, dark):
    """Old numbers look old; new ones do not stay so."""
    show(readout, quality=Quality.STALE)
    stale = (readout.count_label.font().strikeOut(), colour(readout.count_label))
    show(readout)
    fresh = (readout.count_label.font().strikeOut(), colour(readout.count_label))

    assert stale == (True, dark.muted)
    assert fresh == (False, dark.text)


def test_a_lost_count_is_a_dash(readout):
    """No number anywhere that could be taken for a count."""
    show(readout, quality=Quality.LOST, health=Health(StreamState.UNREACHABLE, "No answer."))

    assert readout.count_label.text() == "–"
    assert not readout.count_label.font().strikeOut()
    assert (readout.value("Smoothed count"), readout.interval_text) == (
        "–",
        "90 % prediction interval: –",
    )
    assert readout.badge.quality is Quality.LOST
    assert readout.value("Stream") == "No answer."


def test_truth_is_shown_only_where_there_is_one(readout):
    """A real camera has no true number, and no error."""
    show(readout)
    without = (readout.truth_text, readout.value("Mean error"))
    errors = ErrorTally()
    reading = reading_of(110.0, truth=104.0)
    errors.take(reading)
    show(readout, errors, reading=reading)

    assert without == ("", "")
    assert (readout.truth_text, readout.value("Mean error")) == ("104", "6.0 people over 1 count")


def test_the_model_says_what_it_learned_from(readout):
    """The note is always in sight."""
    assert readout.note.toPlainText() == NOTE
    assert readout.note.isVisible()


def test_names_are_never_read_as_markup(readout):
    """A camera may be called <b>."""
    show(readout, name="<b>Gate</b>")

    assert readout._name.text() == "<b>Gate</b>"
    assert readout._name.textFormat() is not None
    assert readout._name.textFormat().name == "PlainText"


def test_theme_changes_at_once(readout):
    """Also for a count that is old."""
    show(readout, quality=Quality.STALE)

    readout.set_theme(LIGHT)

    assert colour(readout.count_label) == LIGHT.muted


def test_the_time_to_a_limit_has_a_row_of_its_own_and_no_room_without_one(readout):
    """Hidden where no trend says so."""
    near = RuleOutlook(Rule(180.0), Outlook(240.0, 120.0, 540.0))
    readout.show_view(view_of(snapshot_of(), ErrorTally(), NOON, outlook=near))
    told = readout.value("Forecast")
    show(readout)

    assert told == "limit 180 people in about 4 min (2 to 9)"
    assert readout.value("Forecast") == ""


@pytest.fixture
def height_of(qtbot, dark):
    """Give how high a note is, in lines."""

    def measure(words):
        note = ModelNote(words)
        qtbot.addWidget(note)
        note.resize(300, 400)
        note.show()
        return lines_seen(note), note

    return measure


def lines_seen(note):
    """Give how many lines have room, as high as they are laid out: fonts say less than that."""
    return note.height() / note.document().firstBlock().layout().lineAt(0).height()


def test_a_short_note_takes_one_line(height_of):
    """No empty room below it."""
    lines, _ = height_of("Trained on drawn squares.")

    assert lines == pytest.approx(1, abs=0.1)


def test_a_long_note_takes_five_lines_and_can_be_scrolled(height_of):
    """It never pushes the count off the screen, and every word can be reached."""
    words = "Trained on pictures of many places that are none of yours. " * 20

    lines, note = height_of(words)

    assert lines == pytest.approx(5, abs=0.1)
    assert note.verticalScrollBar().maximum() > 0
    assert note.toPlainText() == words


def test_a_note_can_be_copied_and_not_changed(height_of):
    """For a mail to whoever trained the model."""
    _, note = height_of("Trained on drawn squares.")

    assert note.isReadOnly()
    note.selectAll()
    assert note.textCursor().selectedText() == "Trained on drawn squares."


def test_it_grows_with_the_letters_and_with_other_words(height_of, qtbot):
    """No line is ever cut in half."""
    _, note = height_of("Trained on drawn squares.")
    words = "Trained on pictures of many places that are none of yours. " * 20

    note.show_note(words)
    font = note.font()
    font.setPixelSize(2 * font.pixelSize())
    note.setFont(font)

    def lines():
        return lines_seen(note)

    qtbot.waitUntil(lambda: lines() == pytest.approx(5, abs=0.1))
