"""`crowd-monitor evidence verify`: who changes a pack, or its list, is found out."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import Result

from monitor.core.alarm import AlarmState
from monitor.outputs.evidence.folder import CLIP, pack_name, write_pack, write_part
from monitor.outputs.evidence.hashes import manifest_of
from monitor.outputs.evidence.notes import clip_note_of, note_of
from monitor.outputs.history.history import History
from monitor.settings.outputs import parse_address
from tests.rigs.history import LIMIT_S, NOON, SOON, StoppedClock, ring_of

Call = Callable[..., Result]
FILES = {"alarm.json": b"{}", "picture.jpg": b"a picture"}


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A pack of an alarm at noon."""
    return write_pack(tmp_path, pack_name("Gate 1/full", NOON), FILES, NOON).path


@pytest.fixture
def site(tmp_path: Path, pack: Path) -> Path:
    """A site whose journal notes the pack as it was written."""
    url = f"sqlite:///{tmp_path / 'history.sqlite'}"
    history = History(parse_address(url, {}), clock=StoppedClock(), pace=SOON)
    history.start()
    written = write_pack(pack.parent, "20300501T120001Z other", FILES, NOON)
    history.on_event(ring_of(1, before=AlarmState.UNACKNOWLEDGED, note=note_of(written)))
    mine = type(written)(pack, written.manifest_sha256)
    history.on_event(ring_of(0, before=AlarmState.UNACKNOWLEDGED, note=note_of(mine)))
    clip = write_part(pack, CLIP, {"clip.mp4": b"a film"}, NOON)
    assert clip is not None
    note = clip_note_of(pack.name, clip)
    history.on_event(ring_of(0, before=AlarmState.UNACKNOWLEDGED, note=note))
    assert history.stop(LIMIT_S)
    file = tmp_path / "site.toml"
    file.write_text(f'[[camera]]\nname = "a"\nsource = "webcam:0"\n[store]\nurl = "{url}"\n')
    return file


def test_a_pack_as_written_is_said_to_be(call: Call, pack: Path, site: Path) -> None:
    """Alone, and beside the journal."""
    alone, beside = (
        call("evidence", "verify", pack),
        call("evidence", "verify", pack, "--config", site),
    )

    assert (alone.exit_code, beside.exit_code) == (0, 0)
    assert "as it was written" in alone.stdout
    assert "noted the same hash\n" in beside.stdout
    assert "noted the same hash of its video" in beside.stdout
    assert "as written       clip/clip.mp4" in alone.stdout


def test_a_changed_picture_fails(call: Call, pack: Path) -> None:
    """With the name of the file; the other packs are still looked at."""
    (pack / "picture.jpg").write_bytes(b"another")
    whole = write_pack(pack.parent, pack_name("b", NOON + timedelta(days=1)), FILES, NOON).path

    result = call("evidence", "verify", pack, whole)

    assert result.exit_code == 1
    assert "NOT as it was written" in result.stdout
    assert "changed          picture.jpg" in result.stdout
    assert f"{whole}: as it was written" in result.stdout


def test_a_list_made_anew_is_found_by_the_journal(call: Call, pack: Path, site: Path) -> None:
    """Alone the pack looks whole: only what was noted elsewhere proves it."""
    shutil.rmtree(pack / CLIP)  # it names the hash of the list
    changed = {**FILES, "picture.jpg": b"another"}
    (pack / "picture.jpg").write_bytes(b"another")
    (pack / "manifest.json").write_bytes(manifest_of(changed, NOON))

    assert call("evidence", "verify", pack).exit_code == 0
    result = call("evidence", "verify", pack, "--config", site)
    assert result.exit_code == 1
    assert "noted another hash" in result.stdout


def test_another_film_is_found_by_the_journal(call: Call, pack: Path, site: Path) -> None:
    """Put in its place with a list of its own, or taken away whole; without a note it is told."""
    shutil.rmtree(pack / CLIP)
    gone = call("evidence", "verify", pack, "--config", site)
    write_part(pack, CLIP, {"clip.mp4": b"another film"}, NOON)
    changed = call("evidence", "verify", pack, "--config", site)
    other = pack.with_name("20300501T120001Z other")
    write_part(other, CLIP, {"clip.mp4": b"a film"}, NOON)
    unknown = call("evidence", "verify", other, "--config", site)

    assert (gone.exit_code, changed.exit_code, unknown.exit_code) == (1, 1, 0)
    assert "video is MISSING" in gone.stdout
    assert "another hash of its video" in changed.stdout
    assert "does not know of its video" in unknown.stdout


def test_a_pack_that_the_journal_does_not_know_fails(call: Call, pack: Path, site: Path) -> None:
    """Made up, or brought from elsewhere, or renamed."""
    unknown = write_pack(pack.parent, pack_name("b", NOON), FILES, NOON).path
    renamed = pack.rename(pack.with_name("renamed"))

    for one, told in ((unknown, "does not know of it"), (renamed, "not found in the journal")):
        result = call("evidence", "verify", one, "--config", site)
        assert result.exit_code == 1
        assert told in result.stdout


def test_what_is_no_pack_is_one_sentence(call: Call, tmp_path: Path) -> None:
    """And a failure."""
    result = call("evidence", "verify", tmp_path)

    assert result.exit_code == 1
    assert "no pack of evidence" in result.stderr
