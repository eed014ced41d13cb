"""Feeding a network: an endless, repeatable sequence of crops, one or more of a picture in a row.

Crop number i is a function of the seed and i alone: which picture, which place, which weather.
So one seed gives one result with any number of workers, and training that was killed goes on
with the crops that it would have seen.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset, Sampler
from torchvision import tv_tensors

from monitor.core.arrays import RgbImage
from training.data.augment import CropSettings, blocks_of, build_augmentation
from training.data.labelled import LabelledPicture
from training.data.pasting import paste
from training.errors import DataError
from training.models.output import BlockTarget


@dataclass(frozen=True)
class CropBatch:
    """Crops and their truth."""

    pictures: Tensor
    """Shape (N, 3, side, side), uint8, RGB."""
    target: BlockTarget

    def to(self, device: torch.device | str) -> "CropBatch":
        """Move everything to a device."""
        points = tuple(one.to(device) for one in self.target.points)
        target = BlockTarget(self.target.blocks.to(device), points)
        return CropBatch(self.pictures.to(device), target)


@dataclass(frozen=True)
class Source:
    """Pictures that are drawn from together, and how often."""

    pictures: tuple[LabelledPicture, ...]
    weight: float = 1.0
    """Share of crops from here, relative to the other sources."""


def read_rgb(picture: LabelledPicture) -> RgbImage:
    """Decode a picture.

    Args:
        picture: Which one.

    Returns:
        Shape (H, W, 3), uint8, RGB.

    Raises:
        DataError: If the file has gone or is damaged.
    """
    image = cv2.imread(str(picture.path), cv2.IMREAD_COLOR_RGB)
    if image is None:
        raise DataError(f"{picture.path}: was there a moment ago, cannot be decoded now")
    return np.asarray(image, dtype=np.uint8)


class PictureCache:
    """Decoded pictures, kept in memory as long as there is room; belongs to one process.

    Args:
        room_bytes: Kept up to this; the rest are read again.
    """

    def __init__(self, room_bytes: int) -> None:
        self._room_bytes = room_bytes
        self._kept: dict[Path, RgbImage] = {}

    def read(self, picture: LabelledPicture) -> RgbImage:
        """Give a picture, shape (H, W, 3), uint8, RGB; see `read_rgb`. Not to be written to."""
        if picture.path in self._kept:
            return self._kept[picture.path]
        image = read_rgb(picture)
        if image.nbytes <= self._room_bytes:
            self._room_bytes -= image.nbytes
            self._kept[picture.path] = image
        return image


class CropDataset(Dataset[tuple[Tensor, Tensor]]):
    """Crop number i, for any i of 0 or more.

    Args:
        sources: Where pictures come from.
        settings: How crops are taken.
        seed: Same seed, same crops.
        cache_bytes: Decoded pictures kept in memory, up to this; the rest are read again.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        settings: CropSettings,
        *,
        seed: int,
        cache_bytes: int = 3 * 2**30,
    ) -> None:
        self._sources = tuple(sources)
        weights = np.array([source.weight for source in sources], dtype=np.float64)
        self._shares = weights / weights.sum()
        self._chances = tuple(_chances(source.pictures) for source in sources)
        self._augment = build_augmentation(settings)
        self._pasted = settings.pasted
        self._seed = seed
        self._decoded = PictureCache(cache_bytes)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        """Give crop number `index`: uint8 (3, side, side) and heads (N, 2), pixels."""
        draw = np.random.default_rng((self._seed, index))
        crop = self._crop(draw)
        if self._pasted > 0 and draw.random() < self._pasted:
            return paste(crop, self._crop(draw), draw)
        return crop

    def _crop(self, draw: np.random.Generator) -> tuple[Tensor, Tensor]:
        number = int(draw.choice(len(self._shares), p=self._shares))
        pictures, chances = self._sources[number].pictures, self._chances[number]
        # Where all are as likely, crops stay those of earlier versions.
        drawn = (
            draw.integers(len(pictures))
            if chances is None
            else draw.choice(len(pictures), p=chances)
        )
        picture = pictures[int(drawn)]
        image = torch.from_numpy(self._decoded.read(picture)).permute(2, 0, 1)
        heads = tv_tensors.KeyPoints(
            torch.from_numpy(picture.points_xy), canvas_size=picture.size_hw
        )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(draw.integers(2**62)))
            crop, inside = self._augment(tv_tensors.Image(image), heads)
        return crop.as_subclass(Tensor), inside.as_subclass(Tensor)


