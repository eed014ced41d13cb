"""Released files of CLIP-EBC's program: what network they hold, what its parts are called there.

Such a file holds weights alone. The network is told from their names and shapes; block size,
bins and wording come from options or from the names of the folders that the file lies in. Copies
in safetensors form come with a description, which goes before all that but the options.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from torch import nn

from exports.released.archive import Archive
from exports.released.choices import Choices, chosen_bins
from exports.released.naming import block_names, replaced, same_names, steps_of, under
from monitor.core.bins import Bin, BinSet
from training.models.backbones import RESNET_DECODERS, VIT_NAMES, Features
from training.models.blocks import ResidualBlock
from training.models.build import BlockCounter
from training.models.config import (
    ClipEbcConfig,
    CounterConfig,
    EbcConfig,
    Grid,
    RegressionConfig,
    Tower,
    VisualPrompts,
    grid_of,
)
from training.models.heads import RegressionHead, Similarity
from training.models.sentences import Style, bin_sentences
from training.models.trunks import PLAN_OF_DEPTH, TimmTrunk
from training.models.vit import VitTower

TEXT_PREFIX = "text_encoder."
"""Names of CLIP-EBC's text tower begin with this; only what it makes of the sentences is kept."""

_CLIP_RESNETS = ("RN50", "RN101", "RN50x4", "RN50x16", "RN50x64")
_CLIP_VITS = {"ViT-B-16": 16, "ViT-B-32": 32, "ViT-L-14": 14}  # sides of patches, pixels
_VIT_PATCHES = {"16": 16, "32": 32, "14": 14}  # by the end of torchvision's names


def is_clip_ebc(archive: Archive) -> bool:
    """Say whether a file holds a CLIP-EBC network."""
    return any(name.startswith("image_encoder.") for name in archive.weights)


def is_ebc(archive: Archive) -> bool:
    """Say whether a file holds an EBC network without CLIP, or the regression baseline."""
    return any(name.startswith(("classifier.", "regressor.")) for name in archive.weights)


def clip_ebc_candidates(archive: Archive, choices: Choices) -> Iterator[ClipEbcConfig]:
    """Go through the CLIP-EBC networks that a file may hold.

    Args:
        archive: The file.
        choices: Options, completed.

    Yields:
        Records of networks, with the file's prompts and window.

    Raises:
        ExportError: If what its bins stand for is not known.
    """
    grid = _grid(archive, choices)
    described = archive.config or {}
    style = choices.style or cast("Style | None", described.get("prompt_type")) or "word"
    sentences = bin_sentences(grid.bin_set().bins, style)
    is_vit = "image_encoder.class_embedding" in archive.weights
    for name in _CLIP_VITS if is_vit else _CLIP_RESNETS:
        tower = Tower(name=name, quick_gelu=True)
        if is_vit:
            window_px = _window_px(
                archive, choices, "image_encoder.positional_embedding", _CLIP_VITS[name]
            )
            tower = tower.model_copy(
                update={"window_px": window_px, "prompts": _prompts(archive, described)}
            )
        yield ClipEbcConfig(tower=tower, grid=grid, sentences=sentences)


def ebc_candidates(archive: Archive, choices: Choices) -> Iterator[CounterConfig]:
    """Go through the networks without CLIP that a file may hold.

    Args:
        archive: The file.
        choices: Options, completed; a timm model must be named.

    Yields:
        Records of networks, with the file's window.

    Raises:
        ExportError: If what its bins stand for is not known.
    """
    counts_directly = any(name.startswith("regressor.") for name in archive.weights)
    grid = None if counts_directly else _grid(archive, choices)
    block_px = grid.block_px if grid else choices.block_px or 8
    for backbone in [choices.backbone] if choices.backbone else _ebc_backbones():
        window_px = choices.window_px
        if backbone in VIT_NAMES:
            patch_px = _VIT_PATCHES[backbone[-2:]]
            window_px = _window_px(archive, choices, "backbone.encoder.pos_embedding", patch_px)
        if grid is None:
            yield RegressionConfig(backbone=backbone, block_px=block_px, window_px=window_px)
        else:
            yield EbcConfig(backbone=backbone, grid=grid, window_px=window_px)


