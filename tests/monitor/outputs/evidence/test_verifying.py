"""Whoever changes a pack is found out."""

import json
import shutil
from datetime import UTC, datetime

import pytest

from monitor.core.errors import OutputError
from monitor.outputs.evidence.folder import AFTER, KEEP, write_pack, write_part
from monitor.outputs.evidence.hashes import manifest_of, sha256_of
from monitor.outputs.evidence.verifying import Verdict, verify_pack

NOON = datetime(2030, 5, 1, 12, tzinfo=UTC)
FILES = {"alarm.json": b'{"limit": 100}', "empty.csv": b"", "picture.jpg": b"\xff\xd8picture"}


@pytest.fixture
def pack(tmp_path):
    written = write_pack(tmp_path, "20300501T120000Z Gate", FILES, NOON)
    write_part(written.path, AFTER, {"counts-after.csv": b"1,2"}, NOON)
    return written.path


def verdicts(pack):
    return {
        one.name: one.verdict for one in verify_pack(pack).files if one.verdict is not Verdict.WHOLE
    }


def test_the_hash_is_that_of_the_standard(tmp_path):
    """FIPS 180-2, appendix B.1: the message abc."""
    written = write_pack(tmp_path, "20300501T120000Z Gate", {"abc": b"abc"}, NOON)

    listed = json.loads((written.path / "manifest.json").read_text())["files"]["abc"]
    assert listed["sha256"] == ("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")


def test_every_bit_that_is_turned_is_found(pack):
    """In every place of every file that has bytes."""
    files = [one for one in pack.rglob("*") if one.is_file() and one.name != "manifest.json"]
    for path in files:
        content = path.read_bytes()
        for place in range(len(content)):
            changed = bytearray(content)
            changed[place] ^= 1 << (place % 8)
            path.write_bytes(changed)
            assert verdicts(pack) == {str(path.relative_to(pack)): Verdict.CHANGED}
        path.write_bytes(content)
    assert verdicts(pack) == {}


def test_every_file_that_is_gone_or_longer_is_found(pack):
    """Also one that was empty."""
    for path in [one for one in pack.rglob("*.*") if one.name != "manifest.json"]:
        content, name = path.read_bytes(), str(path.relative_to(pack))
        path.unlink()
        assert verdicts(pack) == {name: Verdict.MISSING}
        path.write_bytes(content + b"\0")
        assert verdicts(pack) == {name: Verdict.CHANGED}
        path.write_bytes(content)


def test_what_was_added_is_found_but_the_wish_to_keep_is_no_change(pack):
    """A second picture would be a lie; a file KEEP is a person's note."""
    (pack / KEEP).touch()
    assert verdicts(pack) == {}

    (pack / "another.jpg").touch()
    (pack / "after" / "more.csv").touch()
    (pack / "after" / "after").mkdir()

    assert verdicts(pack) == {
        "another.jpg": Verdict.EXTRA,
        "after/more.csv": Verdict.EXTRA,
        "after/after": Verdict.EXTRA,
    }


def test_a_list_of_hashes_that_was_made_anew_does_not_fit_what_came_after(pack):
    """Whoever changes a file and its list must change all; then the journal knows better."""
    noted = verify_pack(pack).manifest_sha256
    (pack / "alarm.json").write_bytes(b"{}")
    (pack / "manifest.json").write_bytes(manifest_of({**FILES, "alarm.json": b"{}"}, NOON))

    assert verdicts(pack) == {"manifest.json": Verdict.CHANGED}
    assert verify_pack(pack).manifest_sha256 != noted


def test_the_minutes_after_of_another_pack_are_found(pack, tmp_path):
    """They go on from another list of hashes."""
    other = write_pack(tmp_path, "20300501T120500Z Gate", {"alarm.json": b"{}"}, NOON)
    shutil.copytree(pack / "after", other.path / "after")

    assert verdicts(other.path) == {"manifest.json": Verdict.CHANGED}


def test_a_list_cannot_point_out_of_the_pack(pack, tmp_path):
    """A file elsewhere proves nothing."""
    (tmp_path / "outside").write_bytes(b"x")
    listed = json.loads(manifest_of({"a": b"x"}, NOON))
    listed["files"] = {"../outside": {"bytes": 1, "sha256": sha256_of(b"x")}}
    (pack / "manifest.json").write_text(json.dumps(listed))

    assert verdicts(pack)["../outside"] is Verdict.MISSING


@pytest.mark.parametrize("text", [b"", b"{}", b"[1]", b"\xff\xfe", b'{"files": 3}'])
def test_a_list_that_is_none_is_told(pack, text):
    """In one sentence."""
    (pack / "manifest.json").write_bytes(text)

    with pytest.raises(OutputError, match=r"manifest\.json: is not what this program writes"):
        verify_pack(pack)


def test_a_folder_that_is_no_pack_is_told(tmp_path):
    """Also one that is not there."""
    for place in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(OutputError, match="no pack of evidence"):
            verify_pack(place)
