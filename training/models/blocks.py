"""Residual blocks that refine and narrow features on their way to the heads."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch.nn.functional as F
from torch import Tensor, nn

Kind = Literal["plain", "light", "lighter"]
"""How a block convolves: full 3×3; depthwise-separable twice; depthwise once, pointwise once."""


class ChannelNorm(nn.LayerNorm):
    """Layer normalization over the channels of a map, at every place by itself."""

    def forward(self, features: Tensor) -> Tensor:
        """Normalize features of shape (N, C, h, w) over C."""
        channels_last = features.permute(0, 2, 3, 1)  # (n, c, h, w) -> (n, h, w, c)
        normed = F.layer_norm(
            channels_last, self.normalized_shape, self.weight, self.bias, self.eps
        )
        return normed.permute(0, 3, 1, 2)  # (n, h, w, c) -> (n, c, h, w)


class Double(nn.Module):
    """Bilinear enlargement by two, cells (not corners) aligned."""

    def forward(self, features: Tensor) -> Tensor:
        """Enlarge features of shape (N, C, h, w) to (N, C, 2h, 2w)."""
        return F.interpolate(features, scale_factor=2.0, mode="bilinear", align_corners=False)


@dataclass(frozen=True)
class Manner:
    """How new layers are made: of what kind, and with what norm and activation."""

    norm: Literal["batch", "channel", "none"]
    """Normalization after each convolution; without any, convolutions have a bias."""
    activation: Literal["relu", "gelu"]
    """Activation after each normalization."""
    kind: Kind = "plain"
    """How a block convolves."""
    groups: int = 1
    """Groups of the 3×3 convolutions of the plain kind; if above 1, a 1×1 mixes them after."""

    def normalize(self, channels: int) -> nn.Module:
        """Make the normalization for so many channels."""
        match self.norm:
            case "batch":
                return nn.BatchNorm2d(channels)
            case "channel":
                return ChannelNorm(channels)
            case "none":
                return nn.Identity()

    def activate(self) -> nn.Module:
        """Make the activation."""
        return nn.ReLU(inplace=True) if self.activation == "relu" else nn.GELU()

    def convolve(
        self, channels_in: int, channels_out: int, *, side: int, groups: int = 1
    ) -> nn.Conv2d:
        """Make a convolution that keeps the size of the map."""
        has_bias = self.norm == "none"
        return nn.Conv2d(
            channels_in, channels_out, side, padding=side // 2, groups=groups, bias=has_bias
        )


CLASSICAL = Manner("batch", "relu")
"""Batch normalization and ReLU, as in residual networks."""


class ResidualBlock(nn.Module):
    """Stages of convolution and normalization beside a shortcut, activated after each and after.

    Args:
        stages: Each convolves and normalizes; between them, and after the sum, is an activation.
        shortcut: What the input goes through beside them.
        manner: Gives the activation.
    """

    def __init__(self, stages: Sequence[nn.Module], shortcut: nn.Module, manner: Manner) -> None:
        super().__init__()
        self.stages = nn.ModuleList(stages)
        self.shortcut = shortcut
        self.activation = manner.activate()

    def forward(self, features: Tensor) -> Tensor:
        """Refine features of shape (N, C, h, w)."""
        refined = features
        for index, stage in enumerate(self.stages):
            refined = stage(refined if index == 0 else self.activation(refined))
        activated: Tensor = self.activation(refined + self.shortcut(features))
        return activated


def refine_block(channels_in: int, channels_out: int, manner: Manner) -> ResidualBlock:
    """Make a block of two stages, of the manner's kind.

    Args:
        channels_in: Channels that come in.
        channels_out: Channels that go out.
        manner: Kind, groups, norm and activation.

    Returns:
        The block; its shortcut is the identity where the channels stay, else a 1×1 convolution.

    Source:
        ZIP (arXiv 2506.19955), residual blocks of its four sizes; with batch normalization, ReLU
        and no groups the plain kind is the basic block of ResNet (arXiv 1512.03385).
    """
    match manner.kind:
        case "plain":
            first = _grouped(channels_in, channels_out, manner)
            second = _grouped(channels_out, channels_out, manner)
        case "light":
            first = _separable(channels_in, channels_out, manner)
            second = _separable(channels_out, channels_out, manner)
        case "lighter":
            depthwise = manner.convolve(channels_in, channels_in, side=3, groups=channels_in)
            first = _stage({"conv": depthwise}, channels_in, manner)
            pointwise = manner.convolve(channels_in, channels_out, side=1)
            second = _stage({"conv": pointwise}, channels_out, manner)
    return ResidualBlock((first, second), _shortcut(channels_in, channels_out, manner), manner)


def bottleneck_block(channels_in: int, channels_out: int) -> ResidualBlock:
    """Make a 1×1, 3×3, 1×1 block, all as wide as its output, with batch normalization and ReLU."""
    manner = CLASSICAL
    sides = ((channels_in, 1), (channels_out, 3), (channels_out, 1))
    stages = [
        _stage({"conv": manner.convolve(width, channels_out, side=side)}, channels_out, manner)
        for width, side in sides
    ]
    return ResidualBlock(stages, _shortcut(channels_in, channels_out, manner), manner)


def halve_block(channels: int, manner: Manner) -> ResidualBlock:
    """Make a block that halves the sides of the map by averaging, then refines it twice."""
    stages = (
        _stage({"conv": nn.AvgPool2d(2)}, channels, manner),
        _grouped(channels, channels, manner),
        _grouped(channels, channels, manner),
    )
    shortcut = nn.Sequential(
        OrderedDict(
            pool=nn.AvgPool2d(2),
            conv=manner.convolve(channels, channels, side=1),
            norm=manner.normalize(channels),
        )
    )
    return ResidualBlock(stages, shortcut, manner)


def initialize(module: nn.Module) -> None:
    """Give new convolutions weights by Kaiming's rule (fan-out, ReLU), zero bias; norms 1 and 0.

    Source:
        He et al. (arXiv 1502.01852); the choice of both published programs.
    """
    for one in module.modules():
        if isinstance(one, nn.Conv2d):
            nn.init.kaiming_normal_(one.weight, mode="fan_out", nonlinearity="relu")
            if one.bias is not None:
                nn.init.zeros_(one.bias)
        elif isinstance(one, nn.BatchNorm2d | ChannelNorm):
            nn.init.ones_(one.weight)
            nn.init.zeros_(one.bias)


def manner_of(trunk: nn.Module) -> Manner:
    """Say which norm and activation go with a trunk, from the first normalization found in it."""
    for module in trunk.modules():
        if isinstance(module, nn.BatchNorm2d):
            return Manner("batch", "relu")
        if isinstance(module, nn.LayerNorm):
            return Manner("channel", "gelu")
    return Manner("none", "gelu")


def _stage(parts: dict[str, nn.Module], channels: int, manner: Manner) -> nn.Sequential:
    return nn.Sequential(OrderedDict(**parts, norm=manner.normalize(channels)))


def _grouped(channels_in: int, channels_out: int, manner: Manner) -> nn.Sequential:
    parts: dict[str, nn.Module] = {
        "conv": manner.convolve(channels_in, channels_out, side=3, groups=manner.groups)
    }
    if manner.groups > 1:
        parts["mix"] = manner.convolve(channels_out, channels_out, side=1)
    return _stage(parts, channels_out, manner)


def _separable(channels_in: int, channels_out: int, manner: Manner) -> nn.Sequential:
    depthwise = manner.convolve(channels_in, channels_in, side=3, groups=channels_in)
    pointwise = manner.convolve(channels_in, channels_out, side=1)
    return _stage({"conv": depthwise, "mix": pointwise}, channels_out, manner)


def _shortcut(channels_in: int, channels_out: int, manner: Manner) -> nn.Module:
    if channels_in == channels_out:
        return nn.Identity()
    return _stage(
        {"conv": manner.convolve(channels_in, channels_out, side=1)}, channels_out, manner
    )
