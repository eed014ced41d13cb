"""What a network is made of: records that a checkpoint carries and a network is rebuilt from.

A record says the shape of a network and nothing about how it was trained. As JSON it stands in
every checkpoint, so that bins, their values, prompts and colors are never guessed.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from monitor.core.bins import Bin, BinSet
from monitor.core.manifest import CountBin
from training.errors import CheckpointError

Positive = Annotated[int, Field(ge=1)]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Colors(_Record):
    """What is subtracted from RGB in [0, 1], and what the difference is divided by."""

    mean: tuple[float, float, float]
    """Subtracted from red, green, blue."""
    std: tuple[float, float, float]
    """Divides what is left."""


IMAGENET = Colors(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))
"""Statistics of ImageNet: EBC and CLIP-EBC as published, the CLIP towers included."""

CLIP = Colors(mean=(0.48145466, 0.4578275, 0.40821073), std=(0.26862954, 0.26130258, 0.27577711))
"""Statistics of CLIP's own pictures: ZIP as published, the trunks without CLIP included."""


class Grid(_Record):
    """The blocks that a picture is cut into and the bins that their counts are sorted into."""

    block_px: Positive
    """Side of a block, pixels."""
    bins: Annotated[tuple[CountBin, ...], Field(min_length=2)]
    """The bins in ascending order, the first one from 0, the last one open."""

    @model_validator(mode="after")
    def _bins_cover_all_counts(self) -> "Grid":
        self.bin_set()
        return self

    def bin_set(self) -> BinSet:
        """Give the bins as the record that computes with them."""
        return BinSet(
            tuple(Bin(one.low, one.high) for one in self.bins),
            tuple(one.value for one in self.bins),
        )


def grid_of(block_px: int, bins: BinSet) -> Grid:
    """Make the record of blocks and bins from bins that compute."""
    return Grid(
        block_px=block_px,
        bins=tuple(
            CountBin(low=one.low, high=one.high, value=value)
            for one, value in zip(bins.bins, bins.values, strict=True)
        ),
    )


class PyramidConfig(_Record):
    """EBC on a small feature pyramid: the network that comes with the app."""

    network: Literal["pyramid"] = "pyramid"
    """Says which record this is."""
    trunk: str
    """`shufflenetv2_x0_5`, `efficientnet_lite0` to `…2`, or a timm model with maps at strides 4, 8,
    16 and 32."""
    grid: Grid
    """Blocks of 8 pixels and their bins."""
    width: Positive = 64
    """Channels of the pyramid."""
    is_refined: bool = False
    """Whether inverted residual blocks follow the pyramid's joints."""
    detail: Annotated[int, Field(ge=0)] = 0
    """Channels of a branch that looks closer at maps at stride 4; 0: none."""
    familiarity: Annotated[int, Field(ge=0)] = 0
    """Directions in which known pictures differ; 0: the network does not say how unlike them a
    picture is. Learned after training, by `training.evaluate --calibrate`."""
    least_pixels: Annotated[int, Field(ge=0)] = 0
    """Pictures of fewer pixels are looked at enlarged to so many; 0: none is."""
    has_image_context: bool = False
    """Whether every place is told what the whole picture shows."""


class EbcConfig(_Record):
    """EBC: a trunk, perhaps a decoder, and a classifier of every block."""

    network: Literal["ebc"] = "ebc"
    """Says which record this is."""
    backbone: str
    """`vgg11` … `vgg19_bn`, the same with `_ae` for the encoder-decoder, `csrnet`, `cannet` (and
    `_bn`), `resnet18_ae` … `resnet152_ae`, `vit_b_16` … `vit_h_14`, or any timm model."""
    grid: Grid
    """Blocks and bins."""
    colors: Colors = IMAGENET
    """How colors are normalized."""
    window_px: Positive | None = None
    """Side of the square window of a trunk that takes one size alone, such as a vision transformer;
    null: the trunk's own, or any size is taken whole."""


class RegressionConfig(_Record):
    """The baseline that EBC is compared with: one number a block, no bins."""

    network: Literal["regression"] = "regression"
    """Says which record this is."""
    backbone: str
    """As in EBC."""
    block_px: Positive
    """Side of a block, pixels."""
    colors: Colors = IMAGENET
    """How colors are normalized."""
    window_px: Positive | None = None
    """As in EBC."""


class ZipConfig(_Record):
    """ZIP on a trunk without CLIP: refined to block size, then narrowed by a decoder."""

    network: Literal["zip"] = "zip"
    """Says which record this is."""
    backbone: str
    """Name of a timm model."""
    grid: Grid
    """Blocks and bins."""
    colors: Colors = CLIP
    """How colors are normalized."""
    zero_inflated: bool = True
    """False: one classifier over all bins, as in EBC, on the same features."""
    norm: Literal["trunk", "batch"] = "trunk"
    """Normalization of the new layers: like the trunk's own, or batch normalization."""
    activation: Literal["trunk", "relu", "gelu"] = "trunk"
    """Activation of the new layers: what goes with the trunk's normalization, or this one."""


