"""Take out of a network what a graph need not compute anew for every picture."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch.nn.functional as F
from timm.models import reparameterize_model
from torch import Tensor, nn

from training.models.heads import Similarity

_WAYS_OF_TIMM = ("reparameterize", "switch_to_deploy", "fuse")
"""Methods by which timm's modules say that they can be folded."""


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
def folded(network: nn.Module) -> Iterator[None]:
    """Let a network compute less for a while, and count the same.

    Similarities compare with scaled sentences: one constant instead of two. Branches that timm
    trains side by side, and batch normalization among them, become one convolution. Any other
    batch normalization is folded into its convolution by the exporter's optimizer.

    Args:
        network: Changed in place, and as it was afterwards; what is not folded is not copied.

    Yields:
        Nothing.
    """
    found = dict(_foldable(network))
    for name, module in found.items():
        network.set_submodule(name, _fold(module))
    try:
        yield
    finally:
        for name, module in found.items():
            network.set_submodule(name, module)


def _foldable(network: nn.Module, path: str = "") -> Iterator[tuple[str, nn.Module]]:
    """Name the outermost modules that can be folded."""
    for name, module in network.named_children():
        if isinstance(module, Similarity) or _has_branches(module):
            yield path + name, module
        else:
            yield from _foldable(module, f"{path}{name}.")


def _has_branches(module: nn.Module) -> bool:
    is_of_timm = type(module).__module__.startswith("timm.")
    return is_of_timm and any(hasattr(module, one) for one in _WAYS_OF_TIMM)


def _fold(module: nn.Module) -> nn.Module:
    if isinstance(module, Similarity):
        return FoldedSimilarity(module)
    # timm folds what is inside of what it is given, so it is given something around the module.
    return reparameterize_model(nn.Sequential(module)).get_submodule("0")
