"""Bad light and bad weather, drawn over pictures taken in good."""

import cv2
import numpy as np
import torch
from torch import Tensor

from training.data.pixels import PixelTransform, uniform


class Night(PixelTransform):
    """Take the light away: a darker, steeper picture in the color of lamps, with grain."""

    def change(self, picture: Tensor) -> Tensor:
        """Darken a picture, see `PixelTransform.change`."""
        light = uniform(0.15, 0.5)  # below, nobody is to be seen any more
        steepness = uniform(1.0, 1.6)
        lamps = torch.tensor([1.0, uniform(0.8, 1.0), uniform(0.55, 1.0)]).view(3, 1, 1)
        grain = uniform(0.0, 8.0)
        dark = 255 * light * lamps * (picture.float() / 255) ** steepness
        return dark + grain * torch.randn(picture.shape)


class Rain(PixelTransform):
    """Draw streaks, and the grey of what falls farther away."""

    def change(self, picture: Tensor) -> Tensor:
        """Let it rain on a picture, see `PixelTransform.change`."""
        height, width = picture.shape[-2:]
        drops = (torch.rand(height, width) < uniform(0.001, 0.006)).float()
        length, slant = round(uniform(9, 25)), uniform(-0.3, 0.3)
        streaks = torch.from_numpy(cv2.filter2D(drops.numpy(), -1, _streak(length, slant)))
        brightness, haze = uniform(40, 130), uniform(0.0, 0.35)
        grey = 170.0
        hazy = picture.float() * (1 - haze) + grey * haze
        return hazy + brightness * streaks.clamp(max=1)


def _streak(length: int, slant: float) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Give a kernel of a line `length` pixels long, leaning by `slant` pixels across a pixel."""
    kernel = np.zeros((length, length), np.float32)
    middle = (length - 1) / 2
    lean = round(slant * middle)
    start, end = (int(middle - lean), 0), (int(middle + lean), length - 1)
    cv2.line(kernel, start, end, 1.0)
    return kernel
