"""Packs on a real disk: whole or not at all, and never more than is wanted."""

import errno
import os
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest

from monitor.core.errors import OutputError
from monitor.outputs.evidence.folder import (
    AFTER,
    CLIP,
    KEEP,
    Keeping,
    clear_unfinished,
    make_room,
    moment_of,
    pack_name,
    packs_in,
    write_pack,
    write_part,
)
from monitor.outputs.evidence.verifying import verify_pack

NOON = datetime(2030, 5, 1, 12, tzinfo=UTC)
FILES = {"alarm.json": b"{}", "picture.jpg": bytes(range(256)), "counts-before.csv": b""}


class CutPowerError(Exception):
    """The machine has gone off in the middle."""


def everything_in(folder):
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*"))


def write(folder, *, minutes=0, files=FILES):
    moment = NOON + timedelta(minutes=minutes)
    return write_pack(folder, pack_name("Gate 1/full", moment), files, moment)


def test_what_was_written_is_read_back(tmp_path):
    """Every file with its bytes, under the name of the moment and the alarm."""
    written = write(tmp_path / "evidence")

    assert written.path.name == "20300501T120000Z Gate-1-full"
    assert {one: (written.path / one).read_bytes() for one in FILES} == FILES
    assert verify_pack(written.path).is_whole
    assert verify_pack(written.path).manifest_sha256 == written.manifest_sha256


@pytest.mark.parametrize("alarm_id", ["../../etc/x", "Gate 1/\0\n", "con", "…/Überfüllung", "///"])
def test_no_name_leads_out_of_the_folder(tmp_path, alarm_id):
    """A camera may be called anything."""
    folder = tmp_path / "a" / "evidence"

    written = write_pack(folder, pack_name(alarm_id, NOON), FILES, NOON)

    assert written.path.parent == folder
    assert moment_of(written.path.name) == NOON
    assert everything_in(tmp_path / "a")[0] == "evidence"


def test_two_alarms_in_one_second_have_two_packs(tmp_path):
    """Neither takes the other's place."""
    paths = {write(tmp_path).path for _ in range(3)}

    assert len(paths) == 3
    assert all(verify_pack(one).is_whole for one in paths)


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), CutPowerError()]
)
@pytest.mark.parametrize("step", range(6))
def test_a_pack_is_whole_or_not_there(tmp_path, monkeypatch, error, step):
    """The disk is full, or the power gone, at every moment at which something reaches the disk."""
    folder, real, calls = tmp_path / "evidence", os.fsync, []

    def fsync(handle):
        calls.append(handle)
        if len(calls) > step:
            raise error
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    is_told = step < 5 or isinstance(error, CutPowerError)
    with pytest.raises((OutputError, CutPowerError)) if is_told else nullcontext():
        write(folder)
    monkeypatch.setattr(os, "fsync", real)
    clear_unfinished(folder)

    assert all(verify_pack(one).is_whole for one in packs_in(folder))
    is_there = len(packs_in(folder)) == 1
    # After the files and their list (4) and the folder's names (1) only the renaming is left.
    assert is_there is (step == 5)
    assert everything_in(folder) == [] or is_there


def test_what_came_after_goes_on_from_what_was(tmp_path):
    """The first part is not touched; the second names its hash."""
    written = write(tmp_path)
    before = {one.name: one.read_bytes() for one in written.path.iterdir()}

    after = write_part(written.path, AFTER, {"counts-after.csv": b"1"}, NOON)

    assert after is not None
    assert {one: (written.path / one).read_bytes() for one in before} == before
    found = verify_pack(written.path)
    assert found.is_whole
    assert "after/counts-after.csv" in [one.name for one in found.files]


def test_after_is_written_once_and_only_where_a_pack_is(tmp_path):
    """Evidence does not change when something is done twice."""
    written = write(tmp_path)
    write_part(written.path, AFTER, {"counts-after.csv": b"1"}, NOON)

    assert write_part(written.path, AFTER, {"counts-after.csv": b"2"}, NOON) is None
    assert write_part(tmp_path / "gone", AFTER, {"counts-after.csv": b"2"}, NOON) is None
    assert (written.path / "after" / "counts-after.csv").read_bytes() == b"1"


def test_old_packs_go_and_those_that_a_person_keeps_stay(tmp_path):
    """By age; the newest stays whatever its age."""
    packs = [write(tmp_path, minutes=60 * hour).path for hour in range(5)]
    (packs[1] / KEEP).touch()
    now = NOON + timedelta(hours=400)

    gone = make_room(tmp_path, Keeping(timedelta(hours=1), free_bytes_min=0), now)

    assert gone == [packs[0], packs[2], packs[3]]
    assert packs_in(tmp_path) == [packs[1], packs[4]]


def test_the_oldest_go_until_the_rest_has_room(tmp_path):
    """By size, counted with every file of a pack."""
    packs = [write(tmp_path, minutes=index).path for index in range(6)]
    for pack in packs:
        write_part(pack, CLIP, {"clip.mp4": bytes(5000)}, NOON)
    size = sum(one.stat().st_size for one in packs[0].rglob("*.*"))
    size += (packs[0] / CLIP).stat().st_size

    make_room(tmp_path, Keeping(bytes_max=3 * size, free_bytes_min=0), NOON)

    assert packs_in(tmp_path) == packs[3:]


def test_a_disk_that_is_tight_keeps_the_newest_alone(tmp_path):
    """No disk has so much room as is asked for here."""
    packs = [write(tmp_path, minutes=index).path for index in range(3)]

    make_room(tmp_path, Keeping(free_bytes_min=1 << 60), NOON)

    assert packs_in(tmp_path) == packs[2:]


def test_what_is_no_pack_is_left_alone(tmp_path):
    """Somebody may have named a folder with other things in it."""
    write(tmp_path)
    (tmp_path / "holiday").mkdir()
    (tmp_path / "20300101T000000Z file").write_text("a file")

    make_room(tmp_path, Keeping(timedelta(0), 0, 1 << 60), NOON + timedelta(days=999))
    clear_unfinished(tmp_path)

    assert {"holiday", "20300101T000000Z file"} <= set(everything_in(tmp_path))


def test_a_folder_that_cannot_be_is_told(tmp_path):
    """With the place and what to do."""
    (tmp_path / "evidence").write_text("in the way")

    with pytest.raises(OutputError, match=r"evidence.* cannot be written: .*name another folder"):
        write(tmp_path / "evidence")
