"""Colours that can be read and told apart."""

import pytest
from PyQt6.QtGui import QColor, QPalette

from monitor.core.reading import Quality
from monitor.ui.theme import DARK, LIGHT, apply_theme

READABLE = 4.5  # contrast that WCAG 2.1 asks of small letters
VISIBLE = 3.0  # and of shapes and large letters


def luminance(colour):
    """Relative luminance as WCAG 2.1 defines it."""
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in QColor(colour).getRgbF()[:3]
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_formula():
    """Black on white is 21 to 1, as the standard says."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
@pytest.mark.parametrize("words", ["text", "muted", "warning", "alarm_words"])
@pytest.mark.parametrize("behind", ["window", "panel", "field"])
def test_words_can_be_read(theme, words, behind):
    """In a dark room and in a bright one."""
    assert contrast(getattr(theme, words), getattr(theme, behind)) >= READABLE


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
@pytest.mark.parametrize("part", ["accent", "truth", "alarm", "good"])
def test_shapes_can_be_seen(theme, part):
    """Lines of the plot and shapes of the badge."""
    assert contrast(getattr(theme, part), theme.panel) >= VISIBLE


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_an_alarm_can_be_read_in_both_halves_of_its_blinking(theme):
    """Blinking never hides the words."""
    assert contrast(theme.on_strong, theme.alarm) >= READABLE
    assert contrast(theme.on_strong, theme.alarm_dim) >= READABLE


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
@pytest.mark.parametrize(
    ("words", "behind"),
    [
        ("on_warning", "warning"),
        ("on_warning", "muted"),
        ("on_accent", "accent"),
        ("text", "line"),
    ],
    ids=["banner", "mark", "chosen", "marked"],
)
def test_words_on_a_coloured_ground_can_be_read(theme, words, behind):
    """The banner of a frozen picture, signs in marks, what is chosen in lists."""
    assert contrast(getattr(theme, words), getattr(theme, behind)) >= READABLE


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_every_quality_has_a_colour(theme):
    """Good and lost never look alike."""
    colours = [theme.of_quality(quality) for quality in Quality]

    assert colours[0] not in colours[1:]


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_theme_reaches_the_whole_program(qapp, theme):
    """The palette that every widget inherits is the theme's."""
    apply_theme(qapp, theme)

    palette = qapp.palette()
    assert palette.color(QPalette.ColorRole.Window) == QColor(theme.window)
    assert palette.color(QPalette.ColorRole.Text) == QColor(theme.text)
