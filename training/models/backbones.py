"""From the name of a backbone to dense features of blocks, for networks without CLIP."""

import math
from collections import OrderedDict
from typing import cast

import torch.nn.functional as F
from torch import Tensor, nn

from training.models.blocks import (
    CLASSICAL,
    Double,
    Kind,
    Manner,
    ResidualBlock,
    bottleneck_block,
    halve_block,
    initialize,
    manner_of,
    refine_block,
)
from training.models.config import ZipConfig
from training.models.trunks import (
    PLAN_OF_DEPTH,
    TRUNK_CHANNELS,
    VIT_WINDOW_PX,
    ContextModule,
    TimmTrunk,
    TorchvisionVit,
    csrnet_decoder,
    csrnet_trunk,
    dm_count_decoder,
    timm_window_px,
    vgg_trunk,
)


class Resize(nn.Module):
    """Bilinear change of size by a fixed factor, cells (not corners) aligned.

    Args:
        factor: New size divided by old; the result is rounded down.
    """

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, features: Tensor) -> Tensor:
        """Resize features of shape (N, C, h, w)."""
        if self.factor == 1:
            return features
        return F.interpolate(
            features, scale_factor=self.factor, mode="bilinear", align_corners=False
        )


class Features(nn.Module):
    """From pictures to features of blocks.

    Args:
        trunk: Takes pictures (N, 3, H, W), gives (N, C, H / stride, W / stride).
        resize: Brings the trunk's features to one a block.
        decoder: Takes those to the width that the heads get.
        channels: That width.
        size_multiple: Both sides of a picture must be multiples of this.
    """

    def __init__(
        self,
        trunk: nn.Module,
        resize: nn.Module,
        decoder: nn.Module,
        *,
        channels: int,
        size_multiple: int,
    ) -> None:
        super().__init__()
        self.trunk = trunk
        self.resize = resize
        self.decoder = decoder
        self.channels = channels
        self.size_multiple = size_multiple

    def forward(self, pictures: Tensor) -> Tensor:
        """Give features of shape (N, channels, H / block, W / block)."""
        features: Tensor = self.decoder(self.resize(self.trunk(pictures)))
        return features


def common_multiple(stride_px: int, block_px: int) -> int:
    """Give the smallest side that both the trunk's stride and the block divide, pixels."""
    return math.lcm(stride_px, block_px)


def refiner(
    channels: int, manner: Manner, *, stride_px: int, block_px: int, refines_always: bool
) -> nn.Sequential:
    """Make the layers that bring features to block size octave by octave, refining at each.

    Args:
        channels: Channels that come in and go out.
        manner: How the blocks are made.
        stride_px: Stride of the trunk.
        block_px: Side of a block; a quarter, half, once or twice the stride.
        refines_always: Whether features that are at block size already get a block too.

    Returns:
        Nothing, a block, or one or two changes of size each followed by a block.

    Raises:
        ValueError: If the block is no such fraction of the stride.
    """
    octaves = math.log2(stride_px / block_px)
    if octaves not in {-1, 0, 1, 2}:
        raise ValueError(
            f"blocks of {block_px} px on a trunk of stride {stride_px}: they may be "
            f"{stride_px // 4}, {stride_px // 2}, {stride_px} or {2 * stride_px} px"
        )
    if octaves < 0:
        return nn.Sequential(_step(halve_block(channels, manner)))
    if octaves == 0:
        blocks = [refine_block(channels, channels, manner)] if refines_always else []
        return nn.Sequential(*(_step(block) for block in blocks))
    return nn.Sequential(
        *(_step(refine_block(channels, channels, manner), Double()) for _ in range(int(octaves)))
    )


