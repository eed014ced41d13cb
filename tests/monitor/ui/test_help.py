"""Help without a network."""

import re

from monitor import __version__
from monitor.ui.help import Page, about_text, guide_text, installed_libraries


def test_the_guide_comes_with_the_program():
    """Words about the window itself, read from disk."""
    assert "# The window" in guide_text()


def test_about_names_version_model_licence_and_libraries():
    """What an inspector asks for."""
    text = about_text("crowd-small, measured error 20", installed_libraries())

    assert __version__ in text
    assert "crowd-small, measured error 20" in text
    assert "GPL-3.0-or-later" in text
    assert re.search(r"\| PyQt6 \| [\d.]+ \| GPL-3.0-only \|", text)


def test_a_page_opens_no_links(qtbot):
    """Nothing on a control room's machine starts a browser."""
    page = Page("Guide")
    qtbot.addWidget(page)
    page.browser.setMarkdown("[outside](https://example.org)")

    assert not page.browser.openLinks()
    assert not page.browser.openExternalLinks()
