"""Trunks and decoders cut from VGG: plain, DM-Count's encoder-decoder, CSRNet and CANNet.

The layers of a trunk stand where torchvision has them, so that its weights can be taken over.
"""

from collections.abc import Sequence
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchvision.models.vgg import cfgs as VGG_PLANS
from torchvision.models.vgg import make_layers

PLAN_OF_DEPTH = {"vgg11": "A", "vgg13": "B", "vgg16": "D", "vgg19": "E"}
"""Which of torchvision's plans belongs to which depth."""

TRUNK_CHANNELS = 512
"""Channels that every trunk here ends with."""

_CSRNET_STAGES = 3  # poolings before CSRNet's trunk ends, hence its stride of 8
_CSRNET_CONVOLUTIONS = 10  # of VGG-16
_CSRNET_DECODER = (512, 512, 512, 256, 128, 64)
_CONTEXT_SIDES = (1, 2, 3, 6)  # cells that the context module averages over, along each side
_EPSILON = 1e-6  # keeps the context module's mean defined where all weights vanish


def vgg_trunk(depth: str, *, has_norm: bool) -> nn.Sequential:
    """Make VGG's convolutions without the last pooling: stride 16, 512 channels.

    Args:
        depth: `vgg11`, `vgg13`, `vgg16` or `vgg19`.
        has_norm: Whether each convolution is followed by batch normalization.

    Returns:
        Layers at the indices where torchvision has them.
    """
    return cast(
        "nn.Sequential", make_layers(VGG_PLANS[PLAN_OF_DEPTH[depth]][:-1], batch_norm=has_norm)
    )


def csrnet_trunk(*, has_norm: bool) -> nn.Sequential:
    """Make the first ten convolutions of VGG-16: stride 8, 512 channels."""
    plan: list[str | int] = []
    convolutions = 0
    for entry in VGG_PLANS[PLAN_OF_DEPTH["vgg16"]]:
        if convolutions == _CSRNET_CONVOLUTIONS:
            break
        plan.append(entry)
        convolutions += entry != "M"
    if plan.count("M") != _CSRNET_STAGES:
        raise AssertionError("ten convolutions of VGG-16 lie after three poolings")
    return cast("nn.Sequential", make_layers(plan, batch_norm=has_norm))


def csrnet_decoder(*, has_norm: bool) -> nn.Sequential:
    """Make CSRNet's dilated decoder.

    Args:
        has_norm: Whether each convolution is followed by batch normalization.

    Returns:
        Layers from 512 channels to 64 that keep the size.

    Source:
        CSRNet, configuration B (arXiv 1802.10062).
    """
    return _convolutions(TRUNK_CHANNELS, _CSRNET_DECODER, dilation=2, has_norm=has_norm)


def dm_count_decoder() -> nn.Sequential:
    """Make the two convolutions after the enlargement in BL and DM-Count.

    Returns:
        Layers from 512 channels to 128 that keep the size.

    Source:
        DM-Count (arXiv 2009.13077), without its last layer, the density.
    """
    return _convolutions(TRUNK_CHANNELS, (256, 128), dilation=1, has_norm=False)


def average_cells(features: Tensor, side_cells: int) -> Tensor:
    """Average features over a coarse grid of cells, as adaptive average pooling does.

    Written as products with two matrices of weights, because adaptive pooling of maps of any size
    cannot be written into an ONNX file.

    Args:
        features: Shape (N, C, h, w).
        side_cells: Cells along each side; neighbors overlap where a side is no multiple.

    Returns:
        Shape (N, C, side_cells, side_cells).
    """
    rows = _cell_weights(features.shape[2], side_cells, features)
    columns = _cell_weights(features.shape[3], side_cells, features)
    return rows @ features @ columns.transpose(0, 1)


class ContextModule(nn.Module):
    """Adds to every place what its surroundings look like, at several sizes, weighted by contrast.

    Source:
        CANNet (arXiv 1811.10452), equations 2 to 5, as in the published EBC program: one network
        of weights for all sizes, and a 1×1 convolution back to the trunk's width.
    """

    def __init__(self, channels: int = TRUNK_CHANNELS) -> None:
        super().__init__()
        self.scales = nn.ModuleList(
            nn.Conv2d(channels, channels, 1, bias=False) for _ in _CONTEXT_SIDES
        )
        self.weight_net = nn.Conv2d(channels, channels, 1)
        self.bottleneck = nn.Conv2d(2 * channels, channels, 1)

    def forward(self, features: Tensor) -> Tensor:
        """Give features of the same shape (N, C, h, w), with context."""
        size = (features.shape[2], features.shape[3])
        weighted = torch.zeros_like(features)
        weights = torch.zeros_like(features)
        for side_cells, scale in zip(_CONTEXT_SIDES, self.scales, strict=True):
            coarse = scale(average_cells(features, side_cells))
            surroundings = F.interpolate(coarse, size=size, mode="bilinear", align_corners=False)
            weight = torch.sigmoid(self.weight_net(features - surroundings))
            weighted = weighted + weight * surroundings
            weights = weights + weight
        context = weighted / (weights + _EPSILON)
        return F.relu(self.bottleneck(torch.cat([context, features], dim=1)))


def _cell_weights(length: int, side_cells: int, like: Tensor) -> Tensor:
    cells = torch.arange(side_cells, device=like.device).unsqueeze(1)
    places = torch.arange(length, device=like.device).unsqueeze(0)
    starts = (cells * length) // side_cells
    stops = ((cells + 1) * length + side_cells - 1) // side_cells
    inside = ((places >= starts) & (places < stops)).to(like.dtype)
    return inside / inside.sum(dim=1, keepdim=True)


def _convolutions(
    channels_in: int, widths: Sequence[int], *, dilation: int, has_norm: bool
) -> nn.Sequential:
    layers: list[nn.Module] = []
    for width in widths:
        layers.append(nn.Conv2d(channels_in, width, 3, padding=dilation, dilation=dilation))
        if has_norm:
            layers.append(nn.BatchNorm2d(width))
        layers.append(nn.ReLU(inplace=True))
        channels_in = width
    return nn.Sequential(*layers)
