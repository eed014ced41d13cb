"""Heads: from the features of blocks to counts, their variances, and the scores behind them."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from monitor.core.bins import BinSet
from training.models.blocks import initialize
from training.models.output import BinExpectation, BlockOutput

FIRST_LOG_SCALE = math.log(1 / 0.07)
"""Logarithm of the factor that similarities start with, as in CLIP (arXiv 2103.00020)."""

_WIDEST_DIRECT = 512  # channels up to which one convolution classifies; wider go through so many


class Similarity(nn.Module):
    """Cosine similarity of every block's features with sentences, times a learned factor.

    The embeddings of the sentences are a buffer that starts as not-a-number: they come from a
    text tower once, or from a checkpoint, and a network that got neither must not count.

    Args:
        channels: Channels of the features.
        width: Length of the vectors that are compared.
        sentences: How many sentences there are.
        has_bias: Whether the projection has a bias.
    """

    text: Tensor

    def __init__(self, channels: int, width: int, sentences: int, *, has_bias: bool) -> None:
        super().__init__()
        self.projection = nn.Conv2d(channels, width, 1, bias=has_bias)
        initialize(self.projection)
        self.log_scale = nn.Parameter(torch.tensor(FIRST_LOG_SCALE))
        self.register_buffer("text", torch.full((sentences, width), torch.nan))

    def hold(self, embeddings: Tensor) -> None:
        """Take over the embeddings of the sentences, shape (sentences, width), of any length."""
        if embeddings.shape != self.text.shape:
            raise ValueError(
                f"embeddings of shape {tuple(embeddings.shape)}, not {tuple(self.text.shape)}"
            )
        self.text.copy_(F.normalize(embeddings.to(self.text), dim=1))

    def forward(self, features: Tensor) -> Tensor:
        """Give scores (N, sentences, h, w) for features (N, C, h, w)."""
        projected = F.normalize(self.projection(features).float(), dim=1)
        compared = F.conv2d(projected, self.text[:, :, None, None])
        scores: Tensor = self.log_scale.exp() * compared
        return scores


class ClassHead(nn.Module):
    """Classifies every block: EBC and CLIP-EBC.

    Args:
        score: From features to one score a bin.
        bins: The bins and what they stand for.
    """

    def __init__(self, score: nn.Module, bins: BinSet) -> None:
        super().__init__()
        self.score = score
        self.expectation = BinExpectation(bins)

    def forward(self, features: Tensor) -> BlockOutput:
        """Give density, variance and scores of the bins."""
        logits = self.score(features).float()
        density, variance = self.expectation(logits)
        return BlockOutput(density, variance, logits)


class ZipHead(nn.Module):
    """Zero-inflated Poisson: is a block structurally empty, and if not, what is its rate.

    Args:
        count: From features to one score for each bin but the first.
        empty: From features to the scores of `structurally empty` and its contrary.
        bins: The bins and what they stand for; the first one holds 0 alone.

    Source:
        ZIP (arXiv 2506.19955): density (1 − π)·λ. Variance of a zero-inflated Poisson variable:
        (1 − π)·λ·(1 + π·λ).
    """

    values: Tensor

    def __init__(self, count: nn.Module, empty: nn.Module, bins: BinSet) -> None:
        super().__init__()
        if bins.bins[0].high != 0:
            raise ValueError(f"zero-inflated counting needs a bin for 0 alone, not {bins.bins[0]}")
        self.count = count
        self.empty = empty
        self.register_buffer("values", torch.tensor(bins.values, dtype=torch.float32))

    def forward(self, features: Tensor) -> BlockOutput:
        """Give density, variance, scores of the positive bins, and scores of emptiness."""
        logits = self.count(features).float()
        zero_logits = self.empty(features).float()
        rate = positive_rate(logits, self.values[1:])
        chances = zero_logits.softmax(dim=1)
        is_empty, is_open = chances[:, 0], chances[:, 1]
        density = is_open * rate
        return BlockOutput(density, density * (1 + is_empty * rate), logits, zero_logits)


class RegressionHead(nn.Module):
    """One number a block, none negative: the baseline without bins."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.regressor = nn.Conv2d(channels, 1, 1)

    def forward(self, features: Tensor) -> BlockOutput:
        """Give the density alone."""
        return BlockOutput(F.relu(self.regressor(features).float()).squeeze(1))


def positive_rate(logits: Tensor, values: Tensor) -> Tensor:
    """Give the rate λ of every block, the expectation over the positive bins.

    Args:
        logits: Shape (N, K, h, w), scores of the positive bins.
        values: Shape (K,), what they stand for.

    Returns:
        Shape (N, h, w), within the smallest and largest value.
    """
    return (logits.softmax(dim=1) * values.view(1, -1, 1, 1)).sum(dim=1)


def classifier(channels: int, classes: int) -> nn.Sequential:
    """Make EBC's classifier: 1×1 convolutions, through 512 channels if there are more.

    Args:
        channels: Channels of the features.
        classes: How many scores to give.

    Returns:
        The convolutions. The last one starts with torch's small weights. The published programs
        start it by Kaiming's rule for fan-out, which for few scores makes them so large that
        fresh networks are sure of what they do not know, and some never learn.
    """
    layers: list[nn.Module] = []
    if channels > _WIDEST_DIRECT:
        widened = nn.Conv2d(channels, _WIDEST_DIRECT, 1)
        initialize(widened)
        layers += [widened, nn.ReLU(inplace=True)]
        channels = _WIDEST_DIRECT
    layers.append(nn.Conv2d(channels, classes, 1))
    return nn.Sequential(*layers)
