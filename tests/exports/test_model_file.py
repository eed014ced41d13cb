"""A model file stands whole under its name, or not at all; what is no model is said in words."""

import resource

import numpy as np
import onnx
import pytest

from exports.errors import ExportError
from exports.model_file import drafting, files_of, read_model, write_model
from monitor.core.errors import ManifestError
from monitor.inference.model import load_model
from tests.rigs.plain_counter import plain_graph, plain_manifest, write_plain


def names_in(folder):
    return sorted(one.name for one in folder.iterdir())


def write_split(path, *, seed=0):
    """Write the plain counter with its weights in a second file."""
    with drafting(path) as draft:
        write_model(plain_graph(seed=seed), plain_manifest(), draft, most_bytes=1000)
    return path


def count(path):
    image = np.random.default_rng(3).integers(0, 256, (40, 56, 3), dtype=np.uint8)
    return load_model(path).count_blocks(image)[0]


def test_large_weights_stand_in_a_second_file(tmp_path):
    """The app opens the pair as it opens one file, and the checker finds nothing wrong."""
    whole = write_plain(tmp_path / "whole.onnx")

    path = write_split(tmp_path / "m.onnx")

    onnx.checker.check_model(str(path), full_check=True)
    assert [one.suffix for one in files_of(path)] == [".onnx", ".data"]
    assert len(names_in(tmp_path)) == 3
    assert path.stat().st_size < whole.stat().st_size
    np.testing.assert_array_equal(count(path), count(whole))
    assert sum(len(one.raw_data) for one in read_model(path)[0].graph.initializer) > 1000


def test_new_pair_replaces_the_old_one(tmp_path):
    """Weights of an older file do not stay behind; those of another model do."""
    write_split(tmp_path / "other.onnx")
    path = write_split(tmp_path / "m.onnx", seed=0)
    (old_weights,) = files_of(path)[1:]
    before = count(path)

    write_split(path, seed=1)

    assert not old_weights.exists()
    assert len(names_in(tmp_path)) == 4
    assert not np.array_equal(count(path), before)
    write_plain(tmp_path / "expected.onnx", seed=1)
    np.testing.assert_array_equal(count(path), count(tmp_path / "expected.onnx"))


@pytest.mark.parametrize("most_bytes", [1000, 1 << 30], ids=["two files", "one file"])
def test_full_disk_leaves_the_older_file(tmp_path, most_bytes):
    """Half-way out of room: one sentence, the older file counts as before, nothing beside it."""
    path = write_split(tmp_path / "m.onnx")
    before, names = count(path), names_in(tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    resource.setrlimit(resource.RLIMIT_FSIZE, (4000, hard))
    try:
        with pytest.raises(ExportError, match=r"m\.onnx: cannot be written"), drafting(path) as at:
            write_model(plain_graph(seed=1), plain_manifest(), at, most_bytes=most_bytes)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert names_in(tmp_path) == names
    np.testing.assert_array_equal(count(path), before)


def test_any_failure_leaves_the_older_file(tmp_path):
    """What was made does not take the place if it was not proven."""
    path = write_split(tmp_path / "m.onnx")
    names = names_in(tmp_path)

    def make():
        with drafting(path) as draft:
            write_model(plain_graph(seed=1), plain_manifest(), draft)
            raise RuntimeError("not proven")

    with pytest.raises(RuntimeError, match="not proven"):
        make()

    assert names_in(tmp_path) == names


@pytest.mark.parametrize("place", ["taken/m.onnx", "folder"], ids=["in a file", "is a folder"])
def test_places_that_cannot_be_written_are_told(tmp_path, place):
    """One sentence that names the place."""
    (tmp_path / "taken").write_text("a file")
    (tmp_path / "folder").mkdir()

    with pytest.raises(ExportError, match=place), drafting(tmp_path / place):
        pytest.fail("there is nowhere to write")


def test_folder_without_permission_is_told(tmp_path, monkeypatch):
    """As the system says it; root may write anywhere, so the system's answer is played."""

    def refuse(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("exports.model_file.tempfile.mkdtemp", refuse)

    with pytest.raises(ExportError, match="Permission denied"), drafting(tmp_path / "m.onnx"):
        pytest.fail("there is nowhere to write")


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        (None, ExportError, "no such file"),
        (b"", ExportError, "cannot be read as ONNX"),
        (b"junk" * 300, ExportError, "cannot be read as ONNX"),
        ("truncated", ExportError, "cannot be read as ONNX"),
        ("foreign", ManifestError, "no Crowd Monitor manifest"),
    ],
    ids=["missing", "empty", "junk", "truncated", "of something else"],
)
def test_what_is_no_model_is_one_sentence(tmp_path, content, error, words):
    """Each names the file and what was found."""
    path = tmp_path / "m.onnx"
    if content == "truncated":
        path.write_bytes(write_plain(path).read_bytes()[:-500])
    elif content == "foreign":
        onnx.save(plain_graph(), str(path))
    elif content is not None:
        path.write_bytes(content)

    with pytest.raises(error, match=words) as raised:
        read_model(path)

    assert "m.onnx" in str(raised.value)
