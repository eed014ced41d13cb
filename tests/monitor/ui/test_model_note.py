"""The note of the model."""

import pytest

from monitor.ui.model_note import ModelNote


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
