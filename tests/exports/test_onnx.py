"""A model file counts what its checkpoint counts, says what it is, and is written whole or not.

What is folded computes less and counts the same.
"""

import json

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import nn

from exports.__main__ import main
from exports.trace import folded
from monitor.core.bins import BinSet, mean_values, parse_bins
from monitor.core.manifest import METADATA_KEY
from monitor.inference.files import default_model
from monitor.inference.model import load_model
from tests.rigs.labelled import write_common
from tests.rigs.plain_counter import write_plain
from training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint, sha256_of
from training.counting import count_picture
from training.evaluate import main as evaluate
from training.models.build import build_counter
from training.models.config import PyramidConfig, grid_of

pytestmark = pytest.mark.slow

BINS = parse_bins("0,1,2,3,4+")
FINE = BinSet(BINS, mean_values(BINS, [900, 60, 20, 8, 5, 1]))
NOTES = {
    "data": [{"name": "dots", "pictures": 4, "licence": "made for tests"}],
    "errors": [{"split": "dots", "pictures": 2, "mae": 1.0, "rmse": 1.5, "nae": 0.2}],
    "calibration": {"variance_factor": 2.5, "level": 0.9, "coverage": 0.88, "pictures": 2},
}


def save(network, path, *, seed=0):
    """Save a network with random weights that answer differently to different pictures."""
    torch.manual_seed(seed)
    counter = build_counter(network)
    for module in counter.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.running_mean, -0.2, 0.2)
            torch.nn.init.uniform_(module.running_var, 0.5, 1.5)
    save_checkpoint(Checkpoint(network, counter.state_dict(), NOTES), path)
    return path


