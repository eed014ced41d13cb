"""`crowd-monitor check`."""

import json
import socket
from collections.abc import Callable
from pathlib import Path

from typer.testing import Result

from monitor.cli.check import warnings_for
from monitor.core.privacy import Privacy
from monitor.settings import (
    CameraSettings,
    EvidenceSettings,
    ModelSettings,
    PrivacySettings,
    SiteSettings,
    StoreSettings,
)
from monitor.settings.site_file import site_schema

Call = Callable[..., Result]
CAMERA = CameraSettings(name="a", source="webcam:0")


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


def test_contradicting_heads_and_feet_are_a_mistake_with_a_line(call: Call, tmp_path: Path) -> None:
    """As any other mistake; no traceback ends the check."""
    site = tmp_path / "site.toml"
    site.write_text(
        '[[camera]]\nname = "a"\nsource = "webcam:0"\n[camera.ground]\n'
        "heads = [[0.03, 0.49], [0.22, 0.38], [0.44, 0.45], [0.22, 0.41], [0.84, 0.5]]\n"
        "feet = [[0.38, 0.98], [0.22, 0.41], [0.23, 0.59], [0.02, 0.59], [0.19, 0.83]]\n"
        "height_m = 1.7\n"
    )

    result = call("check", site)

    assert result.exit_code == 1
    assert "line 4: camera[1].ground: no camera sees these people so" in result.stderr


def test_what_is_not_ready_is_a_warning(call: Call, tmp_path: Path) -> None:
    """The file is right, so that is told with exit code 0; with --strict it is a failure."""
    site = tmp_path / "site.toml"
    site.write_text(
        '[[camera]]\nname = "a"\nsource = "rtsp://u@h/"\npassword_env = "NO_SUCH_VARIABLE"\n'
        '[model]\npath = "nowhere.onnx"\n'
    )

    mild, strict = call("check", site), call("check", site, "--strict")

    assert (mild.exit_code, strict.exit_code) == (0, 1)
    assert "camera a: the environment variable NO_SUCH_VARIABLE is not set" in mild.stdout
    assert "nowhere.onnx: no such model file" in mild.stdout
    assert mild.stdout == strict.stdout


def test_a_password_that_is_there_is_no_warning() -> None:
    """And it is not shown."""
    camera = CameraSettings(name="a", source="rtsp://u@h/", password_env="P")

    assert warnings_for(SiteSettings(camera=(camera,)), {"P": "S3cret"}) == []


def test_a_model_that_cannot_count_is_told(tmp_path: Path) -> None:
    """It is opened, not only looked for."""
    path = tmp_path / "m.onnx"
    path.write_bytes(b"no model")
    site = SiteSettings(camera=(CAMERA,), model=ModelSettings(path=str(path)))

    (warning,) = warnings_for(site, {})

    assert "[model] m.onnx" in warning


def test_a_model_that_cannot_be_asked_is_told(tiny_model: Path) -> None:
    """What a camera shall count is asked for while checking."""
    camera = CAMERA.model_copy(update={"count": ("people", "dogs")})
    model = ModelSettings(path=str(tiny_model))

    (warning,) = warnings_for(SiteSettings(camera=(camera,), model=model), {})

    assert f"camera {CAMERA.name}: {tiny_model.name}: counts people" in warning
    assert "cannot be asked for dogs" in warning


def test_a_history_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A file where a folder must be; nothing is made while checking."""
    (tmp_path / "file").touch()
    wrong = StoreSettings(url=f"sqlite:///{tmp_path / 'file' / 'h.sqlite'}")
    right = StoreSettings(url=f"sqlite:///{tmp_path / 'new' / 'folder' / 'h.sqlite'}")

    assert "cannot be made" in warnings_for(SiteSettings(camera=(CAMERA,), store=wrong), {})[0]
    assert warnings_for(SiteSettings(camera=(CAMERA,), store=right), {}) == []
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_a_database_that_does_not_answer_is_told() -> None:
    """Host and port stand in the sentence; one that listens is fine."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        store = StoreSettings(url=f"postgresql://u@127.0.0.1:{port}/db")
        site = SiteSettings(camera=(CAMERA,), store=store)
        while_there = warnings_for(site, {})
    after = warnings_for(site, {})

    assert while_there == []
    assert f"127.0.0.1 port {port}" in after[0]


def test_clips_that_cannot_be_kept_are_told() -> None:
    """Privacy forbids them all; a drawn scene has none; whoever asks for none is told nothing."""
    cameras = (CAMERA, CameraSettings(name="b", source="synthetic:plaza?people=3"))
    filmed = EvidenceSettings(folder="evidence", clip=True)
    private = PrivacySettings(pictures=Privacy.BLUR_PEOPLE)

    def told(**tables: object) -> list[str]:
        return warnings_for(SiteSettings.model_validate({"camera": cameras, **tables}), {})

    (forbidden,) = told(evidence=filmed, privacy=private)
    assert 'pictures = "blur people"' in forbidden
    (drawn,) = told(evidence=filmed)
    assert "none is kept of b" in drawn
    assert told(evidence=EvidenceSettings(folder="evidence"), privacy=private) == []


def test_the_schema_is_printed(call: Call) -> None:
    """For an editor, without any site file; one of the two must be named."""
    result = call("check", "--schema")

    assert result.exit_code == 0
    assert json.loads(result.stdout) == site_schema()
    assert call("check").exit_code == 2
