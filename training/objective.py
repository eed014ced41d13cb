"""What a run minimizes and how: from options to the weights of losses and to the optimizer."""

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
from training.schedule import Schedule

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