PYRAMID = PyramidConfig(trunk="mobilenetv4_conv_small_050", grid=grid_of(8, FINE))


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Give a checkpoint and the file made from it, for the tests that only read them."""
    folder = tmp_path_factory.mktemp("exported")
    checkpoint = save(PYRAMID, folder / "m.ckpt", seed=1)
    assert main(["onnx", str(checkpoint), str(folder / "m.onnx"), "--name", "dots"]) == 0
    return checkpoint, folder / "m.onnx"


def test_several_pictures_at_once_count_as_alone(exported):
    """The batch is free: three pictures in one run give what each gives alone."""
    session = onnxruntime.InferenceSession(exported[1], providers=["CPUExecutionProvider"])
    frames = np.random.default_rng(0).integers(0, 256, (3, 64, 96, 3), dtype=np.uint8)

    together = session.run(None, {"frames": frames})

    for index in range(3):
        alone = session.run(None, {"frames": frames[index : index + 1]})
        for one, other in zip(together, alone, strict=True):
            np.testing.assert_allclose(one[index], other[0], atol=1e-5)


def test_file_says_what_it_is(exported, capsys):
    """Manifest, errors, calibration and hash are in the file; no path of the maker is."""
    checkpoint, path = exported

    model = onnx.load(str(path))

    onnx.checker.check_model(model, full_check=True)
    manifest = json.loads({one.key: one.value for one in model.metadata_props}[METADATA_KEY])
    assert manifest["name"] == "dots"
    assert manifest["checkpoint_sha256"] == sha256_of(checkpoint)
    assert manifest["errors"][0]["mae"] == 1.0
    assert manifest["calibration"]["variance_factor"] == 2.5
    assert [one["value"] for one in manifest["bins"]] == pytest.approx(list(FINE.values))
    assert str(path.parent).encode() not in path.read_bytes()
    assert b"site-packages" not in path.read_bytes()
    assert "BatchNormalization" not in {node.op_type for node in model.graph.node}
    capsys.readouterr()
    assert main(["info", str(path)]) == 0
    words = capsys.readouterr().out
    for expected in ("counts people by ebc", "MAE 1.00", "made for tests", "88%", "4+"):
        assert expected in words


@pytest.mark.parametrize("kind", [("--dynamic",), ("--fixed", "64", "96"), ("--precision", "fp16")])
def test_small_pictures_are_enlarged_in_the_graph(tmp_path, capsys, kind):
    """Any size counts as in torch; the file says so, and what a picture costs is still known."""
    network = PYRAMID.model_copy(update={"least_pixels": 4 * 96 * 128})
    checkpoint = save(network, tmp_path / "m.ckpt", seed=3)
    path = tmp_path / "m.onnx"

    assert main(["onnx", str(checkpoint), str(path), *kind]) == 0  # this compares the two
    capsys.readouterr()
    assert main(["info", str(path)]) == 0
    words = capsys.readouterr().out

    assert "the model enlarges those below 49,152 pixels" in words
    assert "work unknown" not in words
    model = load_model(path)
    counter = load_checkpoint(checkpoint).build().eval()
    for size in ((40, 50), (96, 128), (250, 260)):
        image = np.random.default_rng(1).integers(0, 256, (*size, 3), dtype=np.uint8)
        wanted, _ = count_picture(counter, image, model.plan(size))
        found, _ = model.count_blocks(image)
        assert found.shape == wanted.shape
        assert found.sum() == pytest.approx(wanted.sum(), rel=1e-2 if "fp16" in kind else 1e-4)


def test_other_weights_are_told_apart(exported, tmp_path):
    """Verify fails when the file was made from another checkpoint."""
    checkpoint, path = exported
    other = save(PYRAMID, tmp_path / "other.ckpt", seed=2)

    assert main(["verify", str(path), "--against", str(checkpoint)]) == 0
    assert main(["verify", str(path), "--against", str(other)]) == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "no such checkpoint"), (b"", "m.ckpt"), (b"junk" * 100, "m.ckpt")],
    ids=["missing", "empty", "junk"],
)
def test_bad_checkpoint_is_one_sentence(tmp_path, capsys, content, words):
    """No traceback, exit code 1, and nothing is written."""
    path = tmp_path / "m.ckpt"
    if content is not None:
        path.write_bytes(content)

    assert main(["onnx", str(path), str(tmp_path / "out.onnx")]) == 1

    assert words in capsys.readouterr().err
    assert [one.name for one in tmp_path.iterdir() if one.suffix != ".ckpt"] == []


def test_truncated_checkpoint_is_one_sentence(tmp_path, capsys):
    """Half a download: the file is named, and nothing is written."""
    path = tmp_path / "m.ckpt"
    torch.save({"weights": torch.zeros(5000)}, path)
    path.write_bytes(path.read_bytes()[:9000])

    assert main(["onnx", str(path), str(tmp_path / "out.onnx")]) == 1

    assert "damaged" in capsys.readouterr().err
    assert [one.name for one in tmp_path.iterdir()] == ["m.ckpt"]


def test_checkpoint_of_another_program_is_told(tmp_path, capsys):
    """A torch file that is not ours points to the importer; code in a file is never run."""
    torch.save({"state_dict": {}}, tmp_path / "m.ckpt")
    assert main(["onnx", str(tmp_path / "m.ckpt"), str(tmp_path / "out.onnx")]) == 1
    assert "exports import" in capsys.readouterr().err

    torch.save({"format": print}, tmp_path / "m.ckpt")
    assert main(["onnx", str(tmp_path / "m.ckpt"), str(tmp_path / "out.onnx")]) == 1
    assert "more than plain data" in capsys.readouterr().err


def test_unwritable_place_leaves_nothing(tmp_path, capsys):
    """A folder in the place of the file: one sentence, and nothing half-written beside it."""
    source = write_plain(tmp_path / "m.onnx")
    (tmp_path / "taken").write_text("a file, not a folder")
    out = tmp_path / "taken" / "out.onnx"

    assert main(["onnx", str(source), str(out), "--precision", "fp16"]) == 1

    assert "cannot be written" in capsys.readouterr().err
    assert sorted(one.name for one in tmp_path.iterdir()) == ["m.onnx", "taken"]


def test_scored_file_equals_scored_checkpoint(exported, tmp_path, capsys):
    """Evaluate gives the same table for the checkpoint and for the file made from it."""
    data = write_common(tmp_path / "dots", [3, 5, 8], held_out=2)
    capsys.readouterr()
    tables = []
    for model in exported:
        assert evaluate([str(model), "--data", str(data)]) == 0
        tables.append(capsys.readouterr().out)

    assert tables[0] == tables[1]
    assert evaluate([str(tmp_path / "none.onnx"), "--data", str(data)]) == 1
    assert "no such model file" in capsys.readouterr().err


def test_the_shipped_network_needs_no_normalization():
    """Every one is in its convolution while folded, counts are the same, and all is put back."""
    counter = load_checkpoint(default_model().with_suffix(".ckpt")).build()
    picture = torch.rand(1, 3, 64, 96, generator=torch.Generator().manual_seed(1))
    before = dict(counter.state_dict())
    with torch.no_grad():
        expected = counter(picture)
        with folded(counter):
            found = counter(picture)
            left = [one for one in counter.modules() if isinstance(one, nn.BatchNorm2d)]

    assert left == []
    torch.testing.assert_close(found.density, expected.density, rtol=1e-4, atol=1e-6)
    after = counter.state_dict()
    assert after.keys() == before.keys()
    assert all(torch.equal(after[key], before[key]) for key in before)


def test_normalization_that_still_learns_is_left():
    """Folding takes the statistics as they are; a network in training has others."""
    sequence = nn.Sequential(nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4))).train()

    with folded(sequence):
        assert any(isinstance(one, nn.BatchNorm2d) for one in sequence.modules())
