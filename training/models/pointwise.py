"""Convolutions of single pixels as the products of matrices that they are.

On one thread torch computes them by a general way, with copies; where channels lie side by side
in memory, a single product does, and so do its two gradients.
"""

from typing import Any

import torch
from torch import Tensor, nn


def is_quick(layer: nn.Conv2d, features: Tensor) -> bool:
    """Say whether a convolution of these maps is one of single pixels that is quicker this way.

    Args:
        layer: Which convolution.
        features: Shape (N, C, H, W).

    Returns:
        Whether `convolve_pointwise` is to be used, in single precision alone.
    """
    ones = {*layer.kernel_size, *layer.stride, layer.groups}
    return (
        ones == {1}
        and layer.padding == (0, 0)
        and features.device.type == "cpu"
        and features.dtype == torch.float32
        and not torch.is_autocast_enabled("cpu")
        and torch.get_num_threads() == 1
    )


def convolve_pointwise(features: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Mix the channels of every pixel.

    Args:
        features: Shape (N, C, H, W); quickest where channels are last in memory.
        weight: Shape (K, C, 1, 1).
        bias: Shape (K,).

    Returns:
        Shape (N, K, H, W), channels last in memory.
    """
    mixed: Tensor = _Pointwise.apply(features, weight.flatten(1), bias)
    return mixed


class _Pointwise(torch.autograd.Function):
    # Any: torch's context has no public type.

    @staticmethod
    def forward(context: Any, features: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        context.save_for_backward(features, weight)
        mixed = _empty_like(features, len(weight))
        torch.addmm(bias, _pixels(features), weight.T, out=_pixels(mixed))
        return mixed

    @staticmethod
    def backward(context: Any, *slopes: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor]:
        features, weight = context.saved_tensors
        slope = _pixels(slopes[0])
        before: Tensor | None = None
        if context.needs_input_grad[0]:
            before = _empty_like(features, weight.shape[1])
            torch.mm(slope, weight, out=_pixels(before))
        of_weight = slope.T @ _pixels(features) if context.needs_input_grad[1] else None
        return before, of_weight, slope.new_ones(len(slope)) @ slope


def _empty_like(features: Tensor, channels: int) -> Tensor:
    pictures, _, height, width = features.shape
    size = (pictures, channels, height, width)
    return torch.empty(size, dtype=features.dtype, memory_format=torch.channels_last)


def _pixels(maps: Tensor) -> Tensor:
    # Shape (N·H·W, C), of the same memory where channels are last in it.
    return maps.permute(0, 2, 3, 1).reshape(-1, maps.shape[1])
