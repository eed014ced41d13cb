"""Residual blocks."""

import pytest
import torch
import torch.nn.functional as F
from timm.models.resnet import BasicBlock
from torch import nn

from training.models.blocks import (
    CLASSICAL,
    ChannelNorm,
    Double,
    Kind,
    Manner,
    bottleneck_block,
    halve_block,
    initialize,
    manner_of,
    refine_block,
)


@pytest.fixture
def features() -> torch.Tensor:
    return torch.randn(2, 6, 5, 4, generator=torch.Generator().manual_seed(0))


def test_channel_norm_is_per_place(features: torch.Tensor) -> None:
    """Every place has mean 0 and variance 1 over its channels."""
    normed = ChannelNorm(6)(features)

    torch.testing.assert_close(normed.mean(dim=1), torch.zeros(2, 5, 4), atol=1e-6, rtol=0)
    variance = normed.var(dim=1, unbiased=False)
    torch.testing.assert_close(variance, torch.ones(2, 5, 4), atol=1e-3, rtol=0)


def test_double_interpolates_between_cells() -> None:
    """Cells are aligned by their edges: a quarter and three quarters between neighbors."""
    doubled = Double()(torch.tensor([0.0, 4.0]).view(1, 1, 1, 2))

    assert doubled.flatten().tolist() == [0, 1, 3, 4, 0, 1, 3, 4]


def test_plain_block_is_the_basic_block_of_resnet(features: torch.Tensor) -> None:
    """With batch normalization and ReLU it computes what a library's basic block computes."""
    torch.manual_seed(1)
    ours, theirs = refine_block(6, 6, CLASSICAL), BasicBlock(6, 6)
    places = (("0.conv", "conv1"), ("0.norm", "bn1"), ("1.conv", "conv2"), ("1.norm", "bn2"))
    for place, name in places:
        part = ours.get_submodule(f"stages.{place}")
        theirs.get_submodule(name).load_state_dict(part.state_dict())

    torch.testing.assert_close(ours.eval()(features), theirs.eval()(features))


def test_bottleneck_by_formula(features: torch.Tensor) -> None:
    """1×1, 3×3, 1×1 at full width, ReLU between, shortcut added, ReLU after."""
    torch.manual_seed(2)
    block = bottleneck_block(6, 4).eval()
    weights = [block.get_submodule(f"stages.{index}.conv").weight for index in range(3)]
    scale = 1 / (1 + 1e-5) ** 0.5  # fresh batch normalization in evaluation

    inner = F.relu(F.conv2d(features, weights[0]) * scale)
    inner = F.relu(F.conv2d(inner, weights[1], padding=1) * scale)
    beside = F.conv2d(features, block.get_submodule("shortcut.conv").weight) * scale

    expected = F.relu(F.conv2d(inner, weights[2]) * scale + beside)
    torch.testing.assert_close(block(features), expected)


@pytest.mark.parametrize(
    ("kind", "groups", "parameters"),
    [
        ("plain", 1, 2 * 9 * 36),
        ("plain", 2, 2 * (9 * 36 // 2 + 36)),
        ("light", 1, 2 * (9 * 6 + 36)),
        ("lighter", 1, 9 * 6 + 36),
    ],
)
def test_kinds_have_the_weights_of_their_description(
    features: torch.Tensor, kind: Kind, groups: int, parameters: int
) -> None:
    """Numbers of weights without norms follow from the description of each kind."""
    block = refine_block(6, 6, Manner("batch", "relu", kind, groups))

    convolutions = [one for one in block.modules() if isinstance(one, nn.Conv2d)]
    assert sum(one.weight.numel() for one in convolutions) == parameters
    assert all(one.bias is None for one in convolutions)
    assert block(features).shape == features.shape


def test_without_norm_convolutions_have_a_bias(features: torch.Tensor) -> None:
    """A trunk without normalization gets blocks without, which then need a bias."""
    block = refine_block(6, 4, Manner("none", "gelu"))

    assert all(one.bias is not None for one in block.modules() if isinstance(one, nn.Conv2d))
    assert block(features).shape == (2, 4, 5, 4)


def test_halving(features: torch.Tensor) -> None:
    """Both ways through the block average over two by two."""
    block = halve_block(6, Manner("channel", "gelu"))

    assert block(features[:, :, :4]).shape == (2, 6, 2, 2)
    assert len(block.stages) == 3


def test_first_weights_keep_the_variance() -> None:
    """Kaiming's rule for ReLU by fan-out: standard deviation √(2 / (outputs · area))."""
    torch.manual_seed(0)
    convolution = nn.Conv2d(64, 128, 3)

    initialize(convolution)

    weight, bias = convolution.weight.detach(), convolution.bias
    assert float(weight.std()) == pytest.approx((2 / (128 * 9)) ** 0.5, rel=0.02)
    assert bias is not None
    assert not bias.detach().any()


@pytest.mark.parametrize(
    ("trunk", "expected"),
    [
        (nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4), nn.LayerNorm(4)), ("batch", "relu")),
        (nn.Sequential(nn.LayerNorm(4), nn.BatchNorm2d(4)), ("channel", "gelu")),
        (nn.Conv2d(3, 4, 1), ("none", "gelu")),
    ],
    ids=["batch first", "layer first", "none"],
)
def test_manner_follows_the_first_norm(trunk: nn.Module, expected: tuple[str, str]) -> None:
    """New layers are normalized like the trunk they follow."""
    manner = manner_of(trunk)

    assert (manner.norm, manner.activation) == expected
