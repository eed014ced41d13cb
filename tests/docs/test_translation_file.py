"""The file for translators: it holds every text, and keeps what was translated."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from docs.translation_file import (
    WINDOW,
    main,
    messages,
    messages_of,
    translation_file,
    translations_in,
)
from tests.rigs.load import scaled_s


def test_texts_are_found_however_a_module_asks_for_them():
    """By its widget, by its own function, by the one of all, and marked for later."""
    source = (
        'WORDS = later("Plot", "a")\n'
        'class Box:\n    def build(self):\n        self.tr("b"); translate("View", "c"); _tr("d")\n'
        'def _tr(text):\n    return translate("Text", text)\n'
    )

    assert set(messages_of(source)) == {("Plot", "a"), ("Box", "b"), ("View", "c"), ("Text", "d")}


def test_what_is_translated_stays_and_what_is_gone_goes(tmp_path, monkeypatch):
    """As often as the file is renewed."""
    file = tmp_path / "words.ts"
    before = {("Text", "people"): "Personen", ("Text", "old"): "alt"}
    file.write_bytes(translation_file({*before, ("Text", "new")}, before))
    monkeypatch.setattr(
        "docs.translation_file.messages", lambda: {("Text", "people"), ("Text", "new")}
    )

    main(file)

    assert translations_in(file.read_bytes()) == {("Text", "people"): "Personen"}
    assert b"new" in file.read_bytes()
    assert b">old<" not in file.read_bytes()


@pytest.mark.parametrize("content", [b"", b"<html/>", b"words"], ids=["empty", "other", "none"])
def test_another_file_is_not_written_over(tmp_path, content):
    """Whoever names the wrong one loses nothing."""
    file = tmp_path / "words.ts"
    file.write_bytes(content)

    with pytest.raises(ValueError, match="no translation file of Qt"):
        main(file)

    assert file.read_bytes() == content


def test_the_tool_of_qt_finds_nothing_that_is_not_in_it(tmp_path):
    """pylupdate6 knows `self.tr` alone; each of those is in our file, under the same class."""
    tool = Path(sys.executable).with_name("pylupdate6")
    if not shutil.which(tool):
        pytest.skip("pylupdate6 is not here: it comes with PyQt6")
    file = tmp_path / "theirs.ts"
    sources = [str(one) for one in sorted(WINDOW.rglob("*.py"))]
    subprocess.run(
        [tool, "--ts", file, *sources], check=True, capture_output=True, timeout=scaled_s(60)
    )

    text = file.read_bytes().replace(b' type="unfinished" />', b">x</translation>")
    theirs = translations_in(text.replace(b' type="unfinished"></', b">x</"))

    assert len(theirs) > 100
    assert set(theirs) <= messages()
