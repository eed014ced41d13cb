"""What a run does between steps: a running mean of weights, and keeping the best ones."""

from pathlib import Path
from typing import Any

import lightning as L
import torch
from lightning.pytorch.callbacks import Callback, WeightAveraging
from torch import Tensor

from training.checkpoint import Checkpoint, save_checkpoint
from training.console import OUT
from training.models.config import CounterConfig
from training.module import CountingModule
from training.scoring import score_set


def decay_at(updates: int, *, decay: float) -> float:
    """Give how much of the mean stays at an update.

    Args:
        updates: Updates done before.
        decay: What stays once the mean is long.

    Returns:
        `decay`, or less while there is little to average over: a mean of fixed decay d consists
        of the random first weights to d^n after n steps, hundreds of steps too long.

    Source:
        The warm-up of TensorFlow's ExponentialMovingAverage: min(d, (1 + n) / (10 + n)).
    """
    return min(decay, (1 + updates) / (10 + updates))


class AveragedWeights(WeightAveraging):
    """Keeps the running mean of weights and validates with it.

    Args:
        decay: Share of the mean that stays at a step, in the long run.
    """

    def __init__(self, decay: float) -> None:
        def averaged(mean: Tensor, newest: Tensor, updates: Tensor | int) -> Tensor:
            share = 1 - decay_at(int(updates), decay=decay)
            # Weights that never change stay the same to the last bit.
            return mean + share * (newest - mean)

        super().__init__(avg_fn=averaged)


class KeepBest(Callback):
    """Writes a checkpoint whenever validation is better than ever before.

    Must stand before the averaging of weights in the list of callbacks: at the end of a
    validation the averaged weights, which were judged, are still in place then.

    Attributes:
        path: The file written.
        best: Lowest relative error so far; infinite before the first validation.
    """

    def __init__(self, path: Path, network: CounterConfig, metadata: dict[str, Any]) -> None:
        self.path = path
        self.best = float("inf")
        self._network = network
        self._metadata = metadata

    def state_dict(self) -> dict[str, Any]:
        """Give what a resumed run must know; Any: Lightning's own type."""
        return {"best": self.best}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up where a run was stopped; Any: Lightning's own type."""
        self.best = float(state_dict["best"])

    def on_validation_epoch_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Report the scores, and save if they are the best."""
        if not isinstance(pl_module, CountingModule):
            raise TypeError(f"expected a CountingModule, not {type(pl_module).__name__}")
        pl_module.gather_scores()
        relative = pl_module.log_scores()
        if not pl_module.scores:
            return
        measured = {name: score_set(scores) for name, scores in pl_module.scores.items()}
        words = "; ".join(
            f"{name} MAE {one.mae:.2f} RMSE {one.rmse:.2f} bias {one.bias:+.2f}"
            for name, one in measured.items()
        )
        is_best = relative < self.best
        if is_best:
            self.best = relative
        if not trainer.is_global_zero:
            return
        OUT.print(
            f"step {trainer.global_step}: {words}{'  (best)' if is_best else ''}", soft_wrap=True
        )
        if is_best:
            self.save(pl_module, step=trainer.global_step)

    def save(self, module: CountingModule, *, step: int) -> None:
        """Write the module's network as it is now.

        Args:
            module: Whose network.
            step: Optimizer steps that it has seen.
        """
        weights = {
            name: value.detach().cpu().clone(memory_format=torch.contiguous_format)
            for name, value in module.counter.state_dict().items()
        }
        metadata = {**self._metadata, "step": step, "relative_error": self.best}
        save_checkpoint(Checkpoint(self._network, weights, metadata), self.path)
