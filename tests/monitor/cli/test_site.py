"""Putting a site together."""

from pathlib import Path

import pytest

from monitor.cli.site import model_mark, model_note, open_model, running_site, site_of
from monitor.core.errors import AddressError, ModelError, SettingsError, StoreError
from monitor.outputs.history.history import History
from monitor.settings import ModelSettings, SiteSettings, StoreSettings
from monitor.settings.outputs import parse_address
from tests.rigs.waiting import wait_until

PLAZA = "synthetic:plaza?people=3&seed=1"


def test_cameras_are_named_after_what_may_be_shown() -> None:
    """Names differ and hold no password."""
    sources = ["rtsp://u:S3cret@192.0.2.7/a", PLAZA, PLAZA]

    site = site_of(sources, ModelSettings())

    names = [camera.name for camera in site.camera]
    assert names == ["192.0.2.7", "synthetic:plaza", "synthetic:plaza (3)"]


def test_no_camera_is_wrong_use() -> None:
    """Neither a file nor a source: the sentence names both options."""
    with pytest.raises(SettingsError, match="--config"):
        site_of([], ModelSettings())


def test_a_wrong_address_is_told_at_once() -> None:
    """A misspelled source does not become a camera that never connects."""
    with pytest.raises(AddressError):
        site_of(["rtps://x/"], ModelSettings())


def test_what_the_model_cannot_count_is_refused_at_the_start(tiny_model: Path) -> None:
    """Before a stream is opened: no camera that shows nothing for a reason nobody reads."""
    model = open_model(ModelSettings(path=str(tiny_model)))
    (camera,) = site_of([PLAZA], ModelSettings()).camera
    site = SiteSettings(camera=(camera.model_copy(update={"count": ("dogs",)}),))

    with (
        pytest.raises(ModelError, match=r"camera synthetic:plaza: .*cannot be asked for dogs"),
        running_site(site, model, keeps_history=False),
    ):
        pass


def test_readings_reach_the_history(tiny_model: Path, tmp_path: Path) -> None:
    """What is counted while the site runs is on the disk when it has stopped."""
    url = f"sqlite:///{tmp_path / 'history.sqlite'}"
    model = open_model(ModelSettings(path=str(tiny_model)))
    site = site_of([PLAZA], ModelSettings())
    site = SiteSettings(camera=site.camera, store=StoreSettings(url=url))

    with running_site(site, model, keeps_history=True) as running:
        wait_until(
            lambda: running.engine.snapshots()[0].reading is not None, "a count", within_s=60
        )
        reading = running.engine.snapshots()[0].reading
    assert not running.engine.status().is_running
    assert reading is not None
    history = History(parse_address(url, {}))
    points = history.readings_between(
        "synthetic:plaza", reading.at_utc.replace(year=2000), reading.at_utc.replace(year=2999)
    )

    assert points


def test_a_wrong_history_stops_before_anything_runs(tiny_model: Path) -> None:
    """The address of the history is checked first."""
    model = open_model(ModelSettings(path=str(tiny_model)))
    site = site_of([PLAZA], ModelSettings())
    site = SiteSettings(camera=site.camera, store=StoreSettings(url="oracle://x/y"))

    with (
        pytest.raises(StoreError, match="oracle"),
        running_site(site, model, keeps_history=True),
    ):
        pytest.fail("it ran")


def test_a_model_file_is_known_from_another_of_its_name(tiny_model: Path, tmp_path: Path) -> None:
    """Replaced, taken away, asked for something else: each is another; looked at twice is none."""
    file = tmp_path / "m.onnx"
    content = tiny_model.read_bytes()

    def mark(asked: str = "") -> object:
        return model_mark(ModelSettings(path=f"{file}{asked}"))

    file.write_bytes(content)
    first, again, asked = mark(), mark(), mark("?count=people")
    new = tmp_path / "new.onnx"
    new.write_bytes(content)
    new.replace(file)
    replaced = mark()
    file.unlink()
    gone = mark()

    assert first == again
    assert len({first, asked, replaced, gone}) == 4


def test_the_note_is_honest(tiny_model: Path) -> None:
    """Name, where it runs, what it learned from, how wrong it is."""
    note = model_note(open_model(ModelSettings(path=str(tiny_model))))

    for part in ("bright blocks", "cpu", "Nothing: 0 pictures", "error 1.5", "90 %"):
        assert part in note
