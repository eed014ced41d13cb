"""From the name of a backbone to features of blocks, for networks without CLIP."""

from typing import cast

from torch import nn

from training.models.blocks import (
    CLASSICAL,
    Kind,
    Manner,
    bottleneck_block,
    initialize,
    manner_of,
    refine_block,
)
from training.models.config import ZipConfig
from training.models.features import (
    Features,
    Resize,
    common_multiple,
    narrowing_decoder,
    refiner,
)
from training.models.trunks import VIT_WINDOW_PX, TimmTrunk, TorchvisionVit, timm_window_px
from training.models.vgg import (
    PLAN_OF_DEPTH,
    TRUNK_CHANNELS,
    ContextModule,
    csrnet_decoder,
    csrnet_trunk,
    dm_count_decoder,
    vgg_trunk,
)

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
