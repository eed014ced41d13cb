"""Crops for training: picture and heads go through the same transforms together.

A person is the same person nearer or farther, brighter or darker, mirrored, or through a worse
camera. The heads that end up outside the crop are dropped, the others keep their exact place.
"""

import math
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor
from torchvision import tv_tensors
from torchvision.transforms import v2

from training.data.artefacts import (
    FewPixels,
    JpegArtefacts,
    Night,
    Rain,
    SensorNoise,
    VideoArtefacts,
)
from training.models.enlarging import enlargement

_SHARPENED = 2.5  # 1 is as it was


@dataclass(frozen=True)
class CropSettings:
    """How crops are taken from pictures."""

    side_px: int = 256
    """Side of a crop, pixels; a multiple of the network's size multiple."""
    margin_px: int = 0
    """Edge of a crop that shows what lies around it, pixels, black outside the picture. Where the
    rest of the crop lies in a picture does not depend on it."""
    smallest_scale: float = 0.6
    """Pictures are shrunk down to this."""
    largest_scale: float = 1.5
    """Pictures are enlarged up to this."""
    least_pixels: int = 0
    """Pictures of fewer pixels are taken as if they had been enlarged to so many."""
    grey: float = 0.1
    """Chance of a crop without color."""
    blur: float = 0.15
    """Chance of a blurred crop."""
    noise: float = 0.15
    """Chance of a crop with sensor noise."""
    jpeg: float = 0.2
    """Chance of a crop with JPEG artefacts."""
    coarse: float = 0.06
    """Chance of a crop from a camera of fewer pixels."""
    video: float = 0.06
    """Chance of a crop with the artefacts of H.264."""
    night: float = 0.04
    """Chance of a crop in the dark."""
    rain: float = 0.03
    """Chance of a crop in the rain."""
    artefacts: float = 1.0
    """How many of the crops that these chances spoil (grey ones apart) really are: 1 all, 0 none.
    Low late in training, so that clear pictures are what the last steps are about."""
    stretch: float = 0.0
    """Crops are made wider or narrower by up to e^(stretch / 2) along each side."""
    tones: float = 0.0
    """Chance of each of: full contrast, even histogram, sharpened, color channels exchanged."""
    pasted: float = 0.0
    """Chance of a crop with a rectangle of another one in it."""
    placement: Literal["even", "inside"] = "even"
    """Which places are likely. Even: the middle of a crop lies anywhere in the picture, and a crop
    that would stick out is moved in, so that edges are seen a third to a half as often as the
    middle. Inside: every place inside the picture is as likely, as published; edges are hardly
    ever seen."""
    crowded: float = 0.0
    """Chance of a crop that is placed so as to hold at least one head, where there is one."""

    def __post_init__(self) -> None:
        for chance in (self.grey, self.crowded, self.artefacts, self.tones, self.pasted):
            if not 0 <= chance <= 1:
                raise ValueError(f"crops need a chance between 0 and 1, not {chance}")
        if self.side_px < 16 or not 0 < self.smallest_scale <= self.largest_scale:
            raise ValueError("crops need a side of 16 px or more and scales in ascending order")
        if not 0 <= 2 * self.margin_px < self.side_px:
            raise ValueError(f"crops need a margin below half of their side, not {self.margin_px}")
        if self.stretch < 0:
            raise ValueError(f"crops need a stretch of 0 or more, not {self.stretch}")


