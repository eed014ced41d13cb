"""Depthwise convolutions that learn quickly on plain processors.

Torch computes two of their gradients there by a slow general way: that of a 5×5 kernel (40 times
the time of the convolution itself), and that of the input of one with a stride. Both can be said
by what is quick: 3×3 kernels' gradients, and a convolution. A step of the shipped network takes
0.7 of the time that it took before.
"""

from typing import Any

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
