"""Teaching a trained network which pictures it knows, and measuring how well it tells others.

Descriptions of training pictures say what is known; the limit is where a stated share of the
held-out pictures of the same kinds lies above it. Corrupted pictures and drawn ones without any
scene show what it is worth.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from monitor.core.arrays import RgbImage
from monitor.core.manifest import Novelty
from training.data.augment import normalize, pad_to_multiple
from training.models.pyramid import PyramidCounter

DIRECTIONS = 64
"""Directions in which known pictures may differ each by its own amount."""

FALSE_SHARE = 0.02
"""Share of known pictures that may be taken for unknown."""


@dataclass(frozen=True)
class Separation:
    """How well one kind of foreign picture is told from the known ones."""

    auroc: float
    """Chance that a foreign picture is more novel than a known one; 0.5 is guessing."""
    found: float
    """Share of foreign pictures above the limit."""


def describe_picture(counter: PyramidCounter, image: RgbImage) -> Tensor:
    """Sum up a picture by a network's maps.

    Args:
        counter: Network in evaluation mode.
        image: Shape (H, W, 3), uint8, RGB.

    Returns:
        Shape (size,), float.
    """
    picture = torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1)
    whole = pad_to_multiple(picture, counter.size_multiple)[None]
    with torch.inference_mode():
        described = counter.describe(normalize(whole, counter.mean, counter.std))
    return described[0]


def even_shares(sizes: Sequence[int]) -> Tensor:
    """Give every set the same say: shape (pictures in all,), adding up to 1."""
    parts = [torch.full((size,), 1 / size) for size in sizes if size]
    return torch.cat(parts) / len(parts)


def limit_of(novelties: Sequence[Sequence[float]]) -> Novelty:
    """Find the limit that the stated share of known pictures lies above.

    Args:
        novelties: Of held-out pictures, by set; every set has the same say.

    Returns:
        The limit, and the share that lies above it.

    Raises:
        ValueError: If there is no picture.
    """
    values = np.array([one for each in novelties for one in each])
    if not len(values):
        raise ValueError("no pictures to find a limit with")
    shares = even_shares([len(each) for each in novelties]).double().numpy()
    order = np.argsort(values)
    reached = np.cumsum(shares[order])
    place = min(int(np.searchsorted(reached, 1 - FALSE_SHARE)), len(values) - 1)
    limit = float(values[order][place])
    return Novelty(limit=limit, false_share=float(shares[values > limit].sum()))


def separation(known: Sequence[float], foreign: Sequence[float], limit: float) -> Separation:
    """Measure how well foreign pictures are told from known ones.

    Args:
        known: Novelty of known pictures, one or more.
        foreign: Novelty of foreign pictures, one or more.
        limit: Above which a picture is called foreign.

    Returns:
        The area under the ROC curve, ties counting half, and the share found at the limit.

    Source:
        Mann-Whitney's U over the product of the numbers (Hanley and McNeil 1982).
    """
    first, second = np.asarray(known)[:, None], np.asarray(foreign)[None]
    auroc = float(((second > first) + 0.5 * (second == first)).mean())
    return Separation(auroc, float((np.asarray(foreign) > limit).mean()))
