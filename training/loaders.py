"""What a run's trainer is fed with: crops to learn from, whole pictures to be judged by."""

from typing import Any

import lightning as L
from torch.utils.data import DataLoader

from training.config import FitConfig
from training.data.augment import CropSettings
from training.data.crops import Collate, CropDataset, CropSampler, Source
from training.data.labelled import LabelledPicture
from training.data.prompt_crops import PromptCollate, PromptCrops, Questions
from training.material import Material
from training.several import SeveralCrops


def train_loader(
    config: FitConfig,
    material: Material,
    trainer: L.Trainer,
    *,
    block_px: int,
    least_pixels: int,
    is_asked: bool = False,
) -> DataLoader[Any]:
    """Feed this process with its share of the crops.

    Args:
        config: Options of the run.
        material: What it learns from.
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
        _asked_crops(config, material) if is_asked else _crops(config, material, least_pixels),
        batch_size=config.batch,
        sampler=sampler,
        collate_fn=collate,
        num_workers=config.workers,
        persistent_workers=config.workers > 0,
    )


def validation_loader(
    config: FitConfig, material: Material, trainer: L.Trainer
) -> DataLoader[tuple[str, LabelledPicture]]:
    """Give this process its share of the held-out pictures, whole, one at a time."""
    pictures = material.validation(config.validation_pictures)
    share = list(pictures[trainer.global_rank :: trainer.world_size])
    # A list is a map-style data set.
    return DataLoader(share, batch_size=None)  # type: ignore[arg-type]


def _asked_crops(config: FitConfig, material: Material) -> PromptCrops:
    questions = Questions(absent=config.absent, mosaic=config.mosaic)
    return PromptCrops(
        _sources(config, material), _settings(config, 0), questions, seed=config.seed
    )


def _sources(config: FitConfig, material: Material) -> list[Source]:
    return [
        Source(one.part(held_out=False), choice.weight)
        for one, choice in zip(material.sets, config.data, strict=True)
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


def _crops(config: FitConfig, material: Material, least_pixels: int) -> CropDataset | SeveralCrops:
    sources, settings = _sources(config, material), _settings(config, least_pixels)
    if config.crops_per_picture == 1:
        return CropDataset(sources, settings, seed=config.seed)
    return SeveralCrops(
        sources, settings, seed=config.seed, crops_per_picture=config.crops_per_picture
    )
