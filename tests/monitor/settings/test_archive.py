"""A site carried from one machine to another."""

import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from monitor.core.errors import SettingsError
from monitor.scene.view import save_view, view_of
from monitor.settings.archive import export_site, import_site
from monitor.settings.site_file import read_site
from tests.rigs.tiny_model import write_tiny_model

TEXT = """# Stadium
version = 1
[model]
path = "tiny.onnx"  # small

# The gate, by the river
[[camera]]
name = "Gate"  # on the mast
source = "rtsp://op@192.0.2.7/1"
password_env = "GATE_PASSWORD"
[camera.limit]
high = 50  # people
[camera.ground]
rectangle = [[0.2, 0.4], [0.8, 0.4], [1, 1], [0, 1]]
sides_m = [10, 20]
reference = "gate.npz"

[[camera]]
name = "Yard"
source = "webcam:0"

[mqtt]
host = "broker.example"
user = "op"
password_env = "BROKER_PASSWORD"

# the end
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site file with a model and the picture of a marked ground beside it."""
    folder = tmp_path / "there"
    folder.mkdir()
    write_tiny_model(folder / "tiny.onnx")
    picture = np.random.default_rng(1).integers(0, 255, (240, 320, 3), dtype=np.uint8)
    save_view(view_of(picture), folder / "gate.npz")
    (folder / "site.toml").write_text(TEXT)
    return folder / "site.toml"


def test_a_site_arrives_as_it_left(site: Path, tmp_path: Path) -> None:
    """With its comments, its model and its ground; without passwords and what is of a machine."""
    before = read_site(site)
    left = export_site(before, tmp_path / "stadium.zip", file=site)
    after = read_site(import_site(tmp_path / "stadium.zip", tmp_path / "here" / "stadium"))
    text = (tmp_path / "here" / "stadium" / "site.toml").read_text()

    gate = before.camera[0].model_copy(update={"password_env": None})
    model, reference = Path(after.model.path or ""), Path(after.camera[0].ground.reference or "")
    assert after.camera[0].model_copy(update={"ground": gate.ground}) == gate
    assert after.camera[1] == before.camera[1]
    assert model.read_bytes() == (site.parent / "tiny.onnx").read_bytes()
    assert reference.read_bytes() == (site.parent / "gate.npz").read_bytes()
    assert model.is_relative_to(tmp_path / "here")
    assert after.mqtt is None
    for comment in ("# Stadium", "# small", "# by the river"[2:], "# people", "# the end"):
        assert comment in text
    assert "PASSWORD" not in text
    assert left == (
        "camera Gate: its password is not carried; type it anew there",
        "[mqtt] belongs to this machine and is not carried; set it there",
    )


def test_without_a_file_the_settings_are_carried(site: Path, tmp_path: Path) -> None:
    """A site that came from the command line."""
    export_site(read_site(site), tmp_path / "a.zip")
    after = read_site(import_site(tmp_path / "a.zip", tmp_path / "here"))

    assert [one.name for one in after.camera] == ["Gate", "Yard"]


def test_what_is_missing_is_told_before_anything_is_written(site: Path, tmp_path: Path) -> None:
    """Half a site is none."""
    settings = read_site(site)
    (site.parent / "tiny.onnx").unlink()
    (site.parent / "gate.npz").unlink()

    with pytest.raises(SettingsError) as caught:
        export_site(settings, tmp_path / "a.zip", file=site)
    assert "tiny.onnx" in str(caught.value)
    assert "gate.npz" in str(caught.value)
    assert not (tmp_path / "a.zip").exists()


GOOD = '[[camera]]\nname = "Gate"\nsource = "webcam:0"\n'


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def with_model(path: str) -> str:
    return f'{GOOD}[model]\npath = "{path}"\n'


