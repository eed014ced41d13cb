"""A real catalog of Qt's own compiler, found, read and mistrusted; numbers in every locale."""

import logging

import pytest
from PyQt6.QtCore import QLocale, QTranslator
from PyQt6.QtWidgets import QDialogButtonBox, QDoubleSpinBox

from monitor.ui import language
from monitor.ui.alarms.panel import AlarmPanel
from monitor.ui.journal import JournalTable
from monitor.ui.language import (
    VARIABLE,
    fields_in,
    find_catalogue,
    forget_locale,
    forget_translations,
    speak,
    written,
)
from monitor.ui.text import age_text, count_text, density_text, interval_text
from tests.rigs.catalogue import write_catalogue


@pytest.fixture
def in_place():
    """Changes the place, and comes home afterwards."""
    before = QLocale()

    def go(name):
        QLocale.setDefault(QLocale(name))
        forget_locale()

    yield go
    QLocale.setDefault(before)
    forget_locale()


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("C", ("12,345", "0.3 s", "1,200 to 1,500", "4.2")),
        ("en_US", ("12,345", "0.3 s", "1,200 to 1,500", "4.2")),
        ("de_DE", ("12.345", "0,3 s", "1.200 to 1.500", "4,2")),
        ("es_ES", ("12.345", "0,3 s", "1.200 to 1.500", "4,2")),
    ],
)
def test_numbers_follow_the_place(in_place, place, words):
    """Counts, ages, intervals and densities; as CLDR lists the signs of each place."""
    in_place(place)

    found = count_text(12345.2), age_text(0.35), interval_text(1200.4, 1499.6), density_text(4.2)

    assert found == words


def test_words_and_boxes_write_alike(in_place, qtbot):
    """A person reads `1,5` in both, or `1.5`."""
    for place in ("de_DE", "en_GB", "fr_FR"):
        in_place(place)
        box = QDoubleSpinBox()
        qtbot.addWidget(box)
        box.setDecimals(1)
        box.setValue(1.5)

        assert box.text() == written(1.5, ".1f")


def test_in_english_nothing_changes(in_place):
    """Whatever is written, and however."""
    in_place("en_US")

    for value in (0, 7, -3.25, 1234.5, 1e9, 1e-7):
        for form in (",.2f", ".1f", "g"):
            assert written(value, form) == format(value, form)


