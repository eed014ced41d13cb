"""The training loop's body for networks that are asked what to count."""

from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor

from training.clip_count.data import PromptBatch
from training.clip_count.losses import (
    fraction_labels,
    patch_contrast,
    prompt_contrast,
    published_contrast,
    published_labels,
    smooth_points,
    squared_error,
)
from training.clip_count.network import DENSITY_SCALE, ClipCounter, PromptOutput
from training.clip_count.scoring import Asking
from training.config import FitConfig
from training.crowd_clip import nested_crops, ranking_loss
from training.data.augment import normalize
from training.data.crops import CropBatch
from training.data.labelled import LabelledPicture
from training.losses.total import block_loss
from training.models.config import ClipCountConfig
from training.models.output import BlockOutput
from training.module import CountingModule

_RANKED = (1, 5, 25)
"""Numbers in the sentences that nested crops are ordered by: of the size that prompts count."""


class PromptModule(CountingModule):
    """Teaches a counter that listens to prompts: contrast first, then density.

    Args:
        counter: The network.
        network: Its description.
        config: Options of the run.
        names: What may be asked for in validation.
    """

    def __init__(
        self,
        counter: ClipCounter,
        network: ClipCountConfig,
        config: FitConfig,
        names: tuple[str, ...],
    ) -> None:
        super().__init__(counter, network, config)
        self._is_published = network.variant == "paper"
        self._cell_px, self._names = network.cell_px, names

    def training_step(  # type: ignore[override]  # another batch than the other networks'
        self, batch: PromptBatch, _index: int
    ) -> Tensor:
        """Learn from a batch of crops; returns the loss."""
        counter = cast("ClipCounter", self.counter)
        pictures = normalize(batch.crops.pictures, counter.mean, counter.std)
        text = _encode(counter, batch.prompts)
        output = counter.ask(counter.look(pictures), text)
        wanted = smooth_points(
            batch.crops.target.points, side_px=pictures.shape[-1], cell_px=self._cell_px
        )
        contrast = self._contrast(output, text, batch.prompts, wanted)
        if self.trainer.global_step < self._config.contrast_steps:
            parts = {"contrast": contrast}
        else:
            parts = self._regression(output, batch.crops, wanted)
            if self._config.contrast_weight:
                parts["contrast"] = self._config.contrast_weight * contrast
        if self._config.rank_weight:
            parts["rank"] = self._config.rank_weight * self._rank(counter, pictures, batch.prompts)
        total = torch.stack(list(parts.values())).sum()
        size = len(pictures)
        self.log("loss", total, prog_bar=True, batch_size=size)
        for name, value in parts.items():
            self.log(f"loss/{name}", value.detach(), batch_size=size)
        return total

    def transfer_batch_to_device(
        self, batch: Any, device: torch.device, dataloader_idx: int
    ) -> Any:
        """Move crops to the device; whole pictures are read later (Any: Lightning's own type)."""
        if isinstance(batch, PromptBatch):
            return batch.to(device)
        return super().transfer_batch_to_device(batch, device, dataloader_idx)

    def validation_step(self, batch: tuple[str, LabelledPicture], _index: int) -> None:
        """Ask one whole held-out picture for all that is in it and for one thing that is not."""
        name, picture = batch
        asking = Asking(cast("ClipCounter", self.counter), stride_px=self._config.window_stride_px)
        self.scores[name].extend(asking.score(picture, self._names))

    def _contrast(
        self, output: PromptOutput, text: Tensor, prompts: tuple[str, ...], wanted: Tensor
    ) -> Tensor:
        patches, whole = output.patches.float(), text[:, 0].float()
        side = patches.shape[-1]
        if self._is_published:
            return published_contrast(patches, whole, published_labels(wanted, side))
        labels = fraction_labels(wanted, side)
        same = torch.tensor(
            [[one == other for other in prompts] for one in prompts], device=whole.device
        )
        return patch_contrast(patches, whole, labels) + prompt_contrast(
            patches, whole, labels, same
        )

    def _rank(self, counter: ClipCounter, pictures: Tensor, prompts: tuple[str, ...]) -> Tensor:
        """Hold the patches of nested crops, taken together, to the order of the crops."""
        crops = nested_crops(pictures, len(_RANKED))
        whole = [self._patches(counter, one).float().mean(dim=(2, 3)) for one in crops]
        sentences = [f"There are {count} {one}" for one in prompts for count in _RANKED]
        text = _encode(counter, tuple(sentences))[:, 0].float().view(len(prompts), len(_RANKED), -1)
        seen = F.normalize(torch.stack(whole, dim=1), dim=2)
        return ranking_loss(seen @ F.normalize(text, dim=2).transpose(1, 2))

    @staticmethod
    def _patches(counter: ClipCounter, pictures: Tensor) -> Tensor:
        return counter.place(counter.look(pictures))

    def _regression(
        self, output: PromptOutput, crops: CropBatch, wanted: Tensor
    ) -> dict[str, Tensor]:
        kept = 1 - self._config.masked
        error = squared_error(output.cells.float(), DENSITY_SCALE * wanted, kept=kept)
        parts = {"density": self._weights.density * error}
        weights = self._weights
        if any((weights.count, weights.scales, weights.absolute, weights.squared)):
            terms = block_loss(
                BlockOutput(output.blocks),
                crops.target,
                weights,
                bins=None,
                block_px=self.counter.block_px,
            )
            parts["blocks"] = terms.total
        return parts


def _encode(counter: ClipCounter, prompts: tuple[str, ...]) -> Tensor:
    distinct = list(dict.fromkeys(prompts))
    encoded = counter.encode(distinct)
    return encoded[[distinct.index(one) for one in prompts]]
