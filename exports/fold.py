"""Take out of a network what a graph need not compute anew for every picture."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import cast

import torch.nn.functional as F
from timm.models import reparameterize_model
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from training.models.chain import Chain
from training.models.depthwise import DepthwiseConv2d
from training.models.heads import Similarity

_CONVOLUTIONS = {nn.Conv2d, DepthwiseConv2d}
"""Kinds of layers that a normalization can be put into; others may compute something else."""

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
    trains side by side, and batch normalization among them, become one convolution, and so do a
    convolution and the normalization that follows it in a sequence. Any other is left to the
    exporter's optimizer, which leaves it where something else reads the convolution, be it only
    its shape.

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
        if isinstance(module, Similarity) or _has_branches(module) or _is_normalized(module):
            yield path + name, module
        else:
            yield from _foldable(module, f"{path}{name}.")


def _has_branches(module: nn.Module) -> bool:
    is_of_timm = type(module).__module__.startswith("timm.")
    return is_of_timm and any(hasattr(module, one) for one in _WAYS_OF_TIMM)


def _is_normalized(module: nn.Module) -> bool:
    """Say whether it is a plain sequence of layers, with a normalized convolution among them."""
    layers = list(module.children())
    is_plain = type(module).forward in {nn.Sequential.forward, Chain.forward}
    return (
        is_plain
        and not any(True for layer in layers for _ in layer.children())
        and any(_are_one(*pair) for pair in pairwise(layers))
    )


def _are_one(first: nn.Module, second: nn.Module) -> bool:
    is_pair = type(first) in _CONVOLUTIONS and type(second) is nn.BatchNorm2d
    return is_pair and not first.training and not second.training


def _fused(first: nn.Module, second: nn.Module) -> nn.Module:
    return fuse_conv_bn_eval(cast("nn.Conv2d", first), cast("nn.BatchNorm2d", second))


def _without_normalization(sequence: nn.Module) -> nn.Sequential:
    layers: list[nn.Module] = []
    for layer in sequence.children():
        if layers and _are_one(layers[-1], layer):
            layers[-1] = _fused(layers[-1], layer)
        else:
            layers.append(layer)
    return nn.Sequential(*layers).eval()


def _fold(module: nn.Module) -> nn.Module:
    if isinstance(module, Similarity):
        return FoldedSimilarity(module)
    if _is_normalized(module):
        return _without_normalization(module)
    # timm folds what is inside of what it is given, so it is given something around the module.
    return reparameterize_model(nn.Sequential(module)).get_submodule("0")
