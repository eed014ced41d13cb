"""One network from several: the mean of their weights."""

import itertools

import pytest
import torch

from monitor.core.bins import Bin, BinSet
from training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from training.mean_weights import main, mean_of
from training.models.build import build_counter
from training.models.config import PyramidConfig, grid_of

BINS = BinSet((Bin(0, 0), Bin(1, None)), (0.0, 1.5))
NETWORK = PyramidConfig(trunk="shufflenetv2_x0_5", grid=grid_of(8, BINS), width=8)


def checkpoint(seed, network=NETWORK):
    """A network with weights of its own."""
    torch.manual_seed(seed)
    counter = build_counter(network)
    notes = {"data": ["a"], "calibration": {"scale": 2.0}, "errors": [1.0], "step": 7}
    return Checkpoint(network, counter.state_dict(), notes)


def test_means_by_hand_and_in_any_order():
    """Every weight is the mean; whole numbers, of which there is none, stay the first one's."""
    parts = [checkpoint(seed) for seed in range(3)]

    for order in itertools.permutations(parts):
        mean = mean_of(order)
        for name, value in mean.weights.items():
            if value.is_floating_point():
                expected = sum(one.weights[name].double() for one in parts) / 3
                assert torch.allclose(value.double(), expected, atol=1e-6)
            else:
                assert torch.equal(value, order[0].weights[name])
    mean.build()
    assert mean.metadata == {"data": ["a"]}


def test_small_pictures_are_looked_at_as_by_the_first():
    """A network that learned to look at them enlarged keeps that beside one that did not."""
    enlarging = NETWORK.model_copy(update={"least_pixels": 9000})
    plain, other = checkpoint(1), checkpoint(2, enlarging)

    assert mean_of([other, plain]).network == enlarging
    assert mean_of([plain, other]).network == NETWORK


def test_mean_of_one_is_that_one():
    """The same network, for itself or with itself."""
    one = checkpoint(1)

    for mean in (mean_of([one]), mean_of([one, one])):
        assert all(torch.equal(mean.weights[name], one.weights[name]) for name in one.weights)


def test_the_command_writes_a_checkpoint(tmp_path, capsys):
    """It can be opened, and an existing file is left alone."""
    for seed in (1, 2):
        save_checkpoint(checkpoint(seed), tmp_path / f"{seed}.ckpt")
    words = [str(tmp_path / name) for name in ("mean.ckpt", "1.ckpt", "2.ckpt")]

    assert main(words) == 0
    assert load_checkpoint(tmp_path / "mean.ckpt").network == NETWORK
    assert "mean of 2 checkpoints" in capsys.readouterr().out.replace("\n", " ")
    before = (tmp_path / "1.ckpt").read_bytes()
    with pytest.raises(SystemExit) as left:
        main([words[1], words[2]])
    assert left.value.code == 2
    assert (tmp_path / "1.ckpt").read_bytes() == before


def test_other_networks_are_refused(tmp_path, capsys):
    """Weights of another width have no mean with these."""
    wide = NETWORK.model_copy(update={"width": 16})
    save_checkpoint(checkpoint(1), tmp_path / "1.ckpt")
    save_checkpoint(checkpoint(2, wide), tmp_path / "2.ckpt")

    words = [str(tmp_path / name) for name in ("mean.ckpt", "1.ckpt", "2.ckpt")]

    assert main(words) == 1
    assert "not of one network" in capsys.readouterr().err.replace("\n", " ")
    assert not (tmp_path / "mean.ckpt").exists()
