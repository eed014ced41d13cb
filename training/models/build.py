"""Builds any network here from the record that describes it."""

from torch import Tensor, nn

from training.clip_count.network import ClipCounter
from training.models.backbones import (
    Features,
    Resize,
    chosen_manner,
    common_multiple,
    ebc_features,
    refiner,
    zip_features,
)
from training.models.blocks import (
    CLASSICAL,
    bottleneck_block,
    initialize,
    refine_block,
)
from training.models.config import (
    ClipCountConfig,
    ClipEbcConfig,
    ClipZipConfig,
    Colors,
    CounterConfig,
    EbcConfig,
    PyramidConfig,
    RegressionConfig,
    ZipConfig,
)
from training.models.heads import (
    ClassHead,
    RegressionHead,
    Similarity,
    ZipHead,
    classifier,
)
from training.models.output import BlockOutput, Counter
from training.models.pyramid import PyramidCounter
from training.models.towers import (
    DenseTower,
    ResnetTower,
    StagedTower,
    build_visual,
    dense_tower,
    embedding_width,
)
from training.models.vit import TimmVitTower, VitTower

_FINE_BLOCK_PX = 16  # up to this CLIP-EBC removes the last stride of residual networks

_DECODER_WIDTHS = {
    "RN50": (2048,),
    "RN101": (2048, 1024),
    "RN50x4": (1280,),
    "RN50x16": (1536,),
    "RN50x64": (2048,),
}
"""Widths of the blocks after CLIP's residual networks; other towers keep theirs in one block."""

_VIT_GROUPS = {1408: 2, 1664: 4}
"""Groups that ZIP's new layers convolve in on the widest vision transformers, by width."""


class BlockCounter(Counter):
    """Features of blocks and a head: every network here but the pyramid.

    Args:
        features: From pictures to one feature vector a block.
        head: From those to counts.
        block_px: Side of a block, pixels.
        colors: How colors are normalized.
    """

    def __init__(
        self, features: Features, head: nn.Module, *, block_px: int, colors: Colors
    ) -> None:
        super().__init__()
        self.block_px = block_px
        self.size_multiple = features.size_multiple
        self.window_px = getattr(features.trunk, "window_px", None)
        if self.window_px is not None and self.window_px % self.size_multiple:
            raise ValueError(
                f"a window of {self.window_px} px: with patches and blocks of this size it must be "
                f"a multiple of {self.size_multiple}"
            )
        self.mean, self.std = colors.mean, colors.std
        self.features = features
        self.head = head

    def forward(self, pictures: Tensor) -> BlockOutput:
        """Count people per block; see `Counter`."""
        output: BlockOutput = self.head(self.features(pictures))
        return output


def build_counter(config: CounterConfig) -> Counter:
    """Build a network with weights as they start; nothing is downloaded.

    The embeddings of sentences are not-a-number until a checkpoint or `training.models.start`
    fills them.

    Args:
        config: Which network.

    Returns:
        The network, ready for a checkpoint's weights.

    Raises:
        ValueError: If parts of the record do not fit together.
    """
    match config:
        case PyramidConfig():
            return PyramidCounter(config)
        case EbcConfig():
            return _ebc(config)
        case RegressionConfig():
            features = ebc_features(
                config.backbone, block_px=config.block_px, window_px=config.window_px
            )
            head = RegressionHead(features.channels)
            return BlockCounter(features, head, block_px=config.block_px, colors=config.colors)
        case ZipConfig():
            return _zip(config)
        case ClipEbcConfig():
            return _clip_ebc(config)
        case ClipZipConfig():
            return _clip_zip(config)
        case ClipCountConfig():
            return ClipCounter(config)


def _ebc(config: EbcConfig) -> BlockCounter:
    grid = config.grid
    features = ebc_features(config.backbone, block_px=grid.block_px, window_px=config.window_px)
    head = ClassHead(classifier(features.channels, len(grid.bins)), grid.bin_set())
    return BlockCounter(features, head, block_px=grid.block_px, colors=config.colors)


def _zip(config: ZipConfig) -> BlockCounter:
    features = zip_features(config)
    bins = config.grid.bin_set()
    channels, classes = features.channels, len(bins.bins)
    head: nn.Module
    if config.zero_inflated:
        head = ZipHead(nn.Conv2d(channels, classes - 1, 1), nn.Conv2d(channels, 2, 1), bins)
    else:
        head = ClassHead(nn.Conv2d(channels, classes, 1), bins)
    return BlockCounter(features, head, block_px=config.grid.block_px, colors=config.colors)


def _clip_ebc(config: ClipEbcConfig) -> BlockCounter:
    block_px = config.grid.block_px
    trunk = dense_tower(
        build_visual(config.tower),
        config.tower,
        last_stride_removed=block_px <= _FINE_BLOCK_PX,
        antialiases=False,
    )
    decoder, channels = _clip_ebc_decoder(trunk, config.tower.name)
    features = Features(
        trunk,
        Resize(trunk.stride_px / block_px),
        decoder,
        channels=channels,
        size_multiple=common_multiple(trunk.stride_px, block_px),
    )
    width, sentences = embedding_width(config.tower), len(config.sentences)
    score = Similarity(channels, width, sentences, has_bias=True)
    head = ClassHead(score, config.grid.bin_set())
    return BlockCounter(features, head, block_px=block_px, colors=config.colors)


def _clip_ebc_decoder(trunk: DenseTower, name: str) -> tuple[nn.Sequential, int]:
    channels = trunk.channels
    is_residual = isinstance(trunk, ResnetTower)
    blocks: list[nn.Module] = []
    for width in _DECODER_WIDTHS.get(name.removesuffix("-quickgelu"), (channels,)):
        blocks.append(
            bottleneck_block(channels, width)
            if is_residual
            else refine_block(channels, width, CLASSICAL)
        )
        channels = width
    decoder = nn.Sequential(*blocks)
    initialize(decoder)
    return decoder, channels


def _clip_zip(config: ClipZipConfig) -> BlockCounter:
    grid, tower = config.grid, config.tower
    features = _clip_zip_features(config)
    width, channels = embedding_width(tower), features.channels
    count = Similarity(channels, width, len(config.sentences), has_bias=False)
    head: nn.Module
    if config.zero_inflated:
        empty = Similarity(channels, width, len(config.empty_sentences), has_bias=False)
        head = ZipHead(count, empty, grid.bin_set())
    else:
        head = ClassHead(count, grid.bin_set())
    return BlockCounter(features, head, block_px=grid.block_px, colors=config.colors)


def _clip_zip_features(config: ClipZipConfig) -> Features:
    trunk = dense_tower(
        build_visual(config.tower), config.tower, last_stride_removed=False, antialiases=True
    )
    manner = chosen_manner(trunk, config.norm, config.activation, groups=_zip_groups(trunk))
    block_px = config.grid.block_px
    refined = refiner(
        trunk.channels,
        manner,
        stride_px=trunk.stride_px,
        block_px=block_px,
        refines_always=True,
    )
    initialize(refined)
    return Features(
        trunk,
        refined,
        nn.Identity(),
        channels=trunk.channels,
        size_multiple=common_multiple(trunk.stride_px, block_px),
    )


def _zip_groups(trunk: DenseTower) -> int:
    channels = trunk.channels
    if isinstance(trunk, VitTower | TimmVitTower):
        return _VIT_GROUPS.get(channels, 1)
    if isinstance(trunk, StagedTower) and trunk.has_final_conv:
        return 2
    widest, share = 1024, 512  # wider trunks convolve in groups of so many channels
    return channels // share if channels > widest else 1