class RandomScaledCrop(v2.Transform):  # type: ignore[misc]  # torchvision is not typed
    """Take a square at a random place and scale, and resize it to a fixed side.

    A picture too small for the square is filled up with black at its right and lower edge. Which
    scale: uniform in its logarithm.
    """

    def __init__(self, settings: CropSettings) -> None:
        super().__init__()
        self._settings = settings

    def forward(
        self, image: tv_tensors.Image, heads: tv_tensors.KeyPoints
    ) -> tuple[tv_tensors.Image, tv_tensors.KeyPoints]:
        """Crop picture and heads alike.

        Args:
            image: Shape (3, H, W), uint8.
            heads: Shape (N, 2), pixels.

        Returns:
            Shape (3, side, side), uint8, and the heads inside, pixels of the crop.
        """
        chosen = self._settings
        low, high = math.log(chosen.smallest_scale), math.log(chosen.largest_scale)
        scale = math.exp(low + (high - low) * float(torch.rand(())))
        scale *= enlargement(tuple(image.shape[-2:]), chosen.least_pixels)
        shape = self._shape()
        inner_px = chosen.side_px - 2 * chosen.margin_px
        sides = tuple(max(8, round(inner_px / scale * one)) for one in shape)
        top, left = self._place(heads.as_subclass(Tensor), tuple(image.shape[-2:]), sides)
        rims = tuple(round(chosen.margin_px / scale * one) for one in shape)
        lacking = [max(0, side - one) for side, one in zip(sides, image.shape[-2:], strict=True)]
        # Left, top, right, below: what is wanted beyond the picture's own edges.
        around = [rims[1], rims[0], rims[1] + lacking[1], rims[0] + lacking[0]]
        if any(around):
            image = v2.functional.pad(image, around)
            heads = v2.functional.pad(heads, around)
        # Because of that rim the crop begins where the part inside its margin began before.
        high, wide = (side + 2 * rim for side, rim in zip(sides, rims, strict=True))
        x, y = heads[:, 0] - left, heads[:, 1] - top
        inside = (x >= 0) & (x < wide) & (y >= 0) & (y < high)
        kept = tv_tensors.wrap(heads.as_subclass(Tensor)[inside], like=heads)
        cut = v2.functional.crop(image, top, left, high, wide)
        moved = v2.functional.crop(kept, top, left, high, wide)
        size = [chosen.side_px, chosen.side_px]
        return (
            v2.functional.resize(cut, size, antialias=True),
            v2.functional.resize(moved, size),
        )

    def _shape(self) -> tuple[float, float]:
        # How much higher and wider a crop is than the square that it becomes.
        if self._settings.stretch == 0:  # no draw: crops stay those of earlier versions
            return 1.0, 1.0
        ratio = math.exp(self._settings.stretch * (float(torch.rand(())) - 0.5))
        return ratio, 1 / ratio

    def _place(
        self, heads: Tensor, size_hw: tuple[int, ...], sides: tuple[int, ...]
    ) -> tuple[int, int]:
        # Where the part inside the margin may lie, without leaving the picture.
        last = [max(0, one - side) for one, side in zip(size_hw, sides, strict=True)]
        crowded = self._settings.crowded
        # No draw is made where none is needed: crops stay those of earlier versions.
        if crowded > 0 and len(heads) and float(torch.rand(())) < crowded:
            x, y = heads[int(torch.randint(0, len(heads), ()))].tolist()
            first = [
                max(0, math.floor(one) - side + 1) for one, side in zip((y, x), sides, strict=True)
            ]
            last = [min(most, math.floor(one)) for most, one in zip(last, (y, x), strict=True)]
            beyond = [0, 0]
        else:
            first = [0, 0]
            is_even = self._settings.placement == "even"
            beyond = [side // 2 if is_even else 0 for side in sides]
        top, left = (
            min(high, max(low, int(torch.randint(low - over, high + over + 1, ()))))
            for low, high, over in zip(first, last, beyond, strict=True)
        )
        return top, left


def build_augmentation(settings: CropSettings) -> v2.Compose:
    """Put the whole augmentation together.

    Args:
        settings: How crops are taken.

    Returns:
        A transform from (image uint8 (3, H, W), heads) to (crop uint8, heads inside).
    """
    share = settings.artefacts
    return v2.Compose(
        [
            RandomScaledCrop(settings),
            v2.RandomHorizontalFlip(0.5),
            v2.RandomApply([v2.ColorJitter(0.4, 0.4, 0.3, 0.02)], 0.6),
            *(_tones(settings.tones) if settings.tones > 0 else ()),
            v2.RandomGrayscale(settings.grey),
            v2.RandomApply([v2.GaussianBlur(5, (0.3, 1.5))], share * settings.blur),
            v2.RandomApply([JpegArtefacts()], share * settings.jpeg),
            v2.RandomApply([SensorNoise()], share * settings.noise),
            v2.RandomApply([Rain()], share * settings.rain),
            v2.RandomApply([Night()], share * settings.night),
            v2.RandomApply([FewPixels()], share * settings.coarse),
            v2.RandomApply([VideoArtefacts()], share * settings.video),
        ]
    )


def _tones(chance: float) -> list[v2.Transform]:
    return [
        v2.RandomAutocontrast(chance),
        v2.RandomEqualize(chance),
        v2.RandomAdjustSharpness(_SHARPENED, chance),
        v2.RandomApply([v2.RandomChannelPermutation()], chance),
    ]


def blocks_of(points_xy: Tensor, side_px: int, block_px: int) -> Tensor:
    """Count heads in each block of a square crop; heads that share a pixel all count.

    Args:
        points_xy: Shape (N, 2), pixels, inside the crop.
        side_px: Side of the crop, pixels; a multiple of the block.
        block_px: Side of a block, pixels.

    Returns:
        Shape (side / block, side / block), float32; sums to N.
    """
    across = side_px // block_px
    cell = (points_xy / block_px).floor().long().clamp(0, across - 1)
    flat = cell[:, 1] * across + cell[:, 0]
    counted = torch.zeros(across * across).index_add_(0, flat, torch.ones(len(flat)))
    return counted.view(across, across)


def normalize(
    pictures: Tensor, mean: tuple[float, float, float], std: tuple[float, float, float]
) -> Tensor:
    """Turn uint8 pictures (N, 3, H, W) into the network's input, float32."""
    middle = torch.tensor(mean, device=pictures.device).view(1, 3, 1, 1)
    spread = torch.tensor(std, device=pictures.device).view(1, 3, 1, 1)
    return (pictures.float() / 255 - middle) / spread


def pad_to_multiple(picture: Tensor, multiple: int) -> Tensor:
    """Fill a picture (3, H, W) up with black at the right and below to a multiple of pixels."""
    below, beside = -picture.shape[-2] % multiple, -picture.shape[-1] % multiple
    return F.pad(picture, (0, beside, 0, below))
