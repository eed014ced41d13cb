"""Compiles translations with Qt's own tool, as translators do."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from docs.translation_file import Message, translation_file
from tests.rigs.load import scaled_s

_PLACES = ("/usr/lib/qt6/bin", "/usr/lib64/qt6/bin", "/usr/lib/qt5/bin")
"""Where systems put the tools of Qt that are not for everybody."""


def lrelease() -> str:
    """Give Qt's compiler of translations; the test is skipped where there is none."""
    places = [shutil.which("lrelease6"), shutil.which("lrelease")]
    places += [shutil.which("lrelease", path=one) for one in _PLACES]
    found = next((one for one in places if one), None)
    if found is None:
        pytest.skip("lrelease is not here: Debian has it in qt6-l10n-tools")
    return found


def write_catalogue(target: Path, words: Mapping[Message, str]) -> Path:
    """Compile translations into a catalogue; gives its file."""
    target.parent.mkdir(parents=True, exist_ok=True)
    source = target.with_suffix(".ts")
    source.write_bytes(translation_file(set(words), words))
    command = [lrelease(), str(source), "-qm", str(target)]
    subprocess.run(command, check=True, capture_output=True, timeout=scaled_s(30))
    return target
