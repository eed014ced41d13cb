"""Limits and separations by hand.

A network that is taught which pictures it knows, from checkpoint to model file.
"""

import cv2
import numpy as np
import pytest
import torch

from exports.__main__ import main as export
from monitor.core.bins import Bin, BinSet
from monitor.inference.model import load_model
from tests.rigs.labelled import dotted_picture, write_picture
from training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from training.data.folder import SplitSet, write_folder
from training.data.foreign import FOREIGN
from training.data.labelled import LabelledPicture, LabelledSet
from training.models.build import build_counter
from training.models.config import Colors, PyramidConfig, RegressionConfig, grid_of
from training.novelty import FALSE_SHARE, even_shares, limit_of, main, separation


def test_every_set_has_the_same_say():
    """Two pictures of one set weigh as much as four of another."""
    assert even_shares([2, 4]).tolist() == pytest.approx([0.25] * 2 + [0.125] * 4)
    assert even_shares([3, 0]).tolist() == pytest.approx([1 / 3] * 3)


def test_limit_leaves_the_stated_share_above():
    """Of a thousand distances evenly spread, 2 % lie above."""
    found = limit_of([list(np.linspace(0, 1, 1000))])

    assert found.limit == pytest.approx(1 - FALSE_SHARE, abs=0.002)
    assert found.false_share == pytest.approx(FALSE_SHARE, abs=0.002)


def test_nothing_known_is_refused():
    """No pictures, no limit."""
    with pytest.raises(ValueError, match="no pictures"):
        limit_of([[], []])


def test_separation_by_hand():
    """Of the six pairs, four and a half are in order; one of the two foreign ones is found."""
    found = separation([1.0, 2.0, 3.0], [2.0, 4.0], limit=3.0)

    assert found.auroc == pytest.approx(4.5 / 6)
    assert found.found == 0.5


@pytest.mark.parametrize("kind", FOREIGN)
def test_spoilt_pictures_are_pictures(kind):
    """Same size, same type, something else than before, the same again for the same chance."""
    image = np.random.default_rng(5).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    spoilt, again = (FOREIGN[kind](image, np.random.default_rng(1)) for _ in range(2))

    assert spoilt.shape == image.shape
    assert spoilt.dtype == np.uint8
    assert not np.array_equal(spoilt, image)
    assert np.array_equal(spoilt, again)
    assert torch.from_numpy(spoilt).numel() == image.size


SIZE_HW = (64, 96)
BINS = BinSet((Bin(0, 0), Bin(1, None)), (0.0, 1.5))
NETWORK = PyramidConfig(trunk="shufflenetv2_x0_5", grid=grid_of(8, BINS), width=8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Eighty dotted pictures, ten of them held out."""
    source = tmp_path_factory.mktemp("source")
    pictures = []
    for seed in range(80):
        image, points = dotted_picture(SIZE_HW, seed % 9, seed=seed)
        path = write_picture(source / f"{seed:02d}.png", image)
        pictures.append(LabelledPicture(path, SIZE_HW, points))
    labelled = LabelledSet("dots", "made for tests", tuple(pictures))
    folder = tmp_path_factory.mktemp("sets") / "dots"
    write_folder(SplitSet(labelled, (False,) * 70 + (True,) * 10, "ten"), folder)
    return folder


def checkpoint(path, network):
    """An untrained network on disk."""
    torch.manual_seed(7)
    save_checkpoint(Checkpoint(network, build_counter(network).state_dict()), path)
    return path


def test_a_taught_model_knows_its_own_and_not_the_foreign(tmp_path, folder, capsys):
    """Dotted pictures it never saw are known; noise, stripes and darkness are not.

    Even random weights describe pictures well enough to tell these apart.
    """
    path = checkpoint(tmp_path / "model.ckpt", NETWORK)
    before = load_checkpoint(path).build()
    assert main([str(path), "--data", str(folder)]) == 0
    text = capsys.readouterr().out
    assert "night" in text
    assert "AUROC" in text
    assert main([str(path), "--data", str(folder)]) == 0  # once more: nothing piles up

    taught = load_checkpoint(path)
    file = tmp_path / "model.onnx"
    assert export(["onnx", str(path), str(file)]) == 0
    model = load_model(file)

    known = [dotted_picture(SIZE_HW, people, seed=500 + people)[0] for people in range(9)]
    noise = np.random.default_rng(1).integers(0, 256, (*SIZE_HW, 3), dtype=np.uint8)
    stripes = np.where(np.indices(SIZE_HW)[1] // 5 % 2, 255, 0).astype(np.uint8)
    foreign = [noise, cv2.merge([stripes] * 3), np.zeros((*SIZE_HW, 3), np.uint8)]
    assert sum(model.predict(one[..., ::-1].copy()).is_novel for one in known) <= 1
    assert all(model.predict(one).is_novel for one in foreign)
    assert model.manifest.novelty is not None
    assert model.manifest.novelty.limit == taught.metadata["novelty"]["limit"]
    picture = torch.rand(1, 3, *SIZE_HW)
    assert torch.equal(before(picture).density, taught.build()(picture).density)


def test_other_networks_are_refused(tmp_path, folder, capsys):
    """One sentence that says which can be taught."""
    colors = Colors(mean=(0, 0, 0), std=(1, 1, 1))
    network = RegressionConfig(backbone="resnet18", block_px=32, colors=colors)
    path = checkpoint(tmp_path / "other.ckpt", network)

    assert main([str(path), "--data", str(folder)]) == 1

    assert "only a pyramid" in " ".join(capsys.readouterr().err.split())


def test_too_few_pictures_are_wrong_use(capsys):
    """Before anything is opened."""
    with pytest.raises(SystemExit) as caught:
        main(["model.ckpt", "--data", "set", "--pictures", "64"])

    assert caught.value.code == 2
    assert "above 64" in capsys.readouterr().err
