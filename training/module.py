"""The training loop's body: a network, its loss, its optimizer, its validation."""

import math
from collections import defaultdict
from typing import Any

import lightning as L
import torch
from torch import Tensor
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR

from monitor.contract.bins import BinSet
from training.config import FitConfig
from training.counting import count_picture, plan_for
from training.data.augment import normalize
from training.data.crops import CropBatch, read_rgb
from training.data.labelled import LabelledPicture
from training.losses.dace import DaceWeights, dace_loss
from training.models.output import Counter
from training.scoring import PictureScore, score_set


def learning_rate_factor(step: int, *, warm_up_steps: int, steps: int) -> float:
    """Give the share of the learning rate at a step: linear rise, then half a cosine to 1 %.

    Args:
        step: Steps done, from 0.
        warm_up_steps: Steps of the rise.
        steps: Steps in all.

    Returns:
        Between 0 and 1.
    """
    floor = 0.01
    if step < warm_up_steps:
        return (step + 1) / (warm_up_steps + 1)
    done = min(1.0, (step - warm_up_steps) / max(1, steps - warm_up_steps))
    return floor + (1 - floor) * (1 + math.cos(math.pi * done)) / 2


class CountingModule(L.LightningModule):
    """Teaches a counter with DACE.

    Attributes:
        scores: Scores of the validation under way, by the name of the set.
    """

    def __init__(self, counter: Counter, bins: BinSet, config: FitConfig) -> None:
        super().__init__()
        self.counter = counter.to(memory_format=torch.channels_last)
        self.scores: defaultdict[str, list[PictureScore]] = defaultdict(list)
        self._bins = bins
        self._config = config
        self._weights = DaceWeights(config.class_weight, config.count_weight, config.scales_weight)

    def training_step(self, batch: CropBatch, _index: int) -> Tensor:
        """Learn from a batch of crops; returns the loss."""
        pictures = normalize(batch.pictures, self.counter.mean, self.counter.std)
        output = self.counter(pictures.contiguous(memory_format=torch.channels_last))
        terms = dace_loss(output, batch.target, self._bins, self._weights)
        size = len(batch.pictures)
        self.log("loss", terms.total, prog_bar=True, batch_size=size)
        for name, value in terms.parts.items():
            self.log(f"loss/{name}", value, batch_size=size)
        return terms.total

    def transfer_batch_to_device(
        self, batch: Any, device: torch.device, dataloader_idx: int
    ) -> Any:
        """Move crops to the device; whole pictures are read later (Any: Lightning's own type)."""
        return batch.to(device) if isinstance(batch, CropBatch) else batch

    def on_validation_epoch_start(self) -> None:
        """Forget the scores of the validation before."""
        self.scores.clear()

    def validation_step(self, batch: tuple[str, LabelledPicture], _index: int) -> None:
        """Count one whole held-out picture by the app's own plan."""
        name, picture = batch
        plan = plan_for(self.counter, picture.size_hw)
        density, variance = count_picture(self.counter, read_rgb(picture), plan)
        self.scores[name].append(
            PictureScore(
                picture.name,
                truth=float(len(picture.points_xy)),
                count=float(density.sum(dtype="float64")),
                variance=None if variance is None else float(variance.sum(dtype="float64")),
            )
        )

    def log_scores(self) -> float:
        """Log the measures of the validation just done.

        Returns:
            Mean over the sets of MAE divided by the mean number of people: one number to choose
            the best weights by, in which no set drowns the others.
        """
        relative: list[float] = []
        for name, scores in self.scores.items():
            measured = score_set(scores)
            self.log(f"val/{name}/mae", measured.mae, batch_size=1)
            self.log(f"val/{name}/rmse", measured.rmse, batch_size=1)
            self.log(f"val/{name}/bias", measured.bias, batch_size=1)
            people = sum(one.truth for one in scores) / len(scores)
            relative.append(measured.mae / max(1.0, people))
        mean = sum(relative) / len(relative) if relative else math.inf
        self.log("val/relative_error", mean, prog_bar=True, batch_size=1)
        return mean

    def configure_optimizers(self) -> Any:
        """Give AdamW with a warm-up and a cosine; Any: Lightning's own union of layouts."""
        decayed = [one for one in self.counter.parameters() if one.ndim > 1]
        free = [one for one in self.counter.parameters() if one.ndim <= 1]
        optimizer = AdamW(
            [
                {"params": decayed, "weight_decay": self._config.weight_decay},
                {"params": free, "weight_decay": 0.0},
            ],
            lr=self._config.learning_rate,
        )
        schedule = LambdaLR(
            optimizer,
            lambda step: learning_rate_factor(
                step, warm_up_steps=self._config.warm_up_steps, steps=self._config.steps
            ),
        )
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }
