"""Crops with a question each: what is to be counted in it, and where that is.

Some crops are asked for what is not there, some are put together from several pictures: a network
that is never shown a wrong prompt has no reason to listen to its prompt.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset
from torchvision import tv_tensors

from monitor.core.arrays import Points
from training.data.augment import CropSettings, build_augmentation
from training.data.crops import Collate, CropBatch, PictureCache, Source
from training.data.labelled import LabelledPicture, names_in, points_named, vocabulary

_TILES = 2
"""Tiles of a mosaic along each side."""


@dataclass(frozen=True)
class AskedCrop:
    """A crop and what it is asked for."""

    picture: Tensor
    """Shape (3, side, side), uint8, RGB."""
    points_xy: Tensor
    """Shape (N, 2), pixels: where that is; none where it is absent."""
    prompt: str


@dataclass(frozen=True)
class PromptBatch:
    """Crops and what they are asked for."""

    crops: CropBatch
    prompts: tuple[str, ...]
    """One a crop."""

    def to(self, device: torch.device | str) -> "PromptBatch":
        """Move the crops to a device."""
        return PromptBatch(self.crops.to(device), self.prompts)


@dataclass(frozen=True)
class Questions:
    """How often crops are asked for what."""

    absent: float = 0.25
    """Chance that a crop is asked for something marked elsewhere but not in its picture."""
    mosaic: float = 0.25
    """Chance of a crop put together from four pictures, asked for what is in one of them."""


class PromptCrops(Dataset[AskedCrop]):
    """Crop number i, for any i of 0 or more; a function of the seed and i alone.

    Args:
        sources: Where pictures come from.
        settings: How crops are taken. None loses or exchanges its colors, for colors may be in a
            prompt.
        questions: What they are asked for.
        seed: Same seed, same crops.
        cache_bytes: Decoded pictures kept in memory, up to this.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        settings: CropSettings,
        questions: Questions,
        *,
        seed: int,
        cache_bytes: int = 3 * 2**30,
    ) -> None:
        self._sources = tuple(sources)
        weights = np.array([source.weight for source in sources], dtype=np.float64)
        self._shares = weights / weights.sum()
        colored = replace(settings, grey=0.0, tones=0.0)
        self._whole = build_augmentation(colored)
        self._tile = build_augmentation(replace(colored, side_px=settings.side_px // _TILES))
        self._questions, self._seed = questions, seed
        self._names = vocabulary(one for source in sources for one in source.pictures)
        self._decoded = PictureCache(cache_bytes)

    def __getitem__(self, index: int) -> AskedCrop:
        """Give crop number `index`."""
        draw = np.random.default_rng((self._seed, index))
        picture = self._draw_picture(draw)
        prompt = self._draw_prompt(draw, picture)
        if draw.random() < self._questions.mosaic:
            others = [self._draw_picture(draw) for _ in range(_TILES * _TILES - 1)]
            return self._mosaic(draw, [picture, *others], prompt)
        crop, points = self._augmented(draw, picture, prompt, is_tile=False)
        return AskedCrop(crop, points, prompt)

    def _draw_picture(self, draw: np.random.Generator) -> LabelledPicture:
        source = self._sources[int(draw.choice(len(self._shares), p=self._shares))]
        return source.pictures[int(draw.integers(len(source.pictures)))]

    def _draw_prompt(self, draw: np.random.Generator, picture: LabelledPicture) -> str:
        there = names_in(picture)
        elsewhere = [name for name in self._names if name not in there]
        is_absent = bool(draw.random() < self._questions.absent) or not there
        names = elsewhere if is_absent and elsewhere else there
        return names[int(draw.integers(len(names)))]

    def _mosaic(
        self, draw: np.random.Generator, pictures: Sequence[LabelledPicture], prompt: str
    ) -> AskedCrop:
        tiles = [self._augmented(draw, one, prompt, is_tile=True) for one in pictures]
        places = [tiles[place] for place in draw.permutation(len(tiles))]
        rows = [
            torch.cat([crop for crop, _ in places[start : start + _TILES]], dim=2)
            for start in range(0, len(places), _TILES)
        ]
        side = places[0][0].shape[-1]
        moved = [
            points + torch.tensor([place % _TILES, place // _TILES]) * side
            for place, (_, points) in enumerate(places)
        ]
        return AskedCrop(torch.cat(rows, dim=1), torch.cat(moved), prompt)

    def _augmented(
        self, draw: np.random.Generator, picture: LabelledPicture, prompt: str, *, is_tile: bool
    ) -> tuple[Tensor, Tensor]:
        image = torch.from_numpy(self._decoded.read(picture)).permute(2, 0, 1)
        found: Points = points_named(picture, prompt)
        points = tv_tensors.KeyPoints(torch.from_numpy(found), canvas_size=picture.size_hw)
        augment = self._tile if is_tile else self._whole
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(draw.integers(2**62)))
            crop, inside = augment(tv_tensors.Image(image), points)
        return crop.as_subclass(Tensor), inside.as_subclass(Tensor)


@dataclass(frozen=True)
class PromptCollate:
    """Put asked crops together into a batch."""

    block_px: int

    def __call__(self, asked: Sequence[AskedCrop]) -> PromptBatch:
        """Give a batch."""
        crops = Collate(self.block_px)([(one.picture, one.points_xy) for one in asked])
        return PromptBatch(crops, tuple(one.prompt for one in asked))
