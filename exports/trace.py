"""Turn a network with its preprocessing into an ONNX graph.

The graph takes the picture as a camera gives it, so scaling and normalization of colors are in it
and cannot be done wrong outside it. What need not be computed anew for every picture is folded
into constants first.
"""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

import onnx
import torch
import torch.nn.functional as F
from timm.models import reparameterize_model
from torch import Tensor, nn
from torch.export import Dim
from torch.nn.utils.fusion import fuse_conv_bn_eval

from exports.errors import ExportError
from training.models.fast_layers import Chain, DepthwiseConv2d
from training.models.heads import Similarity
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


OPSET = 20
"""Operator set of the files written; ONNX Runtime 1.17 and later run it."""

_MOST_BLOCKS = 512
"""Upper bound of the free sides, in size multiples: 16,384 px with the usual 32."""

_MOST_PICTURES = 1024
"""Upper bound of a free batch."""

_TRACED_SIDE_PX = 64
"""Side of the traced picture where sides are free: small, for speed."""


@dataclass(frozen=True)
class InputShape:
    """What a graph takes at once."""

    fixed_hw: tuple[int, int] | None = None
    """Height and width, pixels; None: any multiples of the network's size multiple."""
    batch: int | None = None
    """Pictures; None: any number."""


def trace(counter: Counter, shape: InputShape) -> onnx.ModelProto:
    """Turn a network with its preprocessing into an ONNX graph.

    Args:
        counter: Network in evaluation mode, on the CPU; as it was afterwards.
        shape: What the graph shall take.

    Returns:
        The graph, with inputs and outputs named as the contract says.

    Raises:
        ExportError: If a fixed side does not suit the network, or torch cannot trace it.
    """
    _refuse_sides(counter, shape)
    whole = WholeCounter(counter).eval()
    example = torch.zeros(*_example_size(counter, shape), 3, dtype=torch.uint8)
    with torch.inference_mode():
        outputs = len(whole(example))
    try:
        with warnings.catch_warnings(), torch.no_grad(), folded(whole):
            warnings.simplefilter("ignore")  # torch's own deprecations, not ours to mend
            logging.getLogger("torch.onnx").setLevel(logging.ERROR)
            program = torch.onnx.export(
                whole,
                (example,),
                input_names=["frames"],
                output_names=["density", "variance", "novelty"][:outputs],
                dynamic_shapes=(_free_sides(counter, shape),),
                opset_version=OPSET,
                dynamo=True,
                verbose=False,
            )
    except (RuntimeError, torch.onnx.errors.OnnxExporterError) as error:
        raise ExportError(f"the network cannot be written as ONNX: {error}") from error
    if program is None:
        raise ExportError("torch gave no graph for this network")
    return program.model_proto


def _refuse_sides(counter: Counter, shape: InputShape) -> None:
    if shape.batch is not None and shape.batch < 1:
        raise ExportError(f"a batch of {shape.batch} pictures: name 1 or more")
    multiple = counter.size_multiple
    if shape.fixed_hw is None or all(
        side >= multiple and side % multiple == 0 for side in shape.fixed_hw
    ):
        return
    height, width = shape.fixed_hw
    near = [max(1, -(-side // multiple)) * multiple for side in shape.fixed_hw]
    raise ExportError(
        f"pictures of {width}x{height} px: this network takes sides that are multiples of "
        f"{multiple}; the next ones are height {near[0]}, width {near[1]}"
    )


def _example_size(counter: Counter, shape: InputShape) -> tuple[int, int, int]:
    # Two pictures and unequal sides: a traced size of 1, or equal sizes, would become constants.
    batch = shape.batch or 2
    if shape.fixed_hw is not None:
        return (batch, *shape.fixed_hw)
    multiple = counter.size_multiple
    side = max(2 * multiple, _TRACED_SIDE_PX // multiple * multiple)
    return batch, side, side + multiple


def _free_sides(counter: Counter, shape: InputShape) -> dict[int, Any] | None:
    # Any: torch's symbolic dimensions have no public type
    free: dict[int, Any] = {}
    if shape.batch is None:
        free[0] = Dim("batch", min=1, max=_MOST_PICTURES)
    if shape.fixed_hw is None:
        multiple = counter.size_multiple
        free[1] = multiple * Dim("rows", min=1, max=_MOST_BLOCKS)
        free[2] = multiple * Dim("columns", min=1, max=_MOST_BLOCKS)
    return free or None
