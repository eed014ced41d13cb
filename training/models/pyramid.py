"""A small counter for plain processors: a timm trunk with a feature pyramid at block size.

The trunk's maps at strides 4 to 32 are brought together at the stride of a block, so that a block
is judged by what is in it (fine maps) and by where it lies (coarse maps). Heads of near people
span many blocks, heads of far people a few pixels; one stride alone sees only some of them.
"""

from pathlib import Path
from typing import cast

import timm
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.errors import TrainingError
from training.models.config import PyramidConfig
from training.models.efficientnet_lite import EFFICIENTNET_LITE, EfficientNetLite, published_file
from training.models.efficientnet_lite import MEAN as LITE_MEAN
from training.models.efficientnet_lite import STD as LITE_STD
from training.models.enlarging import enlarged, on_grid
from training.models.familiarity import Familiarity, describe_maps
from training.models.fast_layers import Chain, DepthwiseConv2d
from training.models.output import BinExpectation, BlockOutput, Counter
from training.models.shufflenet import MEAN, SHUFFLENET, STD, ShuffleNet

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


class _SeparableConv(Chain):
    """Depthwise 3×3 then pointwise convolution, each with batch normalization."""

    def __init__(self, channels_in: int, channels_out: int, *, stride: int = 1) -> None:
        super().__init__(
            DepthwiseConv2d(channels_in, 3, stride=stride),
            nn.BatchNorm2d(channels_in),
            nn.Conv2d(channels_in, channels_out, 1, bias=False),
            nn.BatchNorm2d(channels_out),
            nn.ReLU(inplace=True),
        )


class _Lateral(Chain):
    """Pointwise convolution that brings a trunk's map to the pyramid's width."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__(
            nn.Conv2d(channels_in, channels_out, 1, bias=False), nn.BatchNorm2d(channels_out)
        )


class _Refinement(nn.Module):
    """Inverted residual block that begins as the identity."""

    def __init__(self, channels: int, *, expansion: int, kernel: int) -> None:
        super().__init__()
        inner = channels * expansion
        self.body = Chain(
            nn.Conv2d(channels, inner, 1, bias=False),
            nn.BatchNorm2d(inner),
            nn.ReLU(inplace=True),
            DepthwiseConv2d(inner, kernel),
            nn.BatchNorm2d(inner),
            nn.ReLU(inplace=True),
            nn.Conv2d(inner, channels, 1, bias=False),
            nn.BatchNorm2d(channels),
        )
        nn.init.zeros_(cast("Tensor", self.body[-1].weight))

    def forward(self, features: Tensor) -> Tensor:
        """Refine maps of shape (N, channels, H, W)."""
        refined: Tensor = self.body(features)
        return features + refined


class _Detail(Chain):
    """A closer look at heads of a few pixels, from stride 4 to stride 8; begins as nothing."""

    def __init__(self, channels_in: int, inner: int, channels_out: int) -> None:
        super().__init__(
            nn.Conv2d(channels_in, inner, 1, bias=False),
            nn.BatchNorm2d(inner),
            nn.ReLU(inplace=True),
            DepthwiseConv2d(inner, 3),
            nn.BatchNorm2d(inner),
            nn.Conv2d(inner, inner, 1, bias=False),
            nn.BatchNorm2d(inner),
            nn.ReLU(inplace=True),
            DepthwiseConv2d(inner, 3, stride=2),
            nn.BatchNorm2d(inner),
            nn.ReLU(inplace=True),
            nn.Conv2d(inner, channels_out, 1, bias=False),
            nn.BatchNorm2d(channels_out),
        )
        nn.init.zeros_(cast("Tensor", self[-2].weight))


class _ImageContext(nn.Module):
    """What the whole picture shows, told to every place of it; begins as nothing.

    Whether anyone is there at all, and how large heads are, is seen better from everything at once
    than from the surroundings of one block.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(2 * channels, channels, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, 1),
        )
        nn.init.zeros_(cast("Tensor", self.body[-1].weight))
        nn.init.zeros_(cast("Tensor", self.body[-1].bias))

    def forward(self, features: Tensor) -> Tensor:
        """Add to maps of shape (N, channels, H, W) what their means and maxima say."""
        seen = torch.cat(
            [features.mean(dim=(2, 3), keepdim=True), features.amax(dim=(2, 3), keepdim=True)],
            dim=1,
        )
        told: Tensor = self.body(seen)
        return features + told


