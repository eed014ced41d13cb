"""Count whole pictures with a torch network, by the plan that the app uses."""

import numpy as np
import torch

from monitor.contract.arrays import FloatMap, RgbImage
from monitor.contract.tiling import TilePlan, plan_tiles, run_tiled
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


def count_picture(
    counter: Counter, image: RgbImage, plan: TilePlan
) -> tuple[FloatMap, FloatMap | None]:
    """Count one picture.

    Args:
        counter: Network in evaluation mode, on any device.
        image: Shape (H, W, 3), uint8, RGB.
        plan: Where the network looks, from `plan_for`.

    Returns:
        Density and variance per block, shape `plan.grid`; the variance is None where the method
        gives none.
    """
    device = next(counter.parameters()).device

    def run(tile: RgbImage) -> tuple[FloatMap, FloatMap | None]:
        picture = torch.from_numpy(np.ascontiguousarray(tile)).to(device).permute(2, 0, 1)[None]
        with torch.inference_mode():
            output = counter(normalize(picture, counter.mean, counter.std))
        density: FloatMap = output.density[0].float().cpu().numpy()
        if output.variance is None:
            return density, None
        return density, output.variance[0].float().cpu().numpy()

    return run_tiled(image, plan, run)
