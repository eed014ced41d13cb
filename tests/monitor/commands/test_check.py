"""`crowd-monitor check`."""

from collections.abc import Callable
from pathlib import Path

from typer.testing import Result

from monitor.commands.check import warnings_for
from monitor.settings import CameraSettings, ModelSettings, SiteSettings

Call = Callable[..., Result]


def test_a_good_file_is_good(call: Call, tmp_path: Path) -> None:
    """Exit code 0 and the number of cameras."""
    site = tmp_path / "site.toml"
    site.write_text('[[camera]]\nname = "a"\nsource = "webcam:0"\n')

    result = call("check", site)

    assert result.exit_code == 0
    assert "1 camera" in result.stdout


def test_all_mistakes_are_shown(call: Call, tmp_path: Path) -> None:
    """Each with key and line, exit code 1."""
    site = tmp_path / "site.toml"
    site.write_text('[[camera]]\nnme = "a"\nsource = "webcam:x"\n')

    result = call("check", site)

    assert result.exit_code == 1
    assert "line 2: camera[1].nme" in result.stderr
    assert "line 3: camera[1].source" in result.stderr


def test_what_is_not_ready_is_a_warning() -> None:
    """A password that is not set here and a model that is not here are told, once each."""
    camera = CameraSettings(name="a", source="rtsp://u@h/", password_env="P")
    site = SiteSettings(camera=(camera,), model=ModelSettings(path="/nowhere/m.onnx"))

    found = warnings_for(site, {})

    assert len(found) == 2
    assert "P is not set" in found[0]
    assert "/nowhere/m.onnx" in found[1]
    assert len(warnings_for(site, {"P": "secret"})) == 1