def narrowing_decoder(channels: int, manner: Manner) -> tuple[nn.Sequential, int]:
    """Make blocks that halve the channels until at most 256 are left, three times at most.

    Args:
        channels: Channels that come in.
        manner: How the blocks are made.

    Returns:
        The blocks, none where nothing has to be narrowed, and the channels that go out.
    """
    enough, most_blocks = 256, 3
    blocks: list[ResidualBlock] = []
    while channels > enough and len(blocks) < most_blocks:
        blocks.append(refine_block(channels, channels // 2, manner))
        channels //= 2
    return nn.Sequential(*blocks), channels


def _step(block: ResidualBlock, enlarge: Double | None = None) -> nn.Sequential:
    parts: dict[str, nn.Module] = {} if enlarge is None else {"enlarge": enlarge}
    return nn.Sequential(OrderedDict(**parts, block=block))


VIT_NAMES = ("vit_b_16", "vit_b_32", "vit_l_16", "vit_l_32", "vit_h_14")
"""Vision transformers of torchvision."""

RESNET_DECODERS = {
    "resnet18_ae": (512, 256, 128),
    "resnet34_ae": (512, 256, 128),
    "resnet50_ae": (512, 256, 256, 128),
    "resnet101_ae": (512, 512, 256, 256, 128),
    "resnet152_ae": (512, 512, 512, 256, 256, 128),
}
"""Widths of the blocks of the decoder after a residual network."""

ZIP_SIZES = {
    "p": "mobilenetv4_conv_small_050",
    "n": "mobilenetv4_conv_small",
    "t": "mobilenetv4_conv_medium",
}
"""Trunks of the sizes of ZIP that have no CLIP tower; S and B have one."""

_FINE_BLOCK_PX = 16  # up to this the last stride is removed, as published
_VGG_STRIDE_PX, _VGG_AE_CHANNELS = 16, 128
_CSRNET_STRIDE_PX, _CSRNET_CHANNELS = 8, 64


def has_window(backbone: str) -> bool:
    """Say whether a trunk takes square pictures of one size alone."""
    if backbone in VIT_NAMES:
        return True
    known = backbone.removesuffix("_ae").removesuffix("_bn")
    if backbone in RESNET_DECODERS or known in {*PLAN_OF_DEPTH, "csrnet", "cannet"}:
        return False
    return timm_window_px(backbone) is not None


def ebc_features(backbone: str, *, block_px: int, window_px: int | None) -> Features:
    """Make the features of EBC: a trunk, bilinear resize to block size, perhaps a decoder.

    Args:
        backbone: As in `EbcConfig`.
        block_px: Side of a block, pixels.
        window_px: Side of the window of a network of one size; None: its own, or none.

    Returns:
        The features, new layers initialized, nothing downloaded.

    Raises:
        ValueError: If a window was given for a trunk that takes pictures whole.

    Source:
        CLIP-EBC (arXiv 2403.09281) and its published program.
    """
    if backbone in VIT_NAMES:
        vit = TorchvisionVit(backbone, window_px=window_px or VIT_WINDOW_PX)
        return _resized(vit, nn.Identity(), vit.channels, vit.stride_px, block_px)
    if window_px is not None and not has_window(backbone):
        raise ValueError(f"{backbone} takes pictures whole, not in windows")
    if backbone in RESNET_DECODERS:
        return _resnet_features(backbone, block_px)
    has_norm = "_bn" in backbone
    depth = backbone.removesuffix("_ae").removesuffix("_bn")
    if depth in PLAN_OF_DEPTH:
        trunk = vgg_trunk(depth, has_norm=has_norm)
        if backbone.endswith("_ae"):
            decoder = _initialized(dm_count_decoder())
            return _resized(trunk, decoder, _VGG_AE_CHANNELS, _VGG_STRIDE_PX, block_px)
        return _resized(trunk, nn.Identity(), TRUNK_CHANNELS, _VGG_STRIDE_PX, block_px)
    if depth in {"csrnet", "cannet"}:
        trunk = csrnet_trunk(has_norm=has_norm)
        if depth == "cannet":
            trunk = nn.Sequential(trunk, _initialized(ContextModule()))
        decoder = _initialized(csrnet_decoder(has_norm=has_norm))
        return _resized(trunk, decoder, _CSRNET_CHANNELS, _CSRNET_STRIDE_PX, block_px)
    timm_trunk = TimmTrunk(
        backbone, last_stride_removed=block_px <= _FINE_BLOCK_PX, window_px=window_px
    )
    return _resized(timm_trunk, nn.Identity(), timm_trunk.channels, timm_trunk.stride_px, block_px)


def zip_features(config: ZipConfig) -> Features:
    """Make the features of ZIP without CLIP: trunk, refiner, decoder.

    Args:
        config: Trunk, block size, norm and activation.

    Returns:
        The features, new layers initialized, nothing downloaded.

    Source:
        ZIP (arXiv 2506.19955) and its published program.
    """
    trunk = TimmTrunk(config.backbone)
    kind, groups = _refinement(config.backbone, trunk.channels)
    manner = chosen_manner(trunk, config.norm, config.activation, kind=kind, groups=groups)
    block_px = config.grid.block_px
    refined = refiner(
        trunk.channels,
        manner,
        stride_px=trunk.stride_px,
        block_px=block_px,
        refines_always=False,
    )
    decoder, channels = narrowing_decoder(trunk.channels, manner)
    return Features(
        trunk,
        _initialized(refined),
        _initialized(decoder),
        channels=channels,
        size_multiple=common_multiple(trunk.stride_px, block_px),
    )


def chosen_manner(
    trunk: nn.Module, norm: str, activation: str, *, kind: Kind = "plain", groups: int = 1
) -> Manner:
    """Say how new layers are made: as goes with the trunk, but for what was chosen otherwise."""
    natural = manner_of(trunk)
    return Manner(
        norm=natural.norm if norm == "trunk" else "batch",
        activation=(
            natural.activation
            if activation == "trunk"
            else ("relu" if activation == "relu" else "gelu")
        ),
        kind=kind,
        groups=groups,
    )


def _resized(
    trunk: nn.Module, decoder: nn.Module, channels: int, stride_px: int, block_px: int
) -> Features:
    return Features(
        trunk,
        Resize(stride_px / block_px),
        decoder,
        channels=channels,
        size_multiple=common_multiple(stride_px, block_px),
    )


def _resnet_features(backbone: str, block_px: int) -> Features:
    trunk = TimmTrunk(
        f"{backbone.removesuffix('_ae')}.tv_in1k", last_stride_removed=block_px <= _FINE_BLOCK_PX
    )
    has_bottlenecks = backbone not in {"resnet18_ae", "resnet34_ae"}
    channels, blocks = trunk.channels, list[nn.Module]()
    for width in RESNET_DECODERS[backbone]:
        blocks.append(
            bottleneck_block(channels, width)
            if has_bottlenecks
            else refine_block(channels, width, CLASSICAL)
        )
        channels = width
    decoder = _initialized(nn.Sequential(*blocks))
    return _resized(trunk, decoder, channels, trunk.stride_px, block_px)


def _refinement(name: str, channels: int) -> tuple[Kind, int]:
    lighter = ("mobilenetv2_050", "mobilenetv3_small", "mobilenetv4_conv_small")
    if name.startswith(lighter):
        return "lighter", 1
    light = ("mobilenetv1", "mobilenetv2", "mobilenetv3_large", "mobilenetv4_conv_medium")
    if name.startswith(light):
        return "light", 1
    widest, share = 1024, 512  # wider trunks convolve in groups of so many channels
    return "plain", channels // share if channels > widest else 1


def _initialized(layers: nn.Sequential | ContextModule) -> nn.Sequential:
    initialize(layers)
    return cast("nn.Sequential", layers)
