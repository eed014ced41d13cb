"""Networks by the names that people type after `--model`."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.core.bins import Bin, BinSet
from training.clip_count.encoders import vit_sides
from training.config import FitConfig
from training.errors import TrainingError
from training.models.backbones import ZIP_SIZES, has_window
from training.models.config import (
    CLIP,
    IMAGENET,
    ClipCountConfig,
    ClipEbcConfig,
    ClipZipConfig,
    Colors,
    CounterConfig,
    EbcConfig,
    PyramidConfig,
    RegressionConfig,
    Tower,
    VisualPrompts,
    ZipConfig,
    grid_of,
)
from training.models.sentences import bin_sentences
from training.models.shufflenet import SHUFFLENET
from training.models.start import search_sentences
from training.models.towers import embedding_width, is_transformer


@dataclass(frozen=True)
class _Preset:
    """A pyramid by its name."""

    trunk: str
    """As in `PyramidConfig`."""
    width: int = 64
    is_refined: bool = False
    has_image_context: bool = False


PRESETS = {
    "ebc-mobilenet": _Preset("mobilenetv4_conv_small"),
    "ebc-mobilenet-half": _Preset("mobilenetv4_conv_small_050"),
    "ebc-mobilenet-medium": _Preset("mobilenetv4_conv_medium"),
    "ebc-shufflenet": _Preset(SHUFFLENET, width=96),
    "ebc-shufflenet-refined": _Preset(SHUFFLENET, width=128, is_refined=True),
    **{
        f"ebc-lite{size}": _Preset(
            f"efficientnet_lite{size}", width=96, is_refined=True, has_image_context=True
        )
        for size in range(3)
    },
}
"""Networks that come with the app or came with it, and their relatives."""

ZIP_TOWERS = {"s": "MobileCLIP-S1", "b": "RN50x4"}
"""Towers of the sizes of ZIP that have one. B is another tower for every data set; the size that
is published for it is that of this one."""

NAMES = (
    *PRESETS,
    "ebc:BACKBONE",
    "regression:BACKBONE",
    "clip-ebc:TOWER",
    "zip:P|N|T|S|B",
    "zip:TIMM-MODEL",
    "clip-zip:TOWER",
    "clip-count:TOWER",
)
"""What there is; BACKBONE as in `EbcConfig`, TOWER a model of open_clip or a FILE.json."""

_PYRAMID_BLOCK_PX = 8
_USUAL_PROMPTS = 32
_COUNT_PROMPTS, _COUNT_DROPOUT = 20, 0.1
"""Visual prompts a layer and their dropout, as published with CLIP-Count."""
_CELL_PX = 4
"""Side of the improved CLIP-Count's cells: a quarter of the usual patch."""
_LEAST_WIDTH = 16
"""Channels that a stage of CLIP-Count's decoder has at least, on very small towers."""
_COLORS = {"imagenet": IMAGENET, "clip": CLIP}
_EMPTY_BINS = (Bin(0, 0), Bin(1, None))


def network_for(config: FitConfig, bins: BinSet) -> CounterConfig:
    """Describe the network that the options of a run ask for.

    Args:
        config: The options; `model` is one of `NAMES`.
        bins: The bins it shall have.

    Returns:
        Its description.

    Raises:
        TrainingError: If nothing has that name, parts do not fit together, or a CLIP model that
            must be asked for sentences cannot be had.
    """
    family, colon, part = config.model.partition(":")
    if config.model in PRESETS:
        return _pyramid(config, bins)
    families: dict[str, Callable[[FitConfig, str, BinSet], CounterConfig]] = {
        "ebc": _ebc,
        "regression": _regression,
        "clip-ebc": _clip_ebc,
        "zip": _zip,
        "clip-zip": _clip_zip,
        "clip-count": _clip_count,
    }
    if not colon or not part or family not in families:
        raise TrainingError(f"no model is called '{config.model}'; there are {', '.join(NAMES)}")
    try:
        return families[family](config, part, bins)
    except ValueError as error:
        raise TrainingError(f"--model {config.model}: {error}") from error


def _pyramid(config: FitConfig, bins: BinSet) -> PyramidConfig:
    if config.block != _PYRAMID_BLOCK_PX:
        raise TrainingError(f"{config.model} has blocks of 8 pixels, not {config.block}")
    preset = PRESETS[config.model]
    return PyramidConfig(
        trunk=preset.trunk,
        grid=grid_of(config.block, bins),
        width=preset.width,
        is_refined=preset.is_refined,
        has_image_context=preset.has_image_context,
        detail=config.detail,
        least_pixels=config.least_pixels,
    )


