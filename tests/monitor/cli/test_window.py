"""Whether a window can be opened."""

import sys
from pathlib import Path

import pytest

from monitor.cli.window import has_display, require_window
from monitor.core.errors import SettingsError


@pytest.mark.parametrize(
    ("environ", "platform", "expected"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, "linux", False),
        ({"DISPLAY": ":0", "QT_QPA_PLATFORM": "minimal:x"}, "linux", False),
        ({"DISPLAY": ":0", "QT_QPA_PLATFORM": "xcb"}, "linux", True),
        ({}, "win32", True),
        ({}, "darwin", True),
        ({"QT_QPA_PLATFORM": "offscreen"}, "darwin", False),
    ],
)
def test_where_a_window_can_be_seen(environ: dict[str, str], platform: str, expected: bool) -> None:
    """On Linux a display is needed; Qt can be told to draw on none."""
    assert has_display(environ, platform) is expected


def test_without_a_display_the_other_way_is_named() -> None:
    """Qt would end the process without a word to the user; this says what to do."""
    with pytest.raises(SettingsError, match="crowd-monitor serve"):
        require_window({}, "linux")


def test_what_qt_needs_is_named_as_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence and the Makefile agree: every shared library, none but those."""
    monkeypatch.setitem(sys.modules, "PyQt6.QtWidgets", None)
    script = Path(".ci/system-packages").read_text(encoding="utf-8")
    packages = script.partition('packages="')[2].partition('"')[0].split()

    with pytest.raises(SettingsError) as caught:
        require_window({"DISPLAY": ":0"}, "linux")
    named = str(caught.value).partition("apt-get install ")[2].partition("`")[0].split()
    assert named == [one for one in packages if one.startswith("lib")]
