"""The network as the app will run it: whole pictures in, people per block out.

This module exists for tracing alone. It takes the picture as a camera gives it, so scaling and
normalization of colors are in the graph and cannot be done wrong outside it.
"""

import torch
from torch import Tensor, nn

from training.models.output import Counter


class WholeCounter(nn.Module):
    """A counter with its preprocessing.

    Args:
        counter: Network in evaluation mode.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, counter: Counter) -> None:
        super().__init__()
        self.counter = counter
        full = 255.0
        self.register_buffer("mean", torch.tensor(counter.mean).view(1, 3, 1, 1) * full)
        self.register_buffer("scale", 1 / (torch.tensor(counter.std).view(1, 3, 1, 1) * full))

    def forward(self, frames: Tensor) -> tuple[Tensor, ...]:
        """Count people.

        Args:
            frames: Shape (N, H, W, 3), uint8, RGB; H and W multiples of the size multiple.

        Returns:
            Density, shape (N, H / block, W / block), float32, people per block; and, where the
            method has one, the variance of each block's count, same shape; and, where the
            network says it, how novel each picture is, shape (N,).
        """
        # (n, h, w, c) -> (n, c, h, w)
        pictures = (frames.permute(0, 3, 1, 2).float() - self.mean) * self.scale
        output = self.counter(pictures)
        if output.variance is None:
            return (output.density.float(),)
        maps = output.density.float(), output.variance.float()
        return maps if output.novelty is None else (*maps, output.novelty.float())
