"""What a run minimizes and how: weights of losses, optimizer, and the learning rate at each step.

Source:
    Cosine with warm restarts: Loshchilov and Hutter (arXiv 1608.03983). Warm-ups as in the
    published programs of CLIP-EBC (linear) and ZIP (equal ratios). They change the rate once an
    epoch; here it moves with every step, through the same values at the starts of epochs.
"""

import math
from dataclasses import dataclass
from typing import Literal

from torch import nn
from torch.optim import Adam, AdamW, Optimizer

from training.config import FitConfig
from training.errors import TrainingError
from training.losses.total import LossWeights
from training.models.config import (
    ClipCountConfig,
    ClipZipConfig,
    CounterConfig,
    RegressionConfig,
    ZipConfig,
)
from training.models.pyramid import PyramidCounter


@dataclass(frozen=True)
class Schedule:
    """Shares of the full learning rate over a run."""

    steps: int
    """Steps in all."""
    warm_up_steps: int = 0
    """Steps until the rate is full for the first time."""
    warm_up_start: float = 0.0
    """Share at the first step; above 1, the rate comes down. 0: one part of the way up."""
    warm_up: Literal["linear", "log-linear"] = "linear"
    """Equal differences or equal ratios."""
    period_steps: int = 0
    """Length of the first cosine; 0: one cosine over all that is left."""
    period_factor: int = 2
    """How many times as long each cosine is as the one before."""
    lowest: float = 0.01
    """Share at the end of a cosine."""


def rate_share(schedule: Schedule, step: int) -> float:
    """Give the share of the full learning rate at a step.

    Args:
        schedule: Its shape.
        step: Steps done, from 0.

    Returns:
        0 or more; 1 is the full rate.
    """
    if step < schedule.warm_up_steps:
        return _warming(schedule, step)
    done = _cosine_done(schedule, step - schedule.warm_up_steps)
    return schedule.lowest + (1 - schedule.lowest) * (1 + math.cos(math.pi * done)) / 2


def _warming(schedule: Schedule, step: int) -> float:
    start, length = schedule.warm_up_start, schedule.warm_up_steps
    if schedule.warm_up == "log-linear":
        return math.exp(math.log(start) * (1 - step / length))
    if start == 0:
        return (step + 1) / (length + 1)  # no step is spent on a rate of 0
    return start + (1 - start) * step / length


def _cosine_done(schedule: Schedule, since: int) -> float:
    period, factor = schedule.period_steps, schedule.period_factor
    if period == 0:
        return min(1.0, since / max(1, schedule.steps - schedule.warm_up_steps))
    if factor == 1:
        return since % period / period
    while since >= period:
        since -= period
        period *= factor
    return since / period


_COUNT_TERMS = {
    "count": {"count": 1.0},
    "mae": {"absolute": 1.0},
    "mse": {"squared": 1.0},
    "dm": {"transport": 0.1, "variation": 0.01, "count": 1.0},
    "bayes": {"bayesian": 1.0},
    "none": {},
}
"""Terms of each count loss, weighted as published."""


def loss_weights(config: FitConfig, network: CounterConfig, *, processes: int = 1) -> LossWeights:
    """Choose the terms of the loss.

    Args:
        config: Options of the run.
        network: Its kind decides: no classes for a regression, the likelihood for ZIP.
        processes: How many train together. Their gradients are averaged, so that the one term
            that is a sum over pictures must be enlarged to stay what one process would compute.

    Returns:
        How much each term counts.

    Raises:
        TrainingError: If nothing is left to minimize.
    """
    weights = {
        name: config.count_weight * share for name, share in _COUNT_TERMS[config.count_loss].items()
    }
    if "transport" in weights:
        weights["transport"] *= processes
    if config.multi_scale:
        weights["scales"] = config.scales_weight
    weights["regions"] = config.regions_weight
    if isinstance(network, ClipCountConfig):
        weights["density"] = 1.0
    elif not isinstance(network, RegressionConfig):
        weights["classes"] = config.class_weight
    if isinstance(network, ZipConfig | ClipZipConfig) and network.zero_inflated:
        weights["zip"] = config.zip_weight
    try:
        return LossWeights(**weights)
    except ValueError as error:
        raise TrainingError(
            "these options leave no loss to minimize; choose another --count-loss or a weight "
            "above 0"
        ) from error


def build_optimizer(counter: nn.Module, config: FitConfig) -> Optimizer:
    """Give the optimizer of the weights that are not frozen.

    Returns:
        AdamW or Adam. A pyramid's trunk learns at its own rate; biases and scales are spared from
        AdamW's decay.
    """
    trunk = counter.trunk.parameters() if isinstance(counter, PyramidCounter) else ()
    in_trunk = {id(one) for one in trunk}
    learned = [one for one in counter.parameters() if one.requires_grad]
    groups = [
        {
            "params": [
                one
                for one in learned
                if (id(one) in in_trunk) == is_trunk
                and (config.optimizer == "adam" or (one.ndim > 1) == decays)
            ],
            "weight_decay": config.weight_decay if decays else 0.0,
            "lr": config.learning_rate * (config.trunk_rate if is_trunk else 1.0),
        }
        for is_trunk in (False, True)
        for decays in ((True,) if config.optimizer == "adam" else (True, False))
    ]
    kept = [group for group in groups if group["params"]]
    return Adam(kept) if config.optimizer == "adam" else AdamW(kept)


def schedule_of(config: FitConfig) -> Schedule:
    """Give the shape of the learning rate."""
    return Schedule(
        steps=config.steps,
        warm_up_steps=config.warm_up_steps,
        warm_up_start=config.warm_up_start,
        warm_up=config.warm_up,
        period_steps=config.period_steps,
        period_factor=config.period_factor,
        lowest=config.lowest_rate,
    )
