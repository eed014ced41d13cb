"""Take out of a network what a graph need not compute anew for every picture."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch.nn.functional as F
from torch import Tensor, nn

from training.models.heads import Similarity


class FoldedSimilarity(nn.Module):
    """Cosine similarity with sentences whose embeddings carry the learned factor.

    Args:
        similarity: What it stands for; its projection is shared.
    """

    sentences: Tensor

    def __init__(self, similarity: Similarity) -> None:
        super().__init__()
        self.projection = similarity.projection
        scaled = similarity.text.detach() * similarity.log_scale.detach().exp()
        self.register_buffer("sentences", scaled[:, :, None, None])

    def forward(self, features: Tensor) -> Tensor:
        """Give scores (N, sentences, h, w) for features (N, C, h, w)."""
        projected = F.normalize(self.projection(features).float(), dim=1)
        return F.conv2d(projected, self.sentences)


@contextmanager
def factors_folded(network: nn.Module) -> Iterator[None]:
    """Let a network compare with scaled sentences for a while: one constant instead of two.

    Batch normalization needs no such care: the exporter's optimizer folds it into convolutions.

    Args:
        network: Changed in place, and as it was afterwards; its weights are shared, not copied.

    Yields:
        Nothing.
    """
    found = {
        name: module for name, module in network.named_modules() if isinstance(module, Similarity)
    }
    for name, similarity in found.items():
        network.set_submodule(name, FoldedSimilarity(similarity))
    try:
        yield
    finally:
        for name, similarity in found.items():
            network.set_submodule(name, similarity)
