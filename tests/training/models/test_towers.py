"""CLIP's image towers as trunks."""

import pytest
import torch
from open_clip.timm_model import TimmModel
from torch import nn

from tests.rigs.tiny_clip import tiny_resnet, tiny_vit
from training.models.config import Tower, VisualPrompts
from training.models.towers import (
    ResnetTower,
    StagedTower,
    build_visual,
    dense_tower,
    embedding_width,
    is_transformer,
    keep_size,
    tower_architecture,
)


def test_resnet_features_are_open_clips() -> None:
    """With its last stride, the tower gives what open_clip pools by attention."""
    torch.manual_seed(0)
    visual = build_visual(tiny_resnet()).eval()
    pictures = torch.randn(1, 3, 64, 96)
    expected = visual.layer4(visual.layer3(visual.layer2(visual.layer1(visual.stem(pictures)))))

    tower = dense_tower(visual, tiny_resnet(), last_stride_removed=False, antialiases=False)

    assert isinstance(tower, ResnetTower)
    assert (tower.stride_px, tower.channels) == (32, 256)
    torch.testing.assert_close(tower(pictures), expected)


def test_last_stride_removed() -> None:
    """Twice as many features each way, from the same weights."""
    tower = dense_tower(
        build_visual(tiny_resnet()), tiny_resnet(), last_stride_removed=True, antialiases=False
    )

    assert tower.stride_px == 16
    assert tower(torch.zeros(1, 3, 64, 96)).shape == (1, 256, 4, 6)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "channels"), [("convnext_base_w_320", 1024), ("MobileCLIP-S1", 1024)]
)
def test_staged_towers_are_timms(name: str, channels: int) -> None:
    """ConvNeXt and FastViT give the features that timm's own forward gives."""
    torch.manual_seed(0)
    tower = Tower(name=name)
    visual = build_visual(tower).eval()
    assert isinstance(visual, TimmModel)
    pictures = torch.randn(1, 3, 64, 64)

    dense = dense_tower(visual, tower, last_stride_removed=False, antialiases=False)

    assert isinstance(dense, StagedTower)
    assert (dense.stride_px, dense.channels) == (32, channels)
    with torch.inference_mode():
        expected = visual.trunk.forward_features(pictures)
        torch.testing.assert_close(dense.eval()(pictures), expected)


def test_prompts_and_windows_are_for_transformers() -> None:
    """A residual network cannot be prompted and takes pictures whole."""
    for wrong in ({"prompts": VisualPrompts()}, {"window_px": 224}):
        tower = tiny_resnet().model_copy(update=wrong)
        with pytest.raises(ValueError, match="no vision transformer"):
            dense_tower(build_visual(tower), tower, last_stride_removed=True, antialiases=False)


def test_towers_without_dense_features_are_refused() -> None:
    """EVA is a transformer of its own kind, which gives no map here."""
    tower = Tower(name="EVA02-B-16")
    with torch.device("meta"):
        visual = build_visual(tower)

    with pytest.raises(ValueError, match="no dense features"):
        dense_tower(visual, tower, last_stride_removed=False, antialiases=False)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ViT-B-32", True),
        ("MobileCLIP-B", True),
        ("MobileCLIP2-L-14", True),
        ("MobileCLIP-S1", False),
        ("RN50", False),
        ("convnext_base", False),
    ],
)
def test_transformers_are_told_from_the_others(name: str, expected: bool) -> None:
    """Those of open_clip and of timm alike, whatever their names begin with."""
    assert is_transformer(Tower(name=name)) == expected


def test_architectures() -> None:
    """Known names are looked up, own ones are taken, others are refused; nothing is shared."""
    assert embedding_width(Tower(name="RN50x4")) == 640
    assert embedding_width(tiny_vit()) == 16
    tower_architecture(tiny_vit())["embed_dim"] = 7
    assert embedding_width(tiny_vit()) == 16
    with pytest.raises(ValueError, match="no model 'RN51'"):
        tower_architecture(Tower(name="RN51"))


def test_keep_size_takes_out_every_stride() -> None:
    """Strided convolutions and poolings, nested or not, keep the size after."""
    stage = nn.Sequential(
        nn.Conv2d(2, 2, 3, stride=2, padding=1), nn.Sequential(nn.AvgPool2d(2), nn.Conv2d(2, 2, 1))
    )

    keep_size(stage)

    assert stage(torch.zeros(1, 2, 6, 8)).shape == (1, 2, 6, 8)
