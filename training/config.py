"""Everything that decides what training does, as one record that goes into the checkpoint."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


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
    bins: str = "0,1,2,3,4+"
    steps: Annotated[int, Field(ge=1)] = 8000
    """Optimizer steps in all."""
    batch: Annotated[int, Field(ge=1)] = 8
    """Crops in a step."""
    crop_px: Annotated[int, Field(ge=64, multiple_of=32)] = 256
    smallest_scale: Annotated[float, Field(gt=0)] = 0.6
    largest_scale: Annotated[float, Field(gt=0)] = 1.5
    learning_rate: Annotated[float, Field(gt=0)] = 1.5e-3
    weight_decay: Annotated[float, Field(ge=0)] = 1e-2
    warm_up_steps: Annotated[int, Field(ge=0)] = 300
    """Steps in which the learning rate rises from 0."""
    clip_norm: Annotated[float, Field(ge=0)] = 50.0
    """Gradients longer than this are shortened to it; 0: never. The class term is a sum over a
    thousand blocks, hence the size."""
    average_decay: Annotated[float, Field(ge=0, lt=1)] = 0.998
    """Decay of the running mean of weights that is validated and shipped; 0: none is kept."""
    class_weight: Annotated[float, Field(ge=0)] = 1.0
    count_weight: Annotated[float, Field(ge=0)] = 1.0
    scales_weight: Annotated[float, Field(ge=0)] = 1.0
    seed: int = 0
    steps_per_epoch: Annotated[int, Field(ge=1)] = 250
    """Steps between two checkpoints; a killed run loses at most these."""
    validate_every: Annotated[int, Field(ge=1)] = 4
    """Epochs between two validations."""
    validation_pictures: Annotated[int, Field(ge=1)] = 60
    """Pictures looked at in each set, spread evenly; the command `evaluate` scores all."""
    precision: Literal["32-true", "bf16-mixed", "16-mixed"] = "32-true"
    workers: Annotated[int, Field(ge=0)] = 2
    """Processes that prepare crops."""

    @model_validator(mode="after")
    def _scales_ascend(self) -> "FitConfig":
        if self.smallest_scale > self.largest_scale:
            raise ValueError("smallest_scale is above largest_scale")
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