def clip_ebc_names(counter: BlockCounter) -> dict[str, str]:
    """Give the published name of every weight of CLIP-EBC but the sentences and their bins."""
    features = counter.features
    trunk = same_names(features.trunk)
    if isinstance(features.trunk, VitTower):
        trunk = replaced(trunk, r"^resblocks\.", "transformer.resblocks.")
    names = under("features.trunk.", "image_encoder.", trunk)
    names = replaced(names, r"^image_encoder\.prompts\.tokens\.", "vpt_")
    names |= under("features.decoder.", "image_decoder.", _blocks_names(features.decoder))
    score = cast("Similarity", counter.head.get_submodule("score"))
    names |= under("head.score.projection.", "projection.", same_names(score.projection))
    return names | {"head.score.log_scale": "logit_scale"}


def ebc_names(counter: BlockCounter, backbone: str) -> dict[str, str]:
    """Give the published name of every weight of EBC without CLIP but the bins' values."""
    names = under("features.", "backbone.", _features_names(counter.features, backbone))
    if isinstance(counter.head, RegressionHead):
        regressor = same_names(counter.head.regressor)
        return names | under("head.regressor.", "regressor.0.", regressor)
    score = cast("nn.Sequential", counter.head.get_submodule("score"))
    classifier = same_names(score)
    if len(score) == 1:
        classifier = replaced(classifier, r"^0\.", "")
    return names | under("head.score.", "classifier.", classifier)


def _grid(archive: Archive, choices: Choices) -> Grid:
    described = archive.config
    if choices.bins is None and described is not None and "anchor_points" in described:
        block_px = choices.block_px or int(described.get("reduction", 8))
        return grid_of(block_px, _described_bins(described))
    return grid_of(*chosen_bins(choices, archive.path))


def _described_bins(described: Mapping[str, Any]) -> BinSet:
    bins = tuple(
        Bin(int(float(low)), None if math.isinf(float(high)) else int(float(high)))
        for low, high in cast("Sequence[tuple[float, float]]", described["bins"])
    )
    return BinSet(bins, tuple(float(value) for value in described["anchor_points"]))


def _window_px(archive: Archive, choices: Choices, positions: str, patch_px: int) -> int | None:
    if choices.window_px is not None:
        return choices.window_px
    stored = archive.weights.get(positions)
    if stored is None:
        return None
    return math.isqrt(stored.shape[-2] - 1) * patch_px


def _prompts(archive: Archive, described: Mapping[str, Any]) -> VisualPrompts | None:
    first = archive.weights.get("vpt_0")
    if first is None:
        return None
    return VisualPrompts(
        count=first.shape[0],
        deep="vpt_1" in archive.weights,
        dropout=float(described.get("vpt_drop") or 0.0),
    )


def _ebc_backbones() -> Iterator[str]:
    for depth in PLAN_OF_DEPTH:
        for norm in ("", "_bn"):
            yield f"{depth}{norm}_ae"
            yield f"{depth}{norm}"
    for name in ("csrnet", "cannet"):
        yield name
        yield f"{name}_bn"
    yield from RESNET_DECODERS
    yield from VIT_NAMES


def _features_names(features: Features, backbone: str) -> dict[str, str]:
    trunk = same_names(features.trunk)
    if isinstance(features.trunk, TimmTrunk):
        names = under("trunk.", "", trunk)
        return names | under("decoder.", "decoder.", _blocks_names(features.decoder))
    if backbone in VIT_NAMES:
        return under("trunk.", "", trunk)
    if backbone.startswith("cannet"):
        trunk = replaced(trunk, r"^0\.", "features.")
        trunk = replaced(trunk, r"^1\.scales\.(\d)\.", r"context.scales.\1.1.")
        trunk = replaced(trunk, r"^1\.", "context.")
        names = under("trunk.", "", trunk)
    else:
        names = under("trunk.", "features.", trunk)
    decoder = "reg_layer." if backbone.endswith("_ae") else "decoder."
    return names | under("decoder.", decoder, same_names(features.decoder))


def _blocks_names(decoder: nn.Module) -> dict[str, str]:
    names: dict[str, str] = {}
    for number, block in steps_of(decoder):
        of_block = block_names(cast("ResidualBlock", block), norm="bn")
        names |= under(f"{number}.", f"{number}.", of_block)
    return names