GERMAN = {VARIABLE: "de"}
WORDS = {
    ("AlarmPanel", "Acknowledge"): "Bestätigen",
    ("Text", "{low} to {high}"): "{low} bis {high}",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where catalogues lie."""
    monkeypatch.setattr(language, "catalogue_folder", lambda: tmp_path)
    return tmp_path


@pytest.fixture
def program(qapp):
    """A running program, which speaks English again afterwards."""
    before = set(qapp.findChildren(QTranslator))
    yield qapp
    for one in set(qapp.findChildren(QTranslator)) - before:
        qapp.removeTranslator(one)
        one.setParent(None)
    forget_translations()


def test_a_catalogue_speaks_in_the_window(program, folder, qtbot, dark):
    """Words of widgets, words that are worked out, and Qt's own on its buttons."""
    write_catalogue(folder / "crowd-monitor_de.qm", WORDS)

    assert speak(program, GERMAN) == "de"

    panel = AlarmPanel(JournalTable(), dark)
    qtbot.addWidget(panel)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    qtbot.addWidget(buttons)
    assert panel.acknowledge_button.text() == "Bestätigen"
    assert panel.shelve_button.text() == "Shelve …"  # nobody has translated it yet
    assert interval_text(3.2, 8.9) == "3 bis 9"
    assert buttons.buttons()[0].text() == "Abbrechen"


def test_the_language_of_the_machine_is_spoken_where_nobody_chose(program, folder):
    """As Windows, macOS or LANG say; Austria reads German."""
    write_catalogue(folder / "crowd-monitor_de.qm", WORDS)
    before = QLocale()
    QLocale.setDefault(QLocale("de_AT"))
    try:
        assert speak(program, {}) == "de"
    finally:
        QLocale.setDefault(before)

    assert interval_text(1.0, 2.0) == "1 bis 2"


def test_to_speak_twice_is_to_speak_once(program, folder):
    """The first page, the window and the next site run in one program."""
    write_catalogue(folder / "crowd-monitor_de.qm", WORDS)

    assert [speak(program, GERMAN), speak(program, {VARIABLE: "fr"})] == ["de", "de"]
    assert len(program.findChildren(language.Catalogue)) == 1


@pytest.mark.parametrize(
    ("translation", "shown"),
    [
        ("{low} bis {hoch}", "3 to 9"),
        ("{low} bis", "3 to 9"),
        ("{low} bis {high", "3 to 9"),
        ("{low} bis {high!x}", "3 to 9"),
        ("{low.__class__} bis {high}", "3 to 9"),
        ("{high} hinab bis {low}", "9 hinab bis 3"),
    ],
    ids=["other name", "lost name", "open brace", "conversion", "attribute", "other order"],
)
def test_a_translation_that_lost_its_braces_does_not_stop_the_window(
    program, folder, caplog, translation, shown
):
    """English stands in its place, and the log names it once."""
    write_catalogue(folder / "crowd-monitor_de.qm", {("Text", "{low} to {high}"): translation})
    speak(program, GERMAN)

    assert [interval_text(3.2, 8.9) for _ in range(3)] == [shown] * 3
    told = [one for one in caplog.messages if "other words in braces" in one]
    assert len(told) == (shown == "3 to 9")


@pytest.mark.parametrize(
    "content", [b"", b"words", b"\x3c\xb8\x64\x18"], ids=["empty", "text", "cut"]
)
def test_what_is_no_catalogue_is_said_and_english_spoken(program, folder, caplog, content):
    """The file is named; nothing else happens."""
    (folder / "crowd-monitor_de.qm").write_bytes(content)

    assert speak(program, GERMAN) == "en"
    assert "crowd-monitor_de.qm: not a compiled catalogue" in caplog.text


def test_a_language_that_is_not_there_is_said(program, folder, caplog):
    """With the name of the file that was looked for, and where."""
    with caplog.at_level(logging.WARNING):
        assert speak(program, {VARIABLE: "fr"}) == "en"

    assert f"there is no crowd-monitor_fr.qm in {folder}" in caplog.text


def test_without_a_wish_nothing_is_said(program, folder, caplog):
    """Most machines have no catalogue."""
    assert speak(program, {}) == "en"
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("languages", "there", "expected"),
    [
        (["de-AT", "de", "en"], ["de"], "de"),
        (["de-AT"], ["de", "de_AT"], "de_AT"),
        (["pt-BR", "pt"], ["pt_PT"], None),
        (["en-GB", "de"], ["de"], None),
        (["en-GB", "de"], ["de", "en_GB"], "en_GB"),
        (["fr", "de"], ["de"], "de"),
        (["zh-Hans-CN"], ["zh"], "zh"),
        (["C"], ["de"], None),
        ([], ["de"], None),
        (["../../etc/x"], [], None),
    ],
    ids=["shorter", "exact", "other country", "english first", "british", "second", "script", "C",
         "none", "path"],
)  # fmt: skip
def test_the_best_catalogue_is_found(tmp_path, languages, there, expected):
    """A German catalogue is not for whoever reads English better."""
    for one in there:
        (tmp_path / f"crowd-monitor_{one}.qm").touch()

    found = find_catalogue(languages, tmp_path)

    assert (found and found.stem) == (expected and f"crowd-monitor_{expected}")


@pytest.mark.parametrize(
    ("text", "fields"),
    [("", set()), ("{a} {b:.1f}", {"a!None:", "b!None:.1f"}), ("{{a}}", set()), ("}", None)],
)
def test_fields_are_names_with_their_forms(text, fields):
    """What is put in must come out as it was meant."""
    assert fields_in(text) == fields
