"""Reading a site for the window."""

import sys

import pytest

from monitor.cli.window import read_for_window
from monitor.core.errors import SettingsError
from monitor.settings import CameraSettings, SiteSettings

SITE = SiteSettings(camera=(CameraSettings(name="a", source="webcam:0"),))


class Reading:
    """A site file that is mended after some readings."""

    def __init__(self, failures: int) -> None:
        self.left = failures

    def __call__(self) -> SiteSettings:
        """Read."""
        self.left -= 1
        if self.left >= 0:
            raise SettingsError(f"site.toml: {self.left} to go")
        return SITE


@pytest.fixture(autouse=True)
def screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A screen that exists in memory."""
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")


def test_it_is_read_until_it_can_be_used() -> None:
    """Each time the newest mistakes are shown."""
    shown: list[str] = []

    def ask(explanation: str) -> bool:
        shown.append(explanation)
        return True

    assert read_for_window(Reading(2), ask) is SITE
    assert shown == ["site.toml: 1 to go", "site.toml: 0 to go"]


def test_it_can_be_given_up() -> None:
    """Then there is no site."""
    assert read_for_window(Reading(1), lambda _: False) is None


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="these always have a display")
def test_without_a_screen_it_is_an_error_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Told in the terminal."""
    for variable in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(variable, raising=False)

    with pytest.raises(SettingsError, match=r"site\.toml"):
        read_for_window(Reading(1), lambda _: pytest.fail("nobody can answer"))
