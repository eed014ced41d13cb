"""Everything that decides what training does, as one record that goes into the checkpoint."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator


class DataChoice(BaseModel):
    """A folder in the common format, and how often its pictures are drawn."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: str
    weight: Annotated[float, Field(gt=0)] = 1.0
    """Share of crops, relative to the other folders."""


class FitConfig(BaseModel):
    """One training run. Same record, same seed, same numbers on the same machine."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Annotated[tuple[DataChoice, ...], Field(min_length=1)]
    model: str = "ebc-mobilenet"
    """Which network: see `training.naming`."""
    block: Annotated[Literal[8, 16, 32], BeforeValidator(int)] = 8
    """Side of a block, pixels."""
    bins: str = "0,1,2,3,4+"
    """Bins of people per block, or the name of published ones, such as `zip-sha-16`."""
    anchors: Literal["average", "middle"] = "average"
    """What a bin stands for: the mean of the counts seen in it, or its middle. Published bins
    bring their own."""
    pretrained: str | None = None
    """First weights: `published` for a trunk without CLIP, a tag of open_clip such as `openai`
    for a CLIP tower, a file for the trunk of `ebc-shufflenet`; none: random."""
    init: str | None = None
    """A checkpoint to go on from with new data; it brings its network along."""
    colors: Literal["imagenet", "clip"] | None = None
    """Mean and deviation that colors are normalized with; none: as published for the family."""
    prompts: Literal["word", "number"] | None = None
    """How a CLIP model's sentences write counts; none: in words for CLIP-EBC, the most distinct
    of 3456 ways for ZIP."""
    vpt: Annotated[int, Field(ge=0)] | None = None
    """Learned tokens a layer of a CLIP vision transformer, which is frozen then; 0: none, all of
    it is trained; none: 32."""
    vpt_shallow: bool = False
    """Tokens for the first layer alone."""
    vpt_dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Share of token elements dropped while training."""
    variant: Literal["improved", "paper"] = "improved"
    """CLIP-Count as published, or with what the published model lacks."""
    context: Annotated[int, Field(ge=0)] = 2
    """CLIP-Count: learned tokens before the words of a prompt."""
    contrast_steps: Annotated[int, Field(ge=0)] = 0
    """CLIP-Count: first steps, in which patches learn to lie near their prompt and nothing else
    is learned."""
    contrast_weight: Annotated[float, Field(ge=0)] = 0.1
    """CLIP-Count: weight of that loss beside the density afterwards; 0 as published."""
    absent: Annotated[float, Field(ge=0, le=1)] = 0.25
    """CLIP-Count: chance that a crop is asked for something that is not in it; 0 as published."""
    mosaic: Annotated[float, Field(ge=0, le=1)] = 0.25
    """CLIP-Count: chance of a crop put together from four pictures and asked for one thing."""
    masked: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """CLIP-Count: share of cells that the density loss leaves out, by chance."""
    rank_weight: Annotated[float, Field(ge=0)] = 0.0
    """CLIP-Count: weight of the order of nested crops, which needs no marks."""
    steps: Annotated[int, Field(ge=1)] = 8000
    """Optimizer steps in all."""
    batch: Annotated[int, Field(ge=1)] = 8
    """Crops in a step, in each process."""
    crops_per_picture: Annotated[int, Field(ge=1)] = 1
    """Crops taken from a picture in a row; `batch` counts crops, not pictures."""
    crop_px: Annotated[int, Field(ge=32, multiple_of=8)] = 256
    """Side of a crop, pixels; of the window, too, where the network has one."""
    margin_px: Annotated[int, Field(ge=0, multiple_of=8)] = 0
    """Edge of a crop that is seen and not learned from, pixels: there, what a crop cuts off is
    missing, and a network that has to make up for it counts too many in whole pictures."""
    window_stride_px: Annotated[int, Field(ge=8)] | None = None
    """Distance between windows in validation; none: as wide as the window."""
    detail: Annotated[int, Field(ge=0)] = 0
    """Channels of a pyramid's branch for heads of a few pixels; 0: none. A network of `--init`
    without one gets one that begins as nothing."""
    least_pixels: Annotated[int, Field(ge=0)] = 0
    """Pictures of fewer pixels are looked at enlarged to so many, in training and ever after; for
    pyramids alone. Where it is not given, a network of `--init` goes on as it did."""
    smallest_scale: Annotated[float, Field(gt=0)] = 0.6
    largest_scale: Annotated[float, Field(gt=0)] = 1.5
    artefacts: Annotated[float, Field(ge=0, le=1)] = 1.0
    """How many of the crops that chance would spoil (blurred, dark, coarse, …) really are."""
    grey: Annotated[float, Field(ge=0, le=1)] = 0.1
    """Chance of a crop without color."""
    tones: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Chance of each change of contrast, sharpness and order of colors."""
    stretch: Annotated[float, Field(ge=0, le=1)] = 0.0
    """How far crops are made wider or narrower: sides change by up to e^(stretch / 2)."""
    pasted: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Chance of a crop with a rectangle of another one in it."""
    placement: Literal["even", "inside"] = "even"
    """Where crops are taken. Even: all over the picture, its edges a third to a half as often as
    the middle. Inside: at every place inside the picture alike, as published, which shows what
    lies at an edge hardly ever."""
    crowded: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Chance with which a crop is placed so that somebody is in it; 0: anywhere."""
    optimizer: Literal["adamw", "adam"] = "adamw"
    """AdamW spares biases and scales from decay; Adam adds decay to all gradients, as published."""
    learning_rate: Annotated[float, Field(gt=0)] = 1.5e-3
    trunk_rate: Annotated[float, Field(gt=0)] = 1.0
    """Learning rate of a pyramid's trunk, as a multiple of `learning_rate`: low for a trunk that
    begins from published weights, whose lessons a high one wipes out."""
    weight_decay: Annotated[float, Field(ge=0)] = 1e-2
    warm_up_steps: Annotated[int, Field(ge=0)] = 300
    """Steps in which the learning rate comes up (or down) to its full value."""
    warm_up_start: Annotated[float, Field(ge=0)] = 0.0
    """Learning rate of the first step, as a multiple of `learning_rate`."""
    warm_up: Literal["linear", "log-linear"] = "linear"
    """Equal differences, or equal ratios, from step to step."""
    period_steps: Annotated[int, Field(ge=0)] = 0
    """Length of the first cosine, after which the rate is full again; 0: one cosine, no restart."""
    period_factor: Annotated[int, Field(ge=1)] = 2
    """Each cosine is this many times as long as the one before."""
    lowest_rate: Annotated[float, Field(ge=0, le=1)] = 0.01
    """Where a cosine ends, as a share of `learning_rate`."""
    clip_norm: Annotated[float, Field(ge=0)] = 50.0
    """Gradients longer than this are shortened to it; 0: never. The class term is a sum over a
    thousand blocks, hence the size."""
    average_decay: Annotated[float, Field(ge=0, lt=1)] = 0.998
    """Decay of the running mean of weights that is validated and shipped; 0: none is kept."""
    count_loss: Literal["count", "mae", "mse", "dm", "bayes", "none"] = "count"
    """Beside the class term: error of the picture's count; absolute or squared error of blocks;
    DM-Count; Bayesian loss; nothing."""
    multi_scale: bool = True
    """Add the error of sums over squares of 1, 2 and 4 blocks."""
    class_weight: Annotated[float, Field(ge=0)] = 1.0
    """Weight of the class term."""
    count_weight: Annotated[float, Field(ge=0)] = 1.0
    """Weight of `count_loss`."""
    scales_weight: Annotated[float, Field(ge=0)] = 1.0
    """Weight of `multi_scale`."""
    regions_weight: Annotated[float, Field(ge=0)] = 0.0
    """Weight of the errors of sums over squares of 4, 8, 16 and 32 blocks: what is counted too
    high or too low over a whole region, which is what makes a picture's count wrong."""
    zip_weight: Annotated[float, Field(ge=0)] = 1.0
    """Weight of the zero-inflated likelihood; for ZIP alone."""
    even_people: Annotated[float, Field(ge=0)] = 0.0
    """Weigh each crop by √(e / (e + its people)), e being this: so that crops of a thousand
    people, whose loss is a sum over a thousand full blocks, do not drown the others; 0: all
    alike."""
    seed: int = 0
    steps_per_epoch: Annotated[int, Field(ge=1)] = 250
    """Steps between two checkpoints; a killed run loses at most these."""
    validate_every: Annotated[int, Field(ge=1)] = 4
    """Epochs between two validations."""
    validation_pictures: Annotated[int, Field(ge=1)] = 60
    """Pictures looked at in each set, spread evenly; the command `evaluate` scores all."""
    precision: Literal["32-true", "bf16-mixed", "16-mixed"] = "32-true"
    freeze_norm: bool = False
    """Keep the statistics of batch normalization as they are at the start: for going on from a
    checkpoint with few, large crops, whose own statistics would be noise."""
    freeze_trunk_norm: bool = False
    """The same for a pyramid's trunk alone: statistics of ImageNet are better than those of two
    crops, while the layers that begin anew still need their own."""
    sync_norm: bool = False
    """Batch normalization over all GPUs of a run, as one process with the whole batch has it."""
    workers: Annotated[int, Field(ge=0)] = 2
    """Processes that prepare crops."""

    @model_validator(mode="after")
    def _scales_ascend(self) -> "FitConfig":
        if self.smallest_scale > self.largest_scale:
            raise ValueError("smallest_scale is above largest_scale")
        return self

    @model_validator(mode="after")
    def _margin_leaves_something(self) -> "FitConfig":
        if 2 * self.margin_px >= self.crop_px:
            raise ValueError("margin_px leaves nothing of a crop; keep it below half of crop_px")
        return self

    @model_validator(mode="after")
    def _warm_up_is_possible(self) -> "FitConfig":
        if self.warm_up == "log-linear" and self.warm_up_start == 0:
            raise ValueError("a log-linear warm_up needs a warm_up_start above 0")
        return self

    @model_validator(mode="after")
    def _last_weights_are_validated(self) -> "FitConfig":
        if self.steps % self.epoch_steps or self.epochs % self.validation_epochs:
            raise ValueError(
                f"steps {self.steps} must be a multiple of steps_per_epoch {self.steps_per_epoch} "
                f"times validate_every {self.validate_every}, so that the last weights are judged"
            )
        return self

    @property
    def epoch_steps(self) -> int:
        """Steps in an epoch; a short run is one epoch."""
        return min(self.steps_per_epoch, self.steps)

    @property
    def epochs(self) -> int:
        """Epochs in all."""
        return self.steps // self.epoch_steps

    @property
    def validation_epochs(self) -> int:
        """Epochs between two validations; a short run is validated at its end."""
        return min(self.validate_every, self.epochs)