def _ebc(config: FitConfig, backbone: str, bins: BinSet) -> EbcConfig:
    return EbcConfig(
        backbone=backbone,
        grid=grid_of(config.block, bins),
        colors=_colors(config, IMAGENET),
        window_px=config.crop_px if has_window(backbone) else None,
    )


def _regression(config: FitConfig, backbone: str, _bins: BinSet) -> RegressionConfig:
    return RegressionConfig(
        backbone=backbone,
        block_px=config.block,
        colors=_colors(config, IMAGENET),
        window_px=config.crop_px if has_window(backbone) else None,
    )


def _clip_ebc(config: FitConfig, name: str, bins: BinSet) -> ClipEbcConfig:
    return ClipEbcConfig(
        tower=_tower(config, name),
        grid=grid_of(config.block, bins),
        sentences=bin_sentences(bins.bins, config.prompts or "word"),
        colors=_colors(config, IMAGENET),
    )


def _zip(config: FitConfig, size: str, bins: BinSet) -> CounterConfig:
    if size.lower() in ZIP_TOWERS:
        return _clip_zip(config, ZIP_TOWERS[size.lower()], bins)
    return ZipConfig(
        backbone=ZIP_SIZES.get(size.lower(), size),
        grid=grid_of(config.block, bins),
        colors=_colors(config, CLIP),
    )


def _clip_zip(config: FitConfig, name: str, bins: BinSet) -> ClipZipConfig:
    tower = _tower(config, name)
    if config.prompts is None:
        empty, sentences = search_sentences(tower, bins.bins, weights=config.pretrained)
    else:
        empty = bin_sentences(_EMPTY_BINS, config.prompts)
        sentences = bin_sentences(bins.bins[1:], config.prompts)
    return ClipZipConfig(
        tower=tower,
        grid=grid_of(config.block, bins),
        sentences=sentences,
        empty_sentences=empty,
        colors=_colors(config, CLIP),
    )


def _clip_count(config: FitConfig, name: str, _bins: BinSet) -> ClipCountConfig:
    has_dropout = "vpt_dropout" in config.model_fields_set
    prompted = {
        "vpt": _COUNT_PROMPTS if config.vpt is None else config.vpt,
        "vpt_dropout": config.vpt_dropout if has_dropout else _COUNT_DROPOUT,
    }
    patch_px, usual_px = vit_sides(_named_tower(config, name))
    tower = _tower(config.model_copy(update=prompted), name)
    is_improved = config.variant == "improved"
    # Improved, the tower sees the window as it is, or at the nearest size that patches fit.
    seen_px = round(config.crop_px / patch_px) * patch_px if is_improved else usual_px
    width = embedding_width(tower)
    return ClipCountConfig(
        tower=tower.model_copy(update={"window_px": seen_px}),
        variant=config.variant,
        window_px=config.crop_px,
        cell_px=_CELL_PX if is_improved else 1,
        block_px=config.block,
        context_tokens=config.context,
        decoder_widths=tuple(max(_LEAST_WIDTH, width // share) for share in (2, 4, 8, 16)),
        colors=_colors(config, CLIP),
    )


def _named_tower(config: FitConfig, name: str) -> Tower:
    architecture = _own_architecture(Path(name)) if name.endswith(".json") else None
    return Tower(
        name=Path(name).stem if architecture else name,
        architecture=architecture,
        quick_gelu=config.pretrained == "openai",  # as OpenAI trained
    )


def _tower(config: FitConfig, name: str) -> Tower:
    tower = _named_tower(config, name)
    asked = config.vpt or config.vpt_shallow or config.vpt_dropout
    if not is_transformer(tower):
        if asked:
            raise TrainingError(f"{name} is no vision transformer: leave --vpt options away")
        return tower
    count = _USUAL_PROMPTS if config.vpt is None else config.vpt
    prompts = VisualPrompts(
        count=max(1, count), deep=not config.vpt_shallow, dropout=config.vpt_dropout
    )
    return tower.model_copy(
        update={"window_px": config.crop_px, "prompts": prompts if count else None}
    )


def _own_architecture(path: Path) -> dict[str, Any]:  # open_clip's own free-form configuration
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainingError(f"{path}: cannot be read as a model of open_clip ({error})") from error
    if not isinstance(found, dict) or {"embed_dim", "vision_cfg", "text_cfg"} - found.keys():
        raise TrainingError(f"{path}: needs embed_dim, vision_cfg and text_cfg, as in open_clip")
    return found


def _colors(config: FitConfig, usual: Colors) -> Colors:
    return _COLORS[config.colors] if config.colors else usual
