"""What a run learns from and is judged by: sets, bins with mean counts, and the loaders of both."""

import hashlib
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning as L
import numpy as np
from torch.utils.data import DataLoader

import monitor
from monitor.core.bins import BinSet, mean_values, middle_values, parse_bins
from training.clip_count.data import PromptCollate, PromptCrops, Questions
from training.config import FitConfig
from training.data.augment import CropSettings
from training.data.crops import Collate, CropDataset, CropSampler, MultiCrops, Source
from training.data.folder import SplitSet, read_folder
from training.data.histogram import block_histogram, scales_between
from training.data.labelled import LabelledPicture
from training.errors import TrainingError
from training.models.published_bins import bin_names, bins_by_name


@dataclass(frozen=True)
class Datasets:
    """What a run learns from and is judged by."""

    sets: tuple[SplitSet, ...]
    bins: BinSet
    """The bins and what they stand for."""
    shares: tuple[float, ...]
    """Share of blocks in each bin; adds up to 1."""

    def validation(self, most: int) -> tuple[tuple[str, LabelledPicture], ...]:
        """Give held-out pictures with the name of their set, up to `most` a set, spread evenly."""
        chosen: list[tuple[str, LabelledPicture]] = []
        for one in self.sets:
            held = one.part(held_out=True)
            places = np.linspace(0, len(held) - 1, min(most, len(held))).round().astype(int)
            chosen.extend((one.labelled.name, held[place]) for place in places)
        return tuple(chosen)


def read_datasets(
    config: FitConfig, *, block_px: int, known_bins: BinSet | None = None
) -> Datasets:
    """Read the data and count its blocks.

    Args:
        config: Which folders, bins and scales.
        block_px: Side of a block, pixels.
        known_bins: Bins to use in place of those of the options.

    Returns:
        The sets, the bins with their mean counts, and how common each bin is.

    Raises:
        TrainingError: If a folder cannot be used, the bins cannot be read, or nothing is left to
            learn from.
    """
    if known_bins is None and config.bins in bin_names():
        known_bins = bins_by_name(config.bins)
    try:
        bins = known_bins.bins if known_bins else parse_bins(config.bins)
    except ValueError as error:
        raise TrainingError(str(error)) from error
    sets = tuple(read_folder(Path(one.folder)) for one in config.data)
    learned = [picture for one in sets for picture in one.part(held_out=False)]
    if not learned:
        raise TrainingError("every picture is held out for validation; nothing is left to learn")
    histogram = block_histogram(
        learned,
        block_px=block_px,
        scales=scales_between(config.smallest_scale, config.largest_scale),
    )
    is_average = config.anchors == "average"
    values = mean_values(bins, histogram) if is_average else middle_values(bins)
    chosen = known_bins or BinSet(bins, values)
    classes = chosen.class_of(np.arange(len(histogram)))
    counted = np.bincount(classes, weights=histogram, minlength=len(bins))
    shares = tuple(float(one) for one in counted / counted.sum())
    return Datasets(sets, chosen, shares)


def data_hash(sets: tuple[SplitSet, ...]) -> str:
    """Hash which pictures and marks a run saw: names, sizes, marks and split; 64 hex digits."""
    digest = hashlib.sha256()
    for one in sets:
        for picture, held in zip(one.labelled.pictures, one.is_held_out, strict=True):
            digest.update(f"{picture.name}|{picture.size_hw}|{held}".encode())
            digest.update(picture.points_xy.tobytes())
    return digest.hexdigest()


def describe_run(config: FitConfig, datasets: Datasets) -> dict[str, Any]:
    """Write down everything that made a checkpoint, as plain data.

    Args:
        config: The run's options.
        datasets: What it learns from.

    Returns:
        Any: JSON-like, for the checkpoint's metadata.
    """
    return {
        "software_version": monitor.__version__,
        "commit": _commit(),
        "options": config.model_dump(mode="json"),
        "data_sha256": data_hash(datasets.sets),
        "data": [
            {
                "name": one.labelled.name,
                "licence": one.labelled.licence,
                "pictures": len(one.part(held_out=False)),
                "held_out": len(one.part(held_out=True)),
                "split": one.split,
            }
            for one in datasets.sets
        ],
        "bin_shares": list(datasets.shares),
    }


def _commit() -> str:
    try:
        found = subprocess.run(
            ["git", "rev-parse", "HEAD"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return found.stdout.strip()


def train_loader(
    config: FitConfig,
    datasets: Datasets,
    trainer: L.Trainer,
    *,
    block_px: int,
    least_pixels: int,
    is_asked: bool = False,
) -> DataLoader[Any]:
    """Feed this process with its share of the crops.

    Args:
        config: Options of the run.
        datasets: What it learns from.
        trainer: Knows how far training is and how many processes train.
        block_px: Side of a block, pixels.
        least_pixels: Pictures of fewer pixels are enlarged to so many.
        is_asked: Whether the network is asked what to count, so that crops need questions.

    Returns:
        Batches of crops. Any: asked ones are of another type.
    """
    crops_a_step = config.batch * trainer.world_size
    sampler = CropSampler(
        crops_a_step * config.epoch_steps,
        lambda: trainer.global_step * crops_a_step,
        rank=trainer.global_rank,
        world_size=trainer.world_size,
    )
    collate = PromptCollate(block_px) if is_asked else Collate(block_px)
    return DataLoader(
        _asked_crops(config, datasets) if is_asked else _crops(config, datasets, least_pixels),
        batch_size=config.batch,
        sampler=sampler,
        collate_fn=collate,
        num_workers=config.workers,
        persistent_workers=config.workers > 0,
    )


def validation_loader(
    config: FitConfig, datasets: Datasets, trainer: L.Trainer
) -> DataLoader[tuple[str, LabelledPicture]]:
    """Give this process its share of the held-out pictures, whole, one at a time."""
    pictures = datasets.validation(config.validation_pictures)
    share = list(pictures[trainer.global_rank :: trainer.world_size])
    # A list is a map-style data set.
    return DataLoader(share, batch_size=None)  # type: ignore[arg-type]


def _asked_crops(config: FitConfig, datasets: Datasets) -> PromptCrops:
    questions = Questions(absent=config.absent, mosaic=config.mosaic)
    return PromptCrops(
        _sources(config, datasets), _settings(config, 0), questions, seed=config.seed
    )


def _sources(config: FitConfig, datasets: Datasets) -> list[Source]:
    return [
        Source(one.part(held_out=False), choice.weight)
        for one, choice in zip(datasets.sets, config.data, strict=True)
        if one.part(held_out=False)
    ]


def _settings(config: FitConfig, least_pixels: int) -> CropSettings:
    return CropSettings(
        side_px=config.crop_px,
        margin_px=config.margin_px,
        smallest_scale=config.smallest_scale,
        largest_scale=config.largest_scale,
        least_pixels=least_pixels,
        placement=config.placement,
        crowded=config.crowded,
        artefacts=config.artefacts,
        grey=config.grey,
        tones=config.tones,
        stretch=config.stretch,
        pasted=config.pasted,
    )


def _crops(config: FitConfig, datasets: Datasets, least_pixels: int) -> CropDataset | MultiCrops:
    sources, settings = _sources(config, datasets), _settings(config, least_pixels)
    if config.crops_per_picture == 1:
        return CropDataset(sources, settings, seed=config.seed)
    return MultiCrops(
        sources, settings, seed=config.seed, crops_per_picture=config.crops_per_picture
    )
