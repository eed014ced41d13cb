"""From scores of bins to an expected count and its variance."""

import torch
from torch import Tensor, nn

from monitor.core.bins import BinSet


class BinExpectation(nn.Module):
    """Expectation and variance of a block's count over the bins.

    The bins' values are a buffer, so a checkpoint carries them.

    Source:
        Density: Σ p·a (arXiv 2403.09281, equation of the expected count). Variance: Σ p·a² −
        (Σ p·a)², computed as Σ p·(a − Σ p·a)², which is never negative.
    """

    values: Tensor

    def __init__(self, bins: BinSet) -> None:
        super().__init__()
        self.register_buffer("values", torch.tensor(bins.values, dtype=torch.float32))

    def forward(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        """Give expectation and variance.

        Args:
            logits: Shape (N, K, h, w), scores of K bins.

        Returns:
            Two tensors of shape (N, h, w): people, people squared; none negative.
        """
        chances = logits.softmax(dim=1)
        values = self.values.view(1, -1, 1, 1)
        density = (chances * values).sum(dim=1)
        variance = (chances * (values - density.unsqueeze(1)) ** 2).sum(dim=1)
        return density, variance