class VisualPrompts(_Record):
    """Learned tokens given to a vision transformer whose own weights stay as they are."""

    count: Positive = 32
    """Tokens a layer."""
    deep: bool = True
    """Every layer has its own tokens; false: the first layer's are carried through all."""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Share of token elements dropped while training."""


class Tower(_Record):
    """The image half of a CLIP model, and how it is tuned."""

    name: str
    """As open_clip calls the model: `RN50`, `ViT-B-16`, `convnext_base_w_320`, …"""
    architecture: dict[str, Any] | None = None  # open_clip's own free-form configuration
    """Configuration in open_clip's form, for a name that open_clip does not know."""
    quick_gelu: bool = False
    """Activation of a vision transformer: x·σ(1.702 x), as OpenAI trained, or exact GELU."""
    window_px: Positive | None = None
    """Side of the square window of a vision transformer; null for the other towers."""
    prompts: VisualPrompts | None = None
    """With prompts the tower is frozen; without, all of it is trained."""


class ClipEbcConfig(_Record):
    """CLIP-EBC: dense CLIP features compared with sentences that describe the bins."""

    network: Literal["clip-ebc"] = "clip-ebc"
    """Says which record this is."""
    tower: Tower
    """The image tower."""
    grid: Grid
    """Blocks and bins."""
    sentences: tuple[str, ...]
    """One sentence a bin."""
    colors: Colors = IMAGENET
    """How colors are normalized."""

    @model_validator(mode="after")
    def _one_sentence_a_bin(self) -> "ClipEbcConfig":
        if len(self.sentences) != len(self.grid.bins):
            raise ValueError(f"{len(self.sentences)} sentences for {len(self.grid.bins)} bins")
        return self


class ClipZipConfig(_Record):
    """ZIP on a CLIP tower: separate branches, each with its own sentences and scale."""

    network: Literal["clip-zip"] = "clip-zip"
    """Says which record this is."""
    tower: Tower
    """The image tower."""
    grid: Grid
    """Blocks and bins."""
    sentences: tuple[str, ...]
    """One sentence a bin from the second on; one for every bin if not zero-inflated."""
    empty_sentences: tuple[str, ...] = ()
    """Sentence of `structurally empty` and of its contrary; none if not zero-inflated."""
    colors: Colors = CLIP
    """How colors are normalized."""
    zero_inflated: bool = True
    """False: one classifier over all bins, as in CLIP-EBC, on the same features."""
    norm: Literal["trunk", "batch"] = "trunk"
    """Normalization of the new layers: like the tower's own, or batch normalization."""
    activation: Literal["trunk", "relu", "gelu"] = "trunk"
    """Activation of the new layers: what goes with the tower's normalization, or this one."""

    @model_validator(mode="after")
    def _sentences_fit(self) -> "ClipZipConfig":
        bins, pair = len(self.grid.bins), 2
        wanted = (bins - 1, pair) if self.zero_inflated else (bins, 0)
        found = (len(self.sentences), len(self.empty_sentences))
        if found != wanted:
            raise ValueError(f"{found} sentences for {bins} bins, which need {wanted}")
        return self


class ClipCountConfig(_Record):
    """CLIP-Count: counts whatever a prompt names; see `training.clip_count`."""

    network: Literal["clip-count"] = "clip-count"
    """Says which record this is."""
    tower: Tower
    """The image tower, a vision transformer; its window is what the tower sees, inside."""
    variant: Literal["improved", "paper"] = "improved"
    """As published, or with what the published model lacks."""
    window_px: Positive = 384
    """Side of the square pictures taken; resized inside where the tower sees another size."""
    cell_px: Positive = 4
    """Side of the cells that density is predicted for; 1 as published."""
    block_px: Positive = 8
    """Side of the blocks that the cells are added up to."""
    context_tokens: Annotated[int, Field(ge=0)] = 0
    """Learned tokens before the words of every prompt."""
    decoder_widths: Annotated[tuple[Positive, ...], Field(min_length=2)] = (256, 128, 64, 32)
    """Channels of the decoder's stages."""
    prompt: Annotated[str, Field(min_length=1)] = "people"
    """What is counted where nobody says."""
    colors: Colors = CLIP
    """How colors are normalized."""
    released_faults: bool = False
    """Repeat two faults of the released program, for weights that were trained with them: the
    text feature is read `context_tokens` before the end of the prompt, and the first row of
    visual prompts serves two layers. With the first, prompts of one word are all alike."""

    @model_validator(mode="after")
    def _parts_fit(self) -> "ClipCountConfig":
        if self.window_px % self.block_px or self.block_px % self.cell_px:
            raise ValueError("a window is made of whole blocks, and a block of whole cells")
        if self.released_faults and self.variant != "paper":
            raise ValueError("released_faults belong to the variant 'paper' alone")
        return self


CounterConfig = Annotated[
    PyramidConfig
    | EbcConfig
    | RegressionConfig
    | ZipConfig
    | ClipEbcConfig
    | ClipZipConfig
    | ClipCountConfig,
    Field(discriminator="network"),
]
"""Any network that can be built; `network` says which."""

_ADAPTER: TypeAdapter[CounterConfig] = TypeAdapter(CounterConfig)


def read_config(document: Mapping[str, object]) -> CounterConfig:
    """Read the record of a network from a checkpoint's plain dictionary.

    Args:
        document: What `config.model_dump(mode="json")` gave.

    Returns:
        The record, valid.

    Raises:
        CheckpointError: If a part is missing, unknown or wrong; all of them are named.
    """
    try:
        return _ADAPTER.validate_python(document)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in one['loc']) or 'config'}: {one['msg']}"
            for one in error.errors()
        )
        raise CheckpointError(
            f"the checkpoint's description of its network is not valid ({faults}); it may come "
            "from another version of this project"
        ) from error