BAD: dict[str, tuple[dict[str, str], str]] = {
    "way-up": ({"site.toml": GOOD, "../evil": "x"}, "'../evil': has no place"),
    "way-up-within": ({"site.toml": GOOD, "models/../../evil": "x"}, "has no place"),
    "whole-path": ({"site.toml": GOOD, "/tmp/evil": "x"}, "has no place"),
    "windows-path": ({"site.toml": GOOD, "models/..\\evil.onnx": "x"}, "has no place"),
    "a-program": ({"site.toml": GOOD, "run.sh": "x"}, "'run.sh': has no place"),
    "hidden": ({"site.toml": GOOD, "models/.evil": "x"}, "has no place"),
    "no-site": ({"models/a.onnx": "x"}, "no site.toml"),
    "twice": ({"site.toml": GOOD, "SITE.toml": GOOD}, "is there twice"),
    "mistakes": ({"site.toml": GOOD.replace("name", "nme")}, "line 2: camera[1].nme"),
    "no-model": ({"site.toml": with_model("models/a.onnx")}, "a.onnx is not in the archive"),
    "no-onnx": ({"site.toml": with_model("models/a.onnx"), "models/a.onnx": "x"}, "no ONNX model"),
    "model-elsewhere": ({"site.toml": with_model("/etc/hostname")}, "outside the site, hostname"),
    "model-way-up": ({"site.toml": with_model("../a.onnx")}, "outside the site"),
    "password-file": (
        {"site.toml": GOOD.replace("webcam:0", "rtsp://a@x/") + 'password_file = "/etc/shadow"\n'},
        "says where a password lies",
    ),
    "keyring": (
        {"site.toml": GOOD.replace("webcam:0", "rtsp://a@x/") + "password_keyring = true\n"},
        "says where a password lies",
    ),
    "writes-elsewhere": ({"site.toml": GOOD + '[csv]\npath = "/tmp/x.csv"\n'}, "[csv] belongs"),
}


@pytest.mark.parametrize(("content", "complaint"), BAD.values(), ids=BAD)
def test_what_a_stranger_packed_is_refused(
    tmp_path: Path, content: dict[str, str], complaint: str
) -> None:
    """Nothing is written, inside or outside."""
    place = tmp_path / "a" / "b"
    place.mkdir(parents=True)
    with zipfile.ZipFile(place / "a.zip", "w") as archive:
        for name, text in content.items():
            archive.writestr(name, text)

    with pytest.raises(SettingsError) as caught:
        import_site(place / "a.zip", place / "here")
    assert complaint in str(caught.value)
    assert [one.name for one in tmp_path.rglob("*") if one.is_file()] == ["a.zip"]


def write_link(archive: zipfile.ZipFile) -> None:
    archive.writestr("site.toml", with_model("models/a.onnx"))
    archive.writestr(link("models/a.onnx"), "/etc/hostname")


def write_flood(archive: zipfile.ZipFile) -> None:
    archive.writestr("site.toml", GOOD)
    archive.writestr("ground/a.npz", b"\0" * 60_000_000, zipfile.ZIP_DEFLATED)


def write_many(archive: zipfile.ZipFile) -> None:
    for number in range(300):
        archive.writestr(f"ground/{number}.npz", "x")


@pytest.mark.parametrize(
    ("write", "complaint"),
    [(write_link, "is a link"), (write_flood, "larger than any"), (write_many, "300 files")],
    ids=["link", "flood", "many"],
)
def test_what_no_site_has_is_refused(
    tmp_path: Path, write: Callable[[zipfile.ZipFile], None], complaint: str
) -> None:
    """Links, floods, and heaps."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        write(archive)

    with pytest.raises(SettingsError, match=complaint):
        import_site(tmp_path / "a.zip", tmp_path / "here")
    assert not (tmp_path / "here").exists()


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    """Who packs a site mends it in one go."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("run.sh", "x")
        archive.writestr("models/.x", "x")

    with pytest.raises(SettingsError) as caught:
        import_site(tmp_path / "a.zip", tmp_path / "here")
    assert len(str(caught.value).splitlines()) == 4


def test_a_damaged_file_is_told(site: Path, tmp_path: Path) -> None:
    """Cut off on the way, or no zip file at all."""
    archive = tmp_path / "a.zip"
    export_site(read_site(site), archive)
    whole = archive.read_bytes()
    for content in (b"no zip", whole[: len(whole) // 2], whole[:200] + b"\0" * 99 + whole[299:]):
        archive.write_bytes(content)
        with pytest.raises(SettingsError, match="damaged"):
            import_site(archive, tmp_path / "here")


def test_a_folder_that_holds_something_is_left_alone(site: Path, tmp_path: Path) -> None:
    """A site that is there is somebody's work."""
    export_site(read_site(site), tmp_path / "a.zip")

    with pytest.raises(SettingsError, match="is not empty"):
        import_site(tmp_path / "a.zip", site.parent)
    assert site.read_text() == TEXT
