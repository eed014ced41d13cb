"""Numbers in the manner of the place."""

import pytest
from PyQt6.QtCore import QLocale
from PyQt6.QtWidgets import QDoubleSpinBox

from monitor.ui.crowd_text import density_text
from monitor.ui.numbers import forget, written
from monitor.ui.text import age_text, count_text, interval_text


@pytest.fixture
def speak():
    """Changes the place, and comes home afterwards."""
    before = QLocale()

    def go(name):
        QLocale.setDefault(QLocale(name))
        forget()

    yield go
    QLocale.setDefault(before)
    forget()


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("C", ("12,345", "0.3 s", "1,200 to 1,500", "4.2")),
        ("en_US", ("12,345", "0.3 s", "1,200 to 1,500", "4.2")),
        ("de_DE", ("12.345", "0,3 s", "1.200 to 1.500", "4,2")),
        ("es_ES", ("12.345", "0,3 s", "1.200 to 1.500", "4,2")),
    ],
)
def test_numbers_follow_the_place(speak, place, words):
    """Counts, ages, intervals and densities; as CLDR lists the signs of each place."""
    speak(place)

    found = count_text(12345.2), age_text(0.35), interval_text(1200.4, 1499.6), density_text(4.2)

    assert found == words


def test_words_and_boxes_write_alike(speak, qtbot):
    """A person reads `1,5` in both, or `1.5`."""
    for place in ("de_DE", "en_GB", "fr_FR"):
        speak(place)
        box = QDoubleSpinBox()
        qtbot.addWidget(box)
        box.setDecimals(1)
        box.setValue(1.5)

        assert box.text() == written(1.5, ".1f")


def test_in_english_nothing_changes(speak):
    """Whatever is written, and however."""
    speak("en_US")

    for value in (0, 7, -3.25, 1234.5, 1e9, 1e-7):
        for form in (",.2f", ".1f", "g"):
            assert written(value, form) == format(value, form)
