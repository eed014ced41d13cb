"""The smallest trunk for which first weights can be had: ShuffleNet V2 at half width.

A tenth of the weights of MobileNetV4-small, and yet a network that begins from its ImageNet
weights counts better after five minutes than the other one from random weights after ninety.
The order of channels is that of the authors' own program, in which the file of weights that
FastestDet passes on is kept; torchvision orders them otherwise.
"""

from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

from training.errors import TrainingError
from training.models.fast_layers import Chain, DepthwiseConv2d

SHUFFLENET = "shufflenetv2_x0_5"
"""Name of this trunk in a network's description."""

MEAN, STD = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
"""Its weights were learned from colors in [0, 1], not normalized any further."""

_CHANNELS = (24, 48, 96, 192)
_UNITS = (4, 8, 4)


class _Unit(nn.Module):
    """One unit: half of the channels pass by, the other half is transformed.

    Source:
        Ma et al., ShuffleNet V2 (arXiv 1807.11164), figure 3 (c); with `stride` 2, (d).
    """

    def __init__(self, channels_in: int, channels_out: int, *, stride: int) -> None:
        super().__init__()
        middle = channels_out // 2
        taken = channels_in if stride == 2 else channels_in // 2
        self.branch_main = Chain(
            *_pointwise(taken, middle),
            *_depthwise(middle, stride),
            *_pointwise(middle, channels_out - taken),
        )
        self.branch_proj = (
            Chain(*_depthwise(taken, stride), *_pointwise(taken, taken)) if stride == 2 else None
        )

    def forward(self, features: Tensor) -> Tensor:
        """Transform maps of shape (N, channels_in, H, W)."""
        if self.branch_proj is not None:
            return torch.cat([self.branch_proj(features), self.branch_main(features)], dim=1)
        # Even channels pass, odd ones are transformed: this is the shuffle.
        pictures, channels, height, width = features.shape
        pairs = features.reshape(pictures, channels // 2, 2, height, width)
        return torch.cat([pairs[:, :, 0], self.branch_main(pairs[:, :, 1])], dim=1)


class ShuffleNet(nn.Module):
    """ShuffleNet V2 ×0.5 without its classifier: 149,095 weights and statistics.

    Attributes:
        channels: Channels of the maps at strides 4, 8, 16 and 32.
    """

    def __init__(self) -> None:
        super().__init__()
        self.channels = _CHANNELS
        self.first_conv = Chain(
            nn.Conv2d(3, _CHANNELS[0], 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(_CHANNELS[0]),
            nn.ReLU(inplace=True),
        )
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        stages = [
            _stage(before, after, units)
            for before, after, units in zip(_CHANNELS[:-1], _CHANNELS[1:], _UNITS, strict=True)
        ]
        self.stage2, self.stage3, self.stage4 = stages

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """Give maps at strides 4, 8, 16 and 32 of pictures (N, 3, H, W), RGB in [0, 1]."""
        at_4 = self.maxpool(self.first_conv(pictures))
        at_8 = self.stage2(at_4)
        at_16 = self.stage3(at_8)
        return [at_4, at_8, at_16, self.stage4(at_16)]

    def load_published(self, file: Path) -> None:
        """Take first weights from a file in the authors' naming, learned from BGR in [0, 1].

        Args:
            file: A dictionary of tensors, as torch saves it.

        Raises:
            TrainingError: If it is no such file, or holds another network.
        """
        try:
            given = torch.load(file, map_location="cpu", weights_only=True)
            self.load_state_dict(given)
        except OSError as error:
            raise TrainingError(f"{file}: cannot be read: {error.strerror}") from error
        except Exception as error:  # torch raises nearly anything on a file that is not its own
            raise TrainingError(
                f"{file}: holds no weights of {SHUFFLENET} (a dictionary of tensors named "
                "first_conv.0.weight, stage2.0.branch_main.0.weight, …)"
            ) from error
        first = cast("nn.Conv2d", self.first_conv[0])
        with torch.no_grad():
            first.weight.copy_(first.weight.flip(1))


def _stage(channels_in: int, channels_out: int, units: int) -> nn.Sequential:
    first = _Unit(channels_in, channels_out, stride=2)
    return nn.Sequential(
        first, *(_Unit(channels_out, channels_out, stride=1) for _ in range(units - 1))
    )


def _pointwise(channels_in: int, channels_out: int) -> list[nn.Module]:
    return [
        nn.Conv2d(channels_in, channels_out, 1, bias=False),
        nn.BatchNorm2d(channels_out),
        nn.ReLU(inplace=True),
    ]


def _depthwise(channels: int, stride: int) -> list[nn.Module]:
    return [
        DepthwiseConv2d(channels, 3, stride=stride),
        nn.BatchNorm2d(channels),
    ]
