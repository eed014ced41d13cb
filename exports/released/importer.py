"""Turns a released file of CLIP-EBC or ZIP into a network of ours.

Nothing is guessed about the numbers: every weight of the file must have its place and every place
its weight, or the import fails and lists what is missing and what is too much. What the file does
not say itself is said on the command line.
"""

import argparse
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import torch
from torch import Tensor

from exports.errors import ExportError
from exports.released.archive import Archive, open_archive
from exports.released.choices import DATA_SETS, Choices, completed
from exports.released.ebc_files import (
    TEXT_PREFIX,
    clip_ebc_candidates,
    clip_ebc_names,
    ebc_candidates,
    ebc_names,
    is_clip_ebc,
    is_ebc,
)
from exports.released.zip_files import describe_zip, is_zip, zip_names
from monitor.core.bins import BinSet, middle_values, parse_bins
from training.checkpoint import Checkpoint
from training.errors import TrainingError
from training.models.build import BlockCounter, build_counter
from training.models.config import (
    ClipEbcConfig,
    ClipZipConfig,
    CounterConfig,
    EbcConfig,
    RegressionConfig,
)
from training.models.heads import Similarity
from training.models.output import Counter
from training.models.published_bins import bin_names, bins_by_name
from training.models.start import embed_sentences
from training.models.towers import TextTower, random_text_tower

_MOST_LISTED = 20  # names of each list in a message
_CLIP_WEIGHTS = "openai"  # CLIP-EBC's text tower is OpenAI's, frozen


@dataclass(frozen=True)
class Imported:
    """A released network, ready to count or to be written as a checkpoint of ours."""

    counter: Counter
    """The network with the released weights."""
    config: CounterConfig
    """What it is made of."""
    metadata: dict[str, str]
    """Where it came from: file name, hash, kind, and what was assumed."""


def import_released(path: Path, choices: Choices | None = None) -> Imported:
    """Read an officially released file.

    Args:
        path: `best_*.pth` of CLIP-EBC or ZIP, or `model.safetensors` with its `config.json`.
        choices: What the file does not say itself; None: nothing.

    Returns:
        The network.

    Raises:
        ExportError: If the file is unsafe, is of another kind, leaves out what must then be said
            by an option, or holds other weights than its network has.
    """
    archive = open_archive(path)
    options = completed(choices or Choices(), path)
    try:
        config = _config_of(archive, options)
    except (KeyError, TypeError, ValueError) as error:
        fault = f"no {error}" if isinstance(error, KeyError) else " ".join(str(error).split())
        raise ExportError(f"{path}: its description is incomplete or wrong ({fault})") from error
    try:
        counter = cast("BlockCounter", build_counter(config))
    except (ValueError, RuntimeError) as error:
        raise ExportError(f"{path}: its network cannot be built: {error}") from error
    load_published(counter, config, archive)
    return Imported(counter.eval(), config, _metadata(archive, config, options))


def _config_of(archive: Archive, options: Choices) -> CounterConfig:
    if is_zip(archive):
        return describe_zip(archive, options)
    if is_clip_ebc(archive):
        return closest(archive, clip_ebc_candidates(archive, options))
    if is_ebc(archive):
        return closest(archive, ebc_candidates(archive, options))
    raise ExportError(
        f"{archive.path}: holds neither a CLIP-EBC nor a ZIP network; its weights begin with "
        f"{', '.join(sorted(archive.weights)[:3])}"
    )


def published_names(counter: BlockCounter, config: CounterConfig) -> dict[str, str]:
    """Give the published name of every weight of ours that a released file carries."""
    if isinstance(config, ClipEbcConfig):
        return clip_ebc_names(counter)
    if isinstance(config, EbcConfig | RegressionConfig):
        return ebc_names(counter, config.backbone)
    return zip_names(counter)


def closest(archive: Archive, candidates: Iterable[CounterConfig]) -> CounterConfig:
    """Choose the network whose weights are most like a file's, by names and shapes.

    Args:
        archive: The file.
        candidates: Records of networks.

    Returns:
        The record with most in common; whether all fits is not said yet.

    Raises:
        ExportError: If none has half of its weights in common with the file.
    """
    found = {
        (name, tuple(weight.shape))
        for name, weight in archive.weights.items()
        if not name.startswith(TEXT_PREFIX)
    }
    best: tuple[float, CounterConfig] | None = None
    for config in candidates:
        try:
            wanted = _published_shapes(config)
        except ValueError:
            continue  # a network that cannot be, such as a window of half a patch
        likeness = len(found & wanted) / len(found | wanted)
        if best is None or likeness > best[0]:
            best = (likeness, config)
        if likeness == 1:
            break
    enough = 0.5
    if best is None or best[0] < enough:
        raise ExportError(
            f"{archive.path}: its weights are those of no network known here; if its trunk is a "
            "model of timm, name it"
        )
    return best[1]


def load_published(counter: BlockCounter, config: CounterConfig, archive: Archive) -> None:
    """Put a released file's weights into a network of ours, in place.

    Args:
        counter: The network.
        config: What it is made of.
        archive: The file.

    Raises:
        ExportError: If weights are missing, too many, or of other shapes; they are listed.
    """
    names = published_names(counter, config)
    ours = counter.state_dict()
    wanted = {name: tuple(ours[key].shape) for key, name in names.items()}
    found = {
        name: weight.flatten() if name == "bin_centers" else weight
        for name, weight in archive.weights.items()
    }
    text: TextTower | None = None
    if isinstance(config, ClipEbcConfig) and any(name.startswith(TEXT_PREFIX) for name in found):
        text = random_text_tower(config.tower)
        for key, weight in text.encoder.state_dict().items():
            wanted[f"{TEXT_PREFIX}{key}"] = tuple(weight.shape)
    _refuse_misfits(archive.path, wanted, found)
    counter.load_state_dict(ours | {key: found[name] for key, name in names.items()})
    if isinstance(config, ClipEbcConfig):
        score = cast("Similarity", counter.head.get_submodule("score"))
        score.hold(_embeddings(archive, config, text))


