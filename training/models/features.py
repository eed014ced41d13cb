"""Dense features at the stride of a block: a trunk, a change of size, a decoder."""

import math
from collections import OrderedDict

import torch.nn.functional as F
from torch import Tensor, nn

from training.models.blocks import (
    Double,
    Manner,
    ResidualBlock,
    halve_block,
    refine_block,
)


class Resize(nn.Module):
    """Bilinear change of size by a fixed factor, cells (not corners) aligned.

    Args:
        factor: New size divided by old; the result is rounded down.
    """

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, features: Tensor) -> Tensor:
        """Resize features of shape (N, C, h, w)."""
        if self.factor == 1:
            return features
        return F.interpolate(
            features, scale_factor=self.factor, mode="bilinear", align_corners=False
        )


class Features(nn.Module):
    """From pictures to features of blocks.

    Args:
        trunk: Takes pictures (N, 3, H, W), gives (N, C, H / stride, W / stride).
        resize: Brings the trunk's features to one a block.
        decoder: Takes those to the width that the heads get.
        channels: That width.
        size_multiple: Both sides of a picture must be multiples of this.
    """

    def __init__(
        self,
        trunk: nn.Module,
        resize: nn.Module,
        decoder: nn.Module,
        *,
        channels: int,
        size_multiple: int,
    ) -> None:
        super().__init__()
        self.trunk = trunk
        self.resize = resize
        self.decoder = decoder
        self.channels = channels
        self.size_multiple = size_multiple

    def forward(self, pictures: Tensor) -> Tensor:
        """Give features of shape (N, channels, H / block, W / block)."""
        features: Tensor = self.decoder(self.resize(self.trunk(pictures)))
        return features


def common_multiple(stride_px: int, block_px: int) -> int:
    """Give the smallest side that both the trunk's stride and the block divide, pixels."""
    return math.lcm(stride_px, block_px)


def refiner(
    channels: int, manner: Manner, *, stride_px: int, block_px: int, refines_always: bool
) -> nn.Sequential:
    """Make the layers that bring features to block size octave by octave, refining at each.

    Args:
        channels: Channels that come in and go out.
        manner: How the blocks are made.
        stride_px: Stride of the trunk.
        block_px: Side of a block; a quarter, half, once or twice the stride.
        refines_always: Whether features that are at block size already get a block too.

    Returns:
        Nothing, a block, or one or two changes of size each followed by a block.

    Raises:
        ValueError: If the block is no such fraction of the stride.
    """
    octaves = math.log2(stride_px / block_px)
    if octaves not in {-1, 0, 1, 2}:
        raise ValueError(
            f"blocks of {block_px} px on a trunk of stride {stride_px}: they may be "
            f"{stride_px // 4}, {stride_px // 2}, {stride_px} or {2 * stride_px} px"
        )
    if octaves < 0:
        return nn.Sequential(_step(halve_block(channels, manner)))
    if octaves == 0:
        blocks = [refine_block(channels, channels, manner)] if refines_always else []
        return nn.Sequential(*(_step(block) for block in blocks))
    return nn.Sequential(
        *(_step(refine_block(channels, channels, manner), Double()) for _ in range(int(octaves)))
    )


def narrowing_decoder(channels: int, manner: Manner) -> tuple[nn.Sequential, int]:
    """Make blocks that halve the channels until at most 256 are left, three times at most.

    Args:
        channels: Channels that come in.
        manner: How the blocks are made.

    Returns:
        The blocks, none where nothing has to be narrowed, and the channels that go out.
    """
    enough, most_blocks = 256, 3
    blocks: list[ResidualBlock] = []
    while channels > enough and len(blocks) < most_blocks:
        blocks.append(refine_block(channels, channels // 2, manner))
        channels //= 2
    return nn.Sequential(*blocks), channels


def _step(block: ResidualBlock, enlarge: Double | None = None) -> nn.Sequential:
    parts: dict[str, nn.Module] = {} if enlarge is None else {"enlarge": enlarge}
    return nn.Sequential(OrderedDict(**parts, block=block))
