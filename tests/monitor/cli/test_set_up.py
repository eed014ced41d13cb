"""The first start, and what set-up needs of the commands."""

from pathlib import Path

import pytest

from monitor.cli import set_up
from monitor.cli.last_site import last_site
from monitor.cli.set_up import first_start, list_cards, new_site_file
from monitor.inference.files import default_model
from monitor.settings import CameraSettings
from monitor.settings.archive import export_site
from monitor.settings.site_file import read_site
from monitor.settings.writing import write_site
from monitor.ui.setup.first_start import Beginning, Begun

CAMERA = CameraSettings(name="Gate", source="webcam:0")


class Shown:
    """What would be shown."""

    def __init__(self) -> None:
        self.demos = 0
        self.files: list[Path] = []

    def demo(self) -> int:
        """Show the demo."""
        self.demos += 1
        return 11

    def site(self, file: Path) -> int:
        """Show a site."""
        self.files.append(file)
        return 12


@pytest.fixture
def choose(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Have a choice made on the first page, with this machine's folders elsewhere."""
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setattr(set_up, "own_folder", lambda: tmp_path / "own")
    monkeypatch.setattr(set_up, "state_folder", lambda: tmp_path / "state")

    def do(begun: Begun | None) -> tuple[int, Shown]:
        monkeypatch.setattr("monitor.ui.setup.first_start.ask_how_to_begin", lambda _: begun)
        shown = Shown()
        return first_start(shown.demo, shown.site), shown

    return do


def test_the_demo_is_shown(choose) -> None:
    """One choice, and it runs."""
    code, shown = choose(Begun(Beginning.DEMO))

    assert (code, shown.demos, shown.files) == (11, 1, [])


def test_a_closed_page_ends_the_program(choose) -> None:
    """Nobody is forced to choose."""
    code, shown = choose(None)

    assert (code, shown.demos, shown.files) == (0, 0, [])


def test_a_first_camera_makes_a_site_file(choose, tmp_path: Path) -> None:
    """It is remembered, and another first camera takes no one's file."""
    begun = Begun(Beginning.CAMERA, CAMERA, default_model())
    code, shown = choose(begun)
    choose(begun)

    file = tmp_path / "own" / "site.toml"
    assert (code, shown.files) == (12, [file])
    assert read_site(file).camera == (CAMERA,)
    assert read_site(file).model.path == str(default_model())
    assert last_site(tmp_path / "state") == (tmp_path / "own" / "site-2.toml").resolve()


def test_a_site_file_is_opened_where_it_lies(choose, tmp_path: Path) -> None:
    """Nothing is copied."""
    _, shown = choose(Begun(Beginning.FILE, file=tmp_path / "mine.toml"))

    assert shown.files == [tmp_path / "mine.toml"]


def test_an_exported_site_is_unpacked_first(choose, tmp_path: Path) -> None:
    """Checked as any import."""
    write_site(tmp_path / "site.toml", read := read_site_of(tmp_path))
    export_site(read, tmp_path / "stadium.zip")
    _, shown = choose(Begun(Beginning.FILE, file=tmp_path / "stadium.zip"))

    assert shown.files == [tmp_path / "own" / "stadium" / "site.toml"]
    assert read_site(shown.files[0]).camera == (CAMERA,)


def read_site_of(folder: Path):
    file = folder / "first.toml"
    file.write_text('[[camera]]\nname = "Gate"\nsource = "webcam:0"\n')
    return read_site(file)


def test_the_usual_model_comes_first_with_its_card() -> None:
    """What it learned from and how wrong it is."""
    first = list_cards()[0]

    assert first.path == default_model()
    assert first.title.startswith("crowd-small (ebc), counts people, off by ")
    assert "ShanghaiTech" in first.card


def test_a_new_file_takes_nobodys_name(tmp_path: Path) -> None:
    """The next number that is free."""
    (tmp_path / "site.toml").touch()
    (tmp_path / "site-2.toml").touch()

    assert new_site_file(tmp_path) == tmp_path / "site-3.toml"
