"""Count whole pictures with a torch network, by the plan that the app uses."""

from dataclasses import dataclass

import numpy as np
import torch

from monitor.core.arrays import FloatMap, RgbImage
from monitor.core.tiling import TilePlan, plan_tiles, run_tiled
from training.data.augment import normalize
from training.models.output import Counter


def plan_for(
    counter: Counter,
    size_hw: tuple[int, int],
    *,
    window_px: int | None = None,
    stride_px: int | None = None,
) -> TilePlan:
    """Plan where a network looks in a picture of `size_hw` (height, width; pixels)."""
    return plan_tiles(
        size_hw,
        block_px=counter.block_px,
        size_multiple=counter.size_multiple,
        window_px=window_px,
        stride_px=stride_px,
    )


@dataclass(frozen=True)
class Look:
    """What a network says of one picture."""

    density: FloatMap
    """Shape of the plan's grid, people per block."""
    variance: FloatMap | None
    """The same shape, people squared; None where the method gives none."""
    novelty: float | None
    """How unlike known pictures it is, 0 or more; None where the network does not say."""


def look_at(counter: Counter, image: RgbImage, plan: TilePlan) -> Look:
    """Count one picture.

    Args:
        counter: Network in evaluation mode, on any device.
        image: Shape (H, W, 3), uint8, RGB.
        plan: Where the network looks, from `plan_for`.

    Returns:
        What it says; of several windows' novelties, the highest.
    """
    device = next(counter.parameters()).device
    novelties: list[float] = []

    def run(tile: RgbImage) -> tuple[FloatMap, FloatMap | None]:
        picture = torch.from_numpy(np.ascontiguousarray(tile)).to(device).permute(2, 0, 1)[None]
        with torch.inference_mode():
            output = counter(normalize(picture, counter.mean, counter.std))
        density: FloatMap = output.density[0].float().cpu().numpy()
        if output.novelty is not None:
            novelties.append(float(output.novelty[0]))
        if output.variance is None:
            return density, None
        return density, output.variance[0].float().cpu().numpy()

    density, variance = run_tiled(image, plan, run)
    return Look(density, variance, max(novelties, default=None))


def count_picture(
    counter: Counter, image: RgbImage, plan: TilePlan
) -> tuple[FloatMap, FloatMap | None]:
    """Give density and variance of one picture alone, see `look_at`."""
    look = look_at(counter, image, plan)
    return look.density, look.variance