def _chances(pictures: Sequence[LabelledPicture]) -> NDArray[np.float64] | None:
    weights = np.array([one.weight for one in pictures], dtype=np.float64)
    return None if np.all(weights == 1) else weights / weights.sum()


class CropSampler(Sampler[int]):
    """The numbers of one epoch's crops; every epoch goes on where training stands.

    Args:
        crops_per_epoch: Crops in an epoch, over all processes.
        crops_done: Tells how many crops training has used so far, over all processes; asked at
            the start of every epoch, so that a resumed run sees what it would have seen.
        rank: Number of this process among those that train together.
        world_size: How many train together.
    """

    def __init__(
        self,
        crops_per_epoch: int,
        crops_done: Callable[[], int],
        *,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        self._crops = crops_per_epoch
        self._crops_done = crops_done
        self._rank, self._world_size = rank, world_size

    def __len__(self) -> int:
        return self._crops // self._world_size

    def __iter__(self) -> Iterator[int]:
        first = self._crops_done() + self._rank
        return iter(range(first, first + len(self) * self._world_size, self._world_size))


@dataclass(frozen=True)
class Collate:
    """Put crops together into a batch and count heads per block."""

    block_px: int

    def __call__(self, crops: Sequence[tuple[Tensor, Tensor]]) -> CropBatch:
        """Give a batch.

        Args:
            crops: From `CropDataset`.

        Returns:
            Pictures uint8 and the truth per block.
        """
        side = crops[0][0].shape[-1]
        blocks = torch.stack([blocks_of(heads, side, self.block_px) for _, heads in crops])
        pictures = torch.stack([picture for picture, _ in crops])
        return CropBatch(pictures, BlockTarget(blocks, tuple(heads for _, heads in crops)))


class MultiCrops(Dataset[tuple[Tensor, Tensor]]):
    """Crop number i, for any i of 0 or more; a picture serves several numbers in a row.

    Args:
        sources: Where pictures come from.
        settings: How crops are taken.
        seed: Same seed, same crops.
        crops_per_picture: How many in a row.
        cache_bytes: Decoded pictures kept in memory, up to this; shared out evenly.
    """

    def __init__(
        self,
        sources: list[Source],
        settings: CropSettings,
        *,
        seed: int,
        crops_per_picture: int,
        cache_bytes: int = 3 * 2**30,
    ) -> None:
        self._sources = sources
        weights = np.array([source.weight for source in sources], dtype=np.float64)
        self._shares = weights / weights.sum()
        self._settings, self._seed, self._in_a_row = settings, seed, crops_per_picture
        self._cache_bytes = cache_bytes // sum(len(source.pictures) for source in sources)
        self._of_picture: dict[tuple[int, int], CropDataset] = {}

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        """Give crop number `index`: uint8 (3, side, side) and heads (N, 2), pixels."""
        # 1: apart from the sequence that a crop's own chances are drawn from.
        draw = np.random.default_rng((self._seed, index // self._in_a_row, 1))
        source = int(draw.choice(len(self._shares), p=self._shares))
        picture = int(draw.integers(len(self._sources[source].pictures)))
        return self._crops_of(source, picture)[index]

    def _crops_of(self, source: int, picture: int) -> CropDataset:
        place = (source, picture)
        if place not in self._of_picture:
            self._of_picture[place] = CropDataset(
                [Source((self._sources[source].pictures[picture],))],
                self._settings,
                seed=self._seed,
                cache_bytes=self._cache_bytes,
            )
        return self._of_picture[place]