def _embeddings(archive: Archive, config: ClipEbcConfig, text: TextTower | None) -> Tensor:
    if text is not None:
        keys = text.encoder.state_dict()
        text.encoder.load_state_dict({key: archive.weights[f"{TEXT_PREFIX}{key}"] for key in keys})
        embedded: Tensor = text(config.sentences)
        return embedded
    try:
        return embed_sentences(config.tower, config.sentences, weights=_CLIP_WEIGHTS)
    except TrainingError as error:
        raise ExportError(f"{archive.path}: carries no text tower, and {error}") from error


def _refuse_misfits(
    path: Path, wanted: Mapping[str, tuple[int, ...]], found: Mapping[str, Tensor]
) -> None:
    missing = sorted(set(wanted) - set(found))
    unexpected = sorted(set(found) - set(wanted))
    misshapen = [
        f"{name} {tuple(found[name].shape)} instead of {shape}"
        for name, shape in wanted.items()
        if name in found and found[name].shape != shape
    ]
    faults = [
        f"{title} ({len(names)}): {', '.join(names[:_MOST_LISTED])}"
        + (", …" if len(names) > _MOST_LISTED else "")
        for title, names in (
            ("missing", missing),
            ("unexpected", unexpected),
            ("of another shape", misshapen),
        )
        if names
    ]
    if faults:
        raise ExportError(f"{path}: weights do not fit the network; {'; '.join(faults)}")


def _published_shapes(config: CounterConfig) -> set[tuple[str, tuple[int, ...]]]:
    with torch.device("meta"):
        counter = cast("BlockCounter", build_counter(config))
    shapes = {key: tuple(weight.shape) for key, weight in counter.state_dict().items()}
    return {(name, shapes[key]) for key, name in published_names(counter, config).items()}


def _metadata(archive: Archive, config: CounterConfig, choices: Choices) -> dict[str, str]:
    metadata = {
        "origin": archive.path.name,
        "origin_sha256": archive.sha256,
        "network": config.network,
    }
    if choices.data_set is not None:
        metadata["data_set"] = choices.data_set
    if isinstance(config, ClipZipConfig) and config.tower.prompts is not None:
        activation = "quick GELU" if config.tower.quick_gelu else "exact GELU"
        metadata["assumed"] = f"the tower was trained with {activation}; the file does not say"
    return metadata


GRANULARITIES = ("fine", "dynamic", "coarse")
"""How finely published bins are cut."""


def add_import_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the import to a command."""
    parser.add_argument(
        "--dataset", choices=DATA_SETS, help="data set that the weights were trained on"
    )
    parser.add_argument(
        "--bins",
        help=f"bins, such as 0,1,2,3,4+, or the name of published ones: {', '.join(bin_names())}",
    )
    parser.add_argument("--values", help="what the bins stand for, such as 0,1,2,3,4.21931")
    parser.add_argument("--block", type=int, help="side of a block, pixels")
    parser.add_argument("--truncation", type=int, help="count from which the last bin is open")
    parser.add_argument("--granularity", choices=GRANULARITIES, help="how finely bins are cut")
    parser.add_argument(
        "--prompts", choices=("word", "number"), help="how counts were written in sentences"
    )
    parser.add_argument("--window", type=int, help="window of a vision transformer, pixels")
    parser.add_argument("--backbone", help="name of the trunk, where it is a model of timm")
    parser.add_argument(
        "--gelu",
        choices=("exact", "quick"),
        help="activation that a vision transformer of ZIP was trained with; default: exact",
    )


def choices_of(options: argparse.Namespace) -> Choices:
    """Read the options of the import.

    Args:
        options: What `add_import_options` let through.

    Returns:
        The choices.

    Raises:
        ExportError: If bins or their values cannot be read or do not fit together.
    """
    return Choices(
        backbone=options.backbone,
        data_set=options.dataset,
        bins=_bins(options.bins, options.values),
        block_px=options.block,
        truncation=options.truncation,
        granularity=options.granularity,
        style=options.prompts,
        window_px=options.window,
        quick_gelu=None if options.gelu is None else options.gelu == "quick",
    )


def checkpoint_of(imported: Imported) -> Checkpoint:
    """Make a checkpoint of ours from an imported network."""
    return Checkpoint(
        imported.config, imported.counter.state_dict(), {"released": imported.metadata}
    )


def _bins(bins: str | None, values: str | None) -> BinSet | None:
    if bins is None:
        if values is not None:
            raise ExportError("--values says what bins stand for; say the --bins as well")
        return None
    try:
        if bins in bin_names():
            return bins_by_name(bins)
        parsed = parse_bins(bins)
        stands_for = (
            middle_values(parsed)
            if values is None
            else tuple(float(value) for value in values.split(","))
        )
        return BinSet(parsed, stands_for)
    except ValueError as error:
        raise ExportError(f"--bins {bins} --values {values}: {error}") from error
