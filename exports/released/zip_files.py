"""Released files of ZIP: what network they hold and what its parts are called there."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

from torch import nn

from exports.errors import ExportError
from exports.released.archive import Archive
from exports.released.choices import Choices
from exports.released.naming import block_names, replaced, steps_of, under
from monitor.core.bins import Bin, BinSet
from training.models.blocks import ResidualBlock
from training.models.build import BlockCounter
from training.models.config import (
    ClipZipConfig,
    CounterConfig,
    Grid,
    Tower,
    VisualPrompts,
    ZipConfig,
    grid_of,
)
from training.models.heads import Similarity, ZipHead
from training.models.towers import StagedTower

_CLIP_PREFIX = "CLIP_"
_UNSUPPORTED = ("adapter", "lora")

Norm = Literal["trunk", "batch"]
Activation = Literal["trunk", "relu", "gelu"]


def is_zip(archive: Archive) -> bool:
    """Say whether a file is one of ZIP's."""
    return "bin_centers" in archive.weights


def describe_zip(archive: Archive, choices: Choices) -> CounterConfig:
    """Read from a file of ZIP which network it holds.

    Args:
        archive: The file; it must carry the authors' description.
        choices: Options; the activation of a vision transformer is not in the file.

    Returns:
        The record of the network.

    Raises:
        ExportError: If there is no description, or it asks for what was never published.
        KeyError: If the description lacks a part.
        TypeError: If a part of it is of another kind.
        ValueError: If its parts do not fit together.
    """
    path, described = archive.path, archive.config
    if described is None:
        raise ExportError(
            f"{path}: carries no description of its network; ZIP's best_*.pth files do, its "
            "resumable ckpt.pth does not"
        )
    refused = [name for name in _UNSUPPORTED if described.get(name)]
    if refused:
        raise ExportError(f"{path}: was trained with {refused[0]}, which is not supported")
    name, grid = str(described["model_name"]), _grid(described)
    if name.startswith(_CLIP_PREFIX):
        return _clip_config(name.removeprefix(_CLIP_PREFIX), grid, described, choices)
    return ZipConfig(
        backbone=name,
        grid=grid,
        zero_inflated=bool(described.get("zero_inflated")),
        norm=_norm(described),
        activation=_activation(described),
    )


def zip_names(counter: BlockCounter) -> dict[str, str]:
    """Give the published name of every weight of a network of ZIP."""
    features, head = counter.features, counter.head
    names = under("head.", "", _head_names(head))
    names |= under("features.resize.", "backbone.refiner.", _refiner_names(features.resize))
    names |= under("features.decoder.", "backbone.decoder.", _decoder_names(features.decoder))
    trunk = {key: key for key in features.trunk.state_dict()}
    if isinstance(features.trunk, StagedTower) and not features.trunk.has_final_conv:
        trunk = replaced(trunk, r"^stages\.(\d+)\.", r"stage\1.")
    trunk = replaced(trunk, r"^prompts\.tokens\.", "vpt_")
    return names | under("features.trunk.", "backbone.", trunk)


def _grid(described: Mapping[str, Any]) -> Grid:
    bins = tuple(
        Bin(int(low), None if math.isinf(float(high)) else int(high))
        for low, high in cast("Sequence[tuple[float, float]]", described["bins"])
    )
    values = tuple(float(value) for value in described["bin_centers"])
    return grid_of(int(described["block_size"]), BinSet(bins, values))


def _clip_config(
    name: str, grid: Grid, described: Mapping[str, Any], choices: Choices
) -> ClipZipConfig:
    if name.startswith(("ViT", "MobileCLIP")):
        name = name.replace("_", "-")
    prompts = described["text_prompts"]
    zero_inflated = bool(described.get("zero_inflated"))
    if not zero_inflated and isinstance(prompts, Mapping):
        (prompts,) = prompts.values()  # one branch, whatever it is called
    return ClipZipConfig(
        tower=_tower(name, described, choices),
        grid=grid,
        sentences=tuple(prompts["lambda"] if zero_inflated else prompts),
        empty_sentences=tuple(prompts["pi"]) if zero_inflated else (),
        zero_inflated=zero_inflated,
        norm=_norm(described),
        activation=_activation(described),
    )


def _tower(name: str, described: Mapping[str, Any], choices: Choices) -> Tower:
    if not name.startswith("ViT"):
        return Tower(name=name)
    size = described.get("input_size")
    window_px = size[0] if isinstance(size, list | tuple) else size
    count = described.get("num_vpt") or 0
    dropout = described.get("vpt_drop") or 0.0
    return Tower(
        name=name,
        quick_gelu=bool(choices.quick_gelu),
        window_px=choices.window_px or window_px,
        prompts=VisualPrompts(count=count, deep=True, dropout=dropout) if count else None,
    )


def _norm(described: Mapping[str, Any]) -> Norm:
    return "batch" if described.get("norm") == "bn" else "trunk"


def _activation(described: Mapping[str, Any]) -> Activation:
    match described.get("act"):
        case "relu":
            return "relu"
        case "gelu":
            return "gelu"
        case _:
            return "trunk"


def _head_names(head: nn.Module) -> dict[str, str]:
    if isinstance(head, ZipHead):
        if isinstance(head.count, Similarity):
            parts = {"count": "lambda", "empty": "pi"}
            names = {}
            for ours, theirs in parts.items():
                names[f"{ours}.projection.weight"] = f"{theirs}_head.weight"
                names[f"{ours}.log_scale"] = f"{theirs}_logit_scale"
                names[f"{ours}.text"] = f"{theirs}_text_feats"
        else:
            names = {
                f"{ours}.{leaf}": f"{theirs}_head.{leaf}"
                for ours, theirs in (("count", "bin"), ("empty", "pi"))
                for leaf in ("weight", "bias")
            }
        return names | {"values": "bin_centers"}
    names = {"expectation.values": "bin_centers"}
    if isinstance(head.get_submodule("score"), Similarity):
        return names | {
            "score.projection.weight": "head.weight",
            "score.log_scale": "logit_scale",
            "score.text": "text_feats",
        }
    return names | {f"score.{leaf}": f"bin_head.{leaf}" for leaf in ("weight", "bias")}


def _refiner_names(resize: nn.Module) -> dict[str, str]:
    steps = list(steps_of(resize))
    names: dict[str, str] = {}
    for number, step in steps:
        parts = dict(step.named_children())
        block = cast("ResidualBlock", parts["block"])
        numbered = f"{number}." if len(steps) > 1 else ""
        nested = "refine." * (_depth(block) + ("enlarge" in parts))
        names |= under(f"{number}.block.", f"{numbered}{nested}", block_names(block))
    return names


def _decoder_names(decoder: nn.Module) -> dict[str, str]:
    steps = list(steps_of(decoder))
    names: dict[str, str] = {}
    for number, step in steps:
        block = cast("ResidualBlock", step)
        numbered = f"{number}." if len(steps) > 1 else ""
        names |= under(f"{number}.", f"{numbered}{'refine.' * _depth(block)}", block_names(block))
    return names


def _depth(block: ResidualBlock) -> int:
    """How many wrappers the published program puts around a block of this kind."""
    halves = any(isinstance(one, nn.AvgPool2d) for one in block.modules())
    first = dict(block.stages[0].named_children())["conv"]
    is_lighter = (
        isinstance(first, nn.Conv2d)
        and first.groups == first.in_channels
        and "mix" not in dict(block.stages[0].named_children())
    )
    return 0 if halves or is_lighter else 1
