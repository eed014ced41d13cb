"""The training loop's body: a network, its loss, its optimizer, its validation."""

import math
from collections import defaultdict
from functools import partial
from typing import Any, cast

import lightning as L
import numpy as np
import torch
from torch import Tensor
from torch.optim.lr_scheduler import LambdaLR

from training.config import FitConfig
from training.counting import count_picture, plan_for
from training.data.augment import normalize
from training.data.crops import CropBatch, read_rgb
from training.data.labelled import LabelledPicture
from training.losses.total import block_loss, even_loss
from training.models.config import ClipCountConfig, CounterConfig, RegressionConfig
from training.models.output import BlockOutput, BlockTarget, Counter, LossTerms
from training.models.pyramid import PyramidCounter
from training.objective import build_optimizer, loss_weights, rate_share, schedule_of
from training.scoring import PictureScore, score_set

_FEW_PEOPLE = 20.0
"""Sets of fewer people a picture are taken to have these when errors are made relative: in
pictures of nobody, any error would be infinite."""


class CountingModule(L.LightningModule):
    """Teaches a counter.

    Args:
        counter: The network.
        network: Its description.
        config: Options of the run.

    Attributes:
        scores: Scores of the validation under way, by the name of the set.
    """

    def __init__(self, counter: Counter, network: CounterConfig, config: FitConfig) -> None:
        super().__init__()
        self.counter = counter.to(memory_format=torch.channels_last)
        self.scores: defaultdict[str, list[PictureScore]] = defaultdict(list)
        self._bins = (
            None
            if isinstance(network, RegressionConfig | ClipCountConfig)
            else network.grid.bin_set()
        )
        self._network = network
        self._config = config
        self._weights = loss_weights(config, network)

    def on_fit_start(self) -> None:
        """Weigh the losses by how many processes train together."""
        self._weights = loss_weights(self._config, self._network, processes=self.trainer.world_size)

    def on_train_batch_start(self, batch: CropBatch, batch_idx: int) -> None:
        """Draw the chance of this step from its number, so that a resumed run draws the same."""
        own = (self._config.seed, self.trainer.global_step, self.trainer.global_rank)
        torch.manual_seed(int(np.random.SeedSequence(own).generate_state(1)[0]))
        frozen: torch.nn.Module | None = None
        if self._config.freeze_norm:
            frozen = self.counter
        elif self._config.freeze_trunk_norm:
            frozen = cast("PyramidCounter", self.counter).trunk
        if frozen is not None:
            # Lightning sets the whole network to training after every validation.
            for layer in frozen.modules():
                if isinstance(layer, torch.nn.BatchNorm2d):
                    layer.eval()

    def training_step(self, batch: CropBatch, _index: int) -> Tensor:
        """Learn from a batch of crops; returns the loss."""
        pictures = normalize(batch.pictures, self.counter.mean, self.counter.std)
        output = self.counter(pictures.contiguous(memory_format=torch.channels_last))
        margin = self._config.margin_px // self.counter.block_px
        target = batch.target.inside(margin, self.counter.block_px)
        terms = self._loss(output.inside(margin), target)
        size = len(batch.pictures)
        self.log("loss", terms.total, prog_bar=True, batch_size=size)
        for name, value in terms.parts.items():
            self.log(f"loss/{name}", value, batch_size=size)
        return terms.total

    def _loss(self, output: BlockOutput, target: BlockTarget) -> LossTerms:
        loss = partial(
            block_loss, weights=self._weights, bins=self._bins, block_px=self.counter.block_px
        )
        if not self._config.even_people:
            return loss(output, target)
        return even_loss(output, target, loss, even_people=self._config.even_people)

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
        window_px = self.counter.window_px
        stride_px = self._config.window_stride_px or window_px if window_px else None
        plan = plan_for(self.counter, picture.size_hw, window_px=window_px, stride_px=stride_px)
        density, variance = count_picture(self.counter, read_rgb(picture), plan)
        self.scores[name].append(
            PictureScore(
                picture.name,
                truth=float(len(picture.points_xy)),
                count=float(density.sum(dtype="float64")),
                variance=None if variance is None else float(variance.sum(dtype="float64")),
            )
        )

    def gather_scores(self) -> None:
        """Bring the scores of all processes together; each has counted its share of pictures."""
        if self.trainer.world_size == 1:
            return
        parts: list[Any] = [None] * self.trainer.world_size  # filled by torch
        torch.distributed.all_gather_object(parts, dict(self.scores))
        self.scores.clear()
        for part in parts:
            for name, scores in part.items():
                self.scores[name].extend(scores)
        for scores in self.scores.values():
            scores.sort(key=lambda one: one.name)

    def log_scores(self) -> float:
        """Log the measures of the validation just done.

        Returns:
            Mean over the sets of MAE divided by the mean number of people: one number to choose
            the best weights by, in which no set drowns the others.
        """
        relative: list[float] = []
        for name, scores in self.scores.items():
            measured = score_set(scores)
            self._log_score(f"{name}/mae", measured.mae)
            self._log_score(f"{name}/rmse", measured.rmse)
            self._log_score(f"{name}/bias", measured.bias)
            people = sum(one.truth for one in scores) / len(scores)
            relative.append(measured.mae / max(_FEW_PEOPLE, people))
        mean = sum(relative) / len(relative) if relative else math.inf
        self._log_score("relative_error", mean, is_shown=True)
        return mean

    def _log_score(self, name: str, value: float, *, is_shown: bool = False) -> None:
        # All processes have gathered the same scores, so their mean is the score.
        has_others = self.trainer.world_size > 1
        self.log(f"val/{name}", value, prog_bar=is_shown, batch_size=1, sync_dist=has_others)

    def configure_optimizers(self) -> Any:
        """Give the optimizer and its schedule; Any: Lightning's own union of layouts."""
        optimizer = build_optimizer(self.counter, self._config)
        schedule = schedule_of(self._config)
        return {
            "optimizer": optimizer,
            "lr_scheduler": {
                "scheduler": LambdaLR(optimizer, lambda step: rate_share(schedule, step)),
                "interval": "step",
            },
        }
