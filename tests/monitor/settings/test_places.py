"""Paths in a site file start at the site file."""

from pathlib import Path
from typing import Any

import pytest

from monitor.settings.site_file import find_files


def camera(**values: object) -> dict[str, Any]:
    return {"camera": [values]}


@pytest.mark.parametrize(
    ("document", "keys"),
    [
        (camera(source="f"), ("camera", 0, "source")),
        (camera(certificate="f"), ("camera", 0, "certificate")),
        (camera(password_file="f"), ("camera", 0, "password_file")),
        (camera(ground={"reference": "f"}), ("camera", 0, "ground", "reference")),
        ({"mqtt": {"ca_file": "f"}}, ("mqtt", "ca_file")),
        ({"mqtt": {"password_file": "f"}}, ("mqtt", "password_file")),
        ({"notify": {"target": [{"url_file": "f"}]}}, ("notify", "target", 0, "url_file")),
        ({"status": {"token_file": "f"}}, ("status", "token_file")),
    ],
    ids=lambda one: ".".join(map(str, one)) if isinstance(one, tuple) else "",
)
def test_every_path_starts_at_the_site_file(
    tmp_path: Path, document: dict[str, Any], keys: tuple[str | int, ...]
) -> None:
    """Wherever the program was started; twice is as good as once."""
    find_files(document, tmp_path)
    find_files(document, tmp_path)

    found: Any = document
    for key in keys:
        found = found[key]
    assert found == str(tmp_path / "f")


def test_a_model_lies_beside_the_site_file_or_is_known_by_name(tmp_path: Path) -> None:
    """A path starts at the site file, even of no file; a bare name does where there is one."""
    (tmp_path / "own.onnx").touch()

    def found(path: str) -> str:
        document: dict[str, Any] = {"model": {"path": path}}
        find_files(document, tmp_path)
        return str(document["model"]["path"])

    assert found("own.onnx") == str(tmp_path / "own.onnx")
    assert found("models/gone.onnx") == str(tmp_path / "models" / "gone.onnx")
    assert found("crowd-small.onnx") == "crowd-small.onnx"
    assert found("a\0b") == "a\0b"


def test_what_is_no_path_stays(tmp_path: Path) -> None:
    """Addresses, whole paths, and what is of the wrong kind; that is told elsewhere."""
    document: dict[str, Any] = {
        "model": 3, "mqtt": [], "notify": {"target": 1}, "status": {"token_file": 5},
        "camera": [{"source": "webcam:0"}, {"source": "/v.mp4", "ground": "x"}, 7, {"source": ""}],
    }  # fmt: skip
    before = repr(document)

    find_files(document, tmp_path)

    assert repr(document) == before


def test_credentials_of_systemd_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For a bare name that is among them; any other lies beside the site file."""
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "gate").touch()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    document: dict[str, Any] = {
        "camera": [{"password_file": "gate"}, {"password_file": "yard"},
                   {"password_file": "./x/gate"}]
    }  # fmt: skip

    find_files(document, tmp_path)

    found = [one["password_file"] for one in document["camera"]]
    assert found == [
        str(credentials / "gate"), str(tmp_path / "yard"), str(tmp_path / "x" / "gate"),
    ]  # fmt: skip
