"""From features at two scales to a density map, by convolutions."""

import math
from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn

_NORM_GROUPS = 8


class DensityDecoder(nn.Module):
    """Convolutions that widen the map step by step; the fine features come in after the first.

    Args:
        channels: Channels of the features of either scale.
        widths: Channels after each stage, two stages or more.
        side: Rows, and columns, of the map given.

    Source:
        CLIP-Count's decoder: each stage 3×3 convolution, group norm, GELU, bilinear doubling,
        but the last stage goes to the map's own size at once. No stage grows beyond that size,
        which the published one never reaches.
    """

    def __init__(self, channels: int, widths: Sequence[int], *, side: int) -> None:
        super().__init__()
        self.side = side
        into = (channels, *widths[:-1])
        self.stages = nn.ModuleList(
            _stage(one, other, kernel=3) for one, other in zip(into, widths, strict=True)
        )
        self.lateral = _stage(channels, widths[0], kernel=1)
        self.head = nn.Conv2d(widths[-1], 1, 1)

    def forward(self, coarse: Tensor, fine: Tensor) -> Tensor:
        """Give a map of scores.

        Args:
            coarse: Shape (N, C, s, s).
            fine: Shape (N, C, 2s, 2s); 2s is at most `side`.

        Returns:
            Shape (N, side, side), any real numbers.
        """
        features = _resize(self.stages[0](coarse), fine.shape[-1]) + self.lateral(fine)
        for index, stage in enumerate(self.stages[1:], start=2):
            doubled = min(2 * features.shape[-1], self.side)
            features = stage(features)
            features = _resize(features, self.side if index == len(self.stages) else doubled)
        scores: Tensor = self.head(features)
        return scores.squeeze(1)


def _resize(features: Tensor, side: int) -> Tensor:
    if features.shape[-1] == side:
        return features
    return F.interpolate(features, size=(side, side), mode="bilinear", align_corners=False)


def _stage(channels_in: int, channels_out: int, *, kernel: int) -> nn.Sequential:
    convolution = nn.Conv2d(channels_in, channels_out, kernel, padding=kernel // 2)
    nn.init.xavier_normal_(convolution.weight)
    assert convolution.bias is not None  # made so above
    nn.init.zeros_(convolution.bias)
    groups = math.gcd(_NORM_GROUPS, channels_out)
    return nn.Sequential(convolution, nn.GroupNorm(groups, channels_out), nn.GELU())
