"""`crowd-monitor site export` and `import`: a site from one machine to another, by a script."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from monitor.inference.files import default_model
from monitor.settings.site_file import read_site

Call = Callable[..., Result]
TEXT = """# Stadium
[[camera]]
name = "Gate"  # on the mast
source = "rtsp://op@192.0.2.7/1"
password_env = "GATE_PASSWORD"
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site file with a password that stays where it is."""
    file = tmp_path / "stadium.toml"
    file.write_text(TEXT)
    return file


def test_a_site_arrives_with_its_comments_and_says_what_is_left(
    call: Call, site: Path, tmp_path: Path
) -> None:
    """Exported, imported, and ready to be checked."""
    packed = call("site", "export", site, tmp_path / "stadium.zip")
    unpacked = call("site", "import", tmp_path / "stadium.zip", tmp_path / "here")

    assert (packed.exit_code, unpacked.exit_code) == (0, 0)
    assert "camera Gate: its password is not carried" in packed.output.replace("\n", " ")
    text = (tmp_path / "here" / "site.toml").read_text()
    assert "# on the mast" in text
    assert "GATE_PASSWORD" not in text
    assert read_site(tmp_path / "here" / "site.toml").camera[0].name == "Gate"


def test_without_a_folder_it_goes_into_one_of_the_files_name(
    call: Call, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside whoever calls."""
    call("site", "export", site, tmp_path / "stadium.zip")
    monkeypatch.chdir(tmp_path)

    assert call("site", "import", tmp_path / "stadium.zip").exit_code == 0
    assert (tmp_path / "stadium" / "site.toml").is_file()


def test_a_model_that_is_only_named_is_carried(
    call: Call, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As whoever stands beside the site file may write it."""
    monkeypatch.chdir(tmp_path)
    name = default_model().stem
    site.write_text(f'[model]\npath = "{name}"\n{TEXT}')

    result = call("site", "export", site.name, "stadium.zip")

    assert result.exit_code == 0, result.output
    with zipfile.ZipFile(tmp_path / "stadium.zip") as archive:
        assert archive.read(f"models/{name}.onnx") == default_model().read_bytes()


def test_nothing_is_written_over_without_a_word(call: Call, site: Path, tmp_path: Path) -> None:
    """Neither a file by exporting, nor a folder by importing."""
    target, folder = tmp_path / "stadium.zip", tmp_path / "here"
    target.write_bytes(b"mine")
    (folder / "site.toml").mkdir(parents=True)

    refused = call("site", "export", site, target)
    assert (refused.exit_code, target.read_bytes()) == (2, b"mine")
    assert "--force replaces it" in refused.output.replace("\n", " ")
    assert call("site", "export", site, target, "--force").exit_code == 0
    assert call("site", "import", target, folder).exit_code == 2
    assert (folder / "site.toml").is_dir()


def test_a_folder_is_never_replaced(call: Call, site: Path, tmp_path: Path) -> None:
    """Whatever is forced."""
    assert call("site", "export", site, tmp_path, "--force").exit_code == 2
    assert site.is_file()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is damaged, or no zip file"),
        (b"PK\x03\x04 and so on", "is damaged, or no zip file"),
        (None, "cannot be unpacked"),
    ],
    ids=["empty", "cut", "not there"],
)
def test_what_is_no_export_is_refused(
    call: Call, tmp_path: Path, content: bytes | None, said: str
) -> None:
    """In one sentence, and nothing is left behind."""
    source = tmp_path / "stadium.zip"
    if content is not None:
        source.write_bytes(content)

    result = call("site", "import", source, tmp_path / "here")

    assert result.exit_code == 2
    assert said in result.output.replace("\n", " ")
    assert "Traceback" not in result.output
    assert not (tmp_path / "here").exists()


def test_every_mistake_of_a_site_is_told_before_it_is_packed(call: Call, tmp_path: Path) -> None:
    """A wrong site is not carried on."""
    file = tmp_path / "site.toml"
    file.write_text('[[camera]]\nname = "a"\n[[camera]]\nsource = "webcam:0"\n')

    result = call("site", "export", file, tmp_path / "site.zip")

    assert result.exit_code == 2
    assert "camera[0].source" in result.output or "source" in result.output
    assert not (tmp_path / "site.zip").exists()
