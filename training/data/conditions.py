"""Pictures as the same camera would show them on a worse day, to be judged by.

The kinds and their strengths are those that crops are spoilt with in training, so they say how a
network bears what it was prepared for; `foreign` holds what it was not.
"""

import numpy as np
import torch
from torchvision import tv_tensors
from torchvision.transforms import v2

from monitor.core.arrays import RgbImage
from training.data.artefacts import FewPixels, JpegArtefacts, SensorNoise, VideoArtefacts
from training.data.weather import Night, Rain

CONDITIONS: dict[str, v2.Transform] = {
    "night": Night(),
    "rain": Rain(),
    "grey": v2.Grayscale(3),
    "blur": v2.GaussianBlur(5, (0.3, 1.5)),
    "noise": SensorNoise(),
    "few pixels": FewPixels(),
    "JPEG": JpegArtefacts(),
    "H.264": VideoArtefacts(),
}
"""By their names."""


def under(condition: str, image: RgbImage, *, seed: int) -> RgbImage:
    """Show a picture under one of `CONDITIONS`.

    Args:
        condition: Its name.
        image: Shape (H, W, 3), uint8, RGB.
        seed: Decides how strong it is.

    Returns:
        The same shape.
    """
    picture = tv_tensors.Image(torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        changed = CONDITIONS[condition](picture)
    return np.ascontiguousarray(changed.permute(1, 2, 0).numpy())