class PyramidCounter(Counter):
    """Enhanced blockwise classification over a feature pyramid, blocks of 8 pixels.

    Args:
        config: What it is made of. Where it is refined, inverted residual blocks follow the
            joints: two of them where maps are coarsest and cost least, one at each finer stride.
            A branch for details is added to the finest maps.
        pretrained: Whether the trunk begins from published weights: those of EfficientNet-Lite
            come with a package, timm fetches the others (needs its hub or a cache).

    Source:
        EBC: Ma, Sanchez and Guha, CLIP-EBC (arXiv 2403.09281). Pyramid: Lin et al.
        (arXiv 1612.03144), with one output at stride 8. Inverted residual blocks: Sandler et al.
        (arXiv 1801.04381).
    """

    def __init__(self, config: PyramidConfig, *, pretrained: bool = False) -> None:
        super().__init__()
        width, bins = config.width, config.grid.bin_set()
        self.block_px = 8
        self.size_multiple = 32
        self.least_pixels = config.least_pixels
        if config.trunk == SHUFFLENET:
            self.mean, self.std = MEAN, STD
            self.trunk: nn.Module = ShuffleNet()
            at_4, at_8, at_16, at_32 = self.trunk.channels
        elif config.trunk in EFFICIENTNET_LITE:
            self.mean, self.std = LITE_MEAN, LITE_STD
            lite = EfficientNetLite(config.trunk)
            if pretrained:
                lite.load_published(published_file(config.trunk))
            self.trunk = lite
            at_4, at_8, at_16, at_32 = lite.channels
        else:
            self.mean, self.std = IMAGENET_MEAN, IMAGENET_STD
            self.trunk, (at_4, at_8, at_16, at_32) = _timm_trunk(
                config.trunk, pretrained=pretrained
            )
        self.fine = _SeparableConv(at_4, width, stride=2)
        self.detail = _Detail(at_4, config.detail, width) if config.detail else None
        self.lateral_8 = _Lateral(at_8, width)
        self.lateral_16 = _Lateral(at_16, width)
        self.lateral_32 = _Lateral(at_32, width)
        self.context: nn.Module = _SeparableConv(width, width)
        self.join_16: nn.Module = _SeparableConv(width, width)
        self.join_8 = _SeparableConv(2 * width, width)
        head: list[nn.Module] = [_SeparableConv(width, width), _SeparableConv(width, width)]
        if config.is_refined:
            wide = [_Refinement(width, expansion=3, kernel=5) for _ in range(2)]
            self.context = nn.Sequential(self.context, *wide)
            middle = _Refinement(width, expansion=2, kernel=5)
            self.join_16 = nn.Sequential(self.join_16, middle)
            head.insert(1, _Refinement(width, expansion=2, kernel=3))
        self.image_context = _ImageContext(width) if config.has_image_context else None
        self.head = nn.Sequential(*head, nn.Conv2d(width, len(bins.bins), 1))
        self.expectation = BinExpectation(bins)
        size = 2 * (at_4 + at_8 + at_16 + at_32)
        self.familiarity = Familiarity(size, config.familiarity) if config.familiarity else None

    def load_trunk(self, file: Path) -> None:
        """Take the trunk's first weights from a file.

        Args:
            file: As the trunk's own `load_published` reads it.

        Raises:
            TrainingError: If the trunk is another one, or the file does not hold it.
        """
        if not isinstance(self.trunk, ShuffleNet | EfficientNetLite):
            raise TrainingError(
                f"--pretrained {file}: only {SHUFFLENET} and EfficientNet-Lite take their first "
                "weights from a file; timm's trunks fetch theirs: --pretrained published"
            )
        self.trunk.load_published(file)

    def start_from(self, shares: tuple[float, ...]) -> None:
        """Set the head's bias so that a fresh network predicts the shares of the bins seen.

        Args:
            shares: Share of blocks in each bin in the training data; adds up to 1.
        """
        smallest = 1e-4  # a bin that was never seen still gets a finite score
        last = cast("nn.Conv2d", self.head[-1])
        with torch.no_grad():
            last.weight.mul_(0.1)
            cast("Tensor", last.bias).copy_(torch.tensor(shares).clamp(min=smallest).log())

    def describe(self, pictures: Tensor) -> Tensor:
        """Sum up pictures by the trunk's maps, see `describe_maps`.

        Args:
            pictures: As in `forward`.

        Returns:
            Shape (N, size).
        """
        return describe_maps(self.trunk(enlarged(pictures, self.least_pixels, self.size_multiple)))

    def forward(self, pictures: Tensor) -> BlockOutput:
        """Count people per block of 8 pixels.

        Args:
            pictures: Shape (N, 3, H, W), float, normalized; H and W multiples of 32.

        Returns:
            Density, variance and logits of H/8 × W/8 blocks; how novel the pictures are, while
            the network is not learning.
        """
        if self.training or not self.least_pixels:
            return self._count(pictures)
        rows, columns = (side // self.block_px for side in pictures.shape[-2:])
        seen = self._count(enlarged(pictures, self.least_pixels, self.size_multiple))
        return BlockOutput(
            on_grid(seen.density, rows, columns),
            None if seen.variance is None else on_grid(seen.variance, rows, columns),
            novelty=seen.novelty,
        )

    def _count(self, pictures: Tensor) -> BlockOutput:
        maps = self.trunk(pictures)
        at_4, at_8, at_16, at_32 = maps
        deep = F.relu(self.lateral_32(at_32))
        if self.image_context is not None:
            deep = self.image_context(deep)
        deep = self.context(deep)
        middle = self.join_16(F.relu(self.lateral_16(at_16) + _double(deep)))
        near = F.relu(self.lateral_8(at_8) + _double(middle))
        fine = self.fine(at_4)
        if self.detail is not None:
            fine = fine + self.detail(at_4)
        joined = self.join_8(torch.cat([near, fine], dim=1))
        logits = self.head(joined).float()
        density, variance = self.expectation(logits)
        novelty: Tensor | None = None
        if self.familiarity is not None and not self.training:
            novelty = self.familiarity(describe_maps(maps))
        return BlockOutput(density, variance, logits, novelty=novelty)


def _timm_trunk(name: str, *, pretrained: bool) -> tuple[nn.Module, list[int]]:
    trunk = timm.create_model(
        name, features_only=True, pretrained=pretrained, out_indices=(1, 2, 3, 4)
    )
    info = cast("timm.models.FeatureInfo", trunk.feature_info)
    if tuple(info.reduction()) != (4, 8, 16, 32):
        raise ValueError(f"trunk {name} gives strides {info.reduction()}, not 4, 8, 16, 32")
    return trunk, list(info.channels())


def _double(features: Tensor) -> Tensor:
    return F.interpolate(features, scale_factor=2.0, mode="bilinear", align_corners=False)
