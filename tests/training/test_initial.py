"""A run that goes on from a checkpoint takes from it what still fits."""

import json

import pytest
import torch

from monitor.core.bins import Bin, BinSet
from tests.rigs.tiny_clip import RESNET
from training.checkpoint import Checkpoint, save_checkpoint
from training.config import FitConfig
from training.errors import TrainingError
from training.initial import adapted_network, initial_counter, kept_bins, read_initial
from training.models.build import build_counter
from training.models.start import start_counter
from training.naming import network_for

pytestmark = pytest.mark.slow

OLD = BinSet((Bin(0, 0), Bin(1, 1), Bin(2, None)), (0.0, 1.0, 2.5))
SAME_BINS = BinSet(OLD.bins, (0.0, 1.0, 3.5))
NEW = BinSet((Bin(0, 0), Bin(1, 2), Bin(3, None)), (0.0, 1.4, 3.3))
"""As many bins as before, and other ones: shapes alone would not tell."""


def config_for(**options):
    """Options of a run."""
    return FitConfig(data=({"folder": "x"},), **options)


def checkpoint_of(model, **options):
    """A network with random weights that differ from those of any other."""
    network = network_for(config_for(model=model, **options), OLD)
    weights = start_counter(network, weights=None).state_dict()
    return Checkpoint(network, weights)


def go_on(checkpoint, bins, **options):
    """Build the network of a run that goes on from a checkpoint."""
    config = config_for(**options)
    network = adapted_network(config, checkpoint.network, bins)
    return network, initial_counter(config, network, checkpoint).state_dict()


def changed(checkpoint, weights):
    """Names of the weights that are not the checkpoint's."""
    return {name for name, one in weights.items() if not torch.equal(one, checkpoint.weights[name])}


@pytest.mark.parametrize("model", ["ebc:csrnet", "zip:P"])
def test_same_bins_keep_all_but_what_they_stand_for(model):
    """The data's own mean counts replace those of the checkpoint."""
    checkpoint = checkpoint_of(model)
    network, weights = go_on(checkpoint, SAME_BINS)

    assert {name.rpartition(".")[2] for name in changed(checkpoint, weights)} == {"values"}
    assert network.grid.bin_set() == SAME_BINS


def test_a_pyramid_goes_on_at_its_own_size_unless_told_otherwise():
    """How small pictures are looked at belongs to the network; an option changes it."""
    checkpoint = checkpoint_of("ebc-shufflenet", block=8, least_pixels=5000)

    assert go_on(checkpoint, SAME_BINS)[0].least_pixels == 5000
    assert go_on(checkpoint, SAME_BINS, least_pixels=9000)[0].least_pixels == 9000
    assert go_on(checkpoint, SAME_BINS, least_pixels=0)[0].least_pixels == 0


def test_a_pyramid_gets_a_branch_for_details_that_begins_as_nothing():
    """All weights stay; what is new adds nothing yet."""
    checkpoint = checkpoint_of("ebc-shufflenet", block=8)
    network, weights = go_on(checkpoint, OLD, detail=12)

    assert network.detail == 12
    assert {name for name in weights if not name.startswith("detail.")} == set(checkpoint.weights)
    for name, value in checkpoint.weights.items():
        assert torch.equal(weights[name], value)
    grown, before = build_counter(network).eval(), build_counter(checkpoint.network).eval()
    grown.load_state_dict(weights)
    before.load_state_dict(checkpoint.weights)
    picture = torch.rand(1, 3, 64, 96)
    assert torch.equal(grown(picture).density, before(picture).density)
    # From there on the branch is a part of the network like any other.
    again = Checkpoint(network, weights)
    assert changed(again, go_on(again, OLD)[1]) == set()
    assert go_on(again, OLD, detail=12)[0] == network
    for other in (0, 8):
        with pytest.raises(TrainingError, match="a branch of 12 channels already"):
            go_on(again, OLD, detail=other)


def test_other_bins_start_the_head_anew(capsys):
    """The features stay to the last bit; the head does not; and it is said."""
    checkpoint = checkpoint_of("zip:P")
    _, weights = go_on(checkpoint, NEW)

    found = changed(checkpoint, weights)
    assert {"head.count.weight", "head.empty.weight"} <= found
    assert all(name.startswith("head.") for name in found)
    assert "the head is started anew" in capsys.readouterr().out


def test_clip_with_other_bins_needs_its_text_tower(tmp_path):
    """New sentences must be read by the tower whose weights the model has."""
    (tmp_path / "t.json").write_text(json.dumps(RESNET))
    checkpoint = checkpoint_of(f"clip-ebc:{tmp_path / 't.json'}", crop_px=64)

    with pytest.raises(TrainingError, match="--pretrained openai"):
        go_on(checkpoint, NEW)
    _, weights = go_on(checkpoint, SAME_BINS)
    assert changed(checkpoint, weights) == {"head.expectation.values"}


def test_bins_come_from_the_file_unless_asked_for():
    """Left alone, bins and their values are those of the checkpoint."""
    checkpoint = checkpoint_of("zip:P")

    assert kept_bins(config_for(), checkpoint) == OLD
    assert kept_bins(config_for(bins="0,1+"), checkpoint) is None
    assert kept_bins(config_for(), None) is None


def test_the_network_is_the_files_own(tmp_path):
    """Options that describe another one are refused by name; without them it is read."""
    path = tmp_path / "old.ckpt"
    checkpoint = checkpoint_of("regression:csrnet")
    save_checkpoint(checkpoint, path)

    assert read_initial(config_for(init=str(path))).network == checkpoint.network
    with pytest.raises(TrainingError, match="leave --block, --vpt away"):
        read_initial(config_for(init=str(path), vpt=3, block=16))


def test_weights_that_do_not_fit_are_named():
    """A file whose weights and description differ is not half loaded."""
    checkpoint = checkpoint_of("zip:P")
    weights = dict(checkpoint.weights)
    name = next(iter(weights))
    del weights[name]

    with pytest.raises(TrainingError, match=name):
        go_on(Checkpoint(checkpoint.network, weights), SAME_BINS)
