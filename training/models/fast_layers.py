"""Layers that learn quickly on plain processors: depthwise and pointwise convolutions, and rows."""

from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class DepthwiseConv2d(nn.Conv2d):
    """Convolution of every channel by itself, without bias, with half a kernel of padding.

    Args:
        channels: Channels in and out.
        side: Side of the kernel, 3 or 5.
        stride: 1 or 2.
        pads_as_tensorflow: With a stride of 2, pad one pixel less at the left and top than half a
            kernel, as networks that come from TensorFlow do; sides of the maps must be even.
    """

    def __init__(
        self, channels: int, side: int, *, stride: int = 1, pads_as_tensorflow: bool = False
    ) -> None:
        if side not in (3, 5) or stride not in (1, 2) or (pads_as_tensorflow and stride != 2):
            raise ValueError(f"no depthwise convolution of side {side} and stride {stride} here")
        padding = 0 if pads_as_tensorflow else side // 2
        super().__init__(
            channels, channels, side, stride, padding=padding, groups=channels, bias=False
        )
        self._pads_as_tensorflow = pads_as_tensorflow

    def _conv_forward(self, input: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:  # noqa: A002
        # Torch's own hook, by its own names: also of weights that a normalization has scaled.
        if self._pads_as_tensorflow:
            input = same_padded(input, self.kernel_size[0])  # noqa: A001
        is_slow = self.kernel_size[0] == 5 or self.stride[0] == 2
        if not (is_slow and input.device.type == "cpu" and torch.is_grad_enabled()):
            plain: Tensor = super()._conv_forward(input, weight, bias)
            return plain
        if torch.is_autocast_enabled("cpu"):  # it does not look into functions of one's own
            kind = torch.get_autocast_dtype("cpu")
            input, weight = input.to(kind), weight.to(kind)  # noqa: A001
            bias = None if bias is None else bias.to(kind)
        convolved: Tensor = _Depthwise.apply(
            input, weight, bias, self.stride[0], int(self.padding[0])
        )
        return convolved


class _Depthwise(torch.autograd.Function):
    # Any: torch's context has no public type.

    @staticmethod
    def forward(
        context: Any,
        features: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        stride: int,
        padding: int,
    ) -> Tensor:
        context.save_for_backward(features, weight)
        context.stride, context.padding = stride, padding
        return F.conv2d(features, weight, bias, stride, padding, groups=weight.shape[0])

    @staticmethod
    def backward(
        context: Any, *slopes: Tensor
    ) -> tuple[Tensor | None, Tensor | None, Tensor | None, None, None]:
        features, weight = context.saved_tensors
        stride, padding = context.stride, context.padding
        slope = slopes[0].contiguous(memory_format=torch.channels_last)
        wants_features, wants_weight, wants_bias, *_ = context.needs_input_grad
        return (
            _slope_of_features(slope, features, weight, stride, padding)
            if wants_features
            else None,
            _slope_of_weight(slope, features, weight, stride, padding) if wants_weight else None,
            slope.sum(dim=(0, 2, 3)) if wants_bias else None,
            None,
            None,
        )


def _slope_of_features(
    slope: Tensor, features: Tensor, weight: Tensor, stride: int, padding: int
) -> Tensor:
    # A convolution with the kernel turned round, of slopes that are 0 where the stride skipped.
    side = weight.shape[-1]
    if stride > 1:
        pictures, channels, height, width = features.shape
        beyond = 2 * padding - side + 1
        spread = torch.zeros(
            (pictures, channels, height + beyond, width + beyond), dtype=slope.dtype
        ).contiguous(memory_format=torch.channels_last)
        spread[:, :, ::stride, ::stride] = slope
        slope = spread
    return F.conv2d(slope, weight.flip(2, 3), None, 1, side - 1 - padding, groups=weight.shape[0])


def _slope_of_weight(
    slope: Tensor, features: Tensor, weight: Tensor, stride: int, padding: int
) -> Tensor:
    if weight.shape[-1] == 3:
        return _slope_of_3x3(slope, features, weight, stride, padding=padding)
    # Four kernels of 3 × 3 cover one of 5 × 5; where they overlap they say the same.
    height, width = ((side - 1) * stride + 3 for side in slope.shape[2:])
    padded = F.pad(features, (padding,) * 4) if padding else features
    whole = torch.empty_like(weight)
    for down in (0, 2):
        for right in (0, 2):
            seen = padded[:, :, down : down + height, right : right + width]
            part = weight[:, :, down : down + 3, right : right + 3].contiguous()
            whole[:, :, down : down + 3, right : right + 3] = _slope_of_3x3(
                slope, seen.contiguous(memory_format=torch.channels_last), part, stride, padding=0
            )
    return whole


def _slope_of_3x3(
    slope: Tensor, features: Tensor, weight: Tensor, stride: int, *, padding: int
) -> Tensor:
    found: Tensor = torch.ops.aten.convolution_backward(
        slope,
        features,
        weight,
        None,
        [stride, stride],
        [padding, padding],
        [1, 1],
        False,  # not a transposed convolution
        [0, 0],
        weight.shape[0],
        [False, True, False],  # the slope of the weights alone
    )[1]
    return found


def same_padded(features: Tensor, side: int) -> Tensor:
    """Pad maps of even sides for a convolution of stride 2, as TensorFlow's "SAME" does.

    Args:
        features: Shape (N, C, H, W); H and W even.
        side: Side of the kernel, 3 or 5.

    Returns:
        Shape (N, C, H + side − 2, W + side − 2).
    """
    before, after = (side - 2) // 2, (side - 1) // 2
    return F.pad(features, (before, after, before, after))


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


class Chain(nn.Sequential):
    """A sequence that joins convolutions with the frozen normalizations right after them.

    It does so while it learns and their statistics do not (see `FitConfig.freeze_norm`), and is
    else a sequence like any other: weights and statistics keep their names and places.
    """

    def forward(self, features: Tensor) -> Tensor:
        """Pass maps of shape (N, C, H, W) through the layers."""
        layers = iter(self)
        waiting = next(layers, None)
        while waiting is not None:
            layer, waiting = waiting, next(layers, None)
            if (
                self.training
                and isinstance(layer, nn.Conv2d)
                and isinstance(waiting, nn.BatchNorm2d)
                and _are_one(layer, waiting)
            ):
                features = _joined(layer, waiting, features)
                waiting = next(layers, None)
            else:
                features = layer(features)
        return features


def _are_one(layer: nn.Conv2d, norm: nn.BatchNorm2d) -> bool:
    return layer.bias is None and not norm.training


def _joined(layer: nn.Conv2d, norm: nn.BatchNorm2d, features: Tensor) -> Tensor:
    mean, variance = cast("Tensor", norm.running_mean), cast("Tensor", norm.running_var)
    scale = norm.weight * torch.rsqrt(variance + norm.eps)
    weight, shift = layer.weight * scale[:, None, None, None], norm.bias - mean * scale
    if is_quick(layer, features):
        return convolve_pointwise(features, weight, shift)
    # Torch's own hook: the layer's convolution with other weights.
    convolved: Tensor = layer._conv_forward(features, weight, shift)
    return convolved
