"""A running mean of weights that is right from the first step on."""

from lightning.pytorch.callbacks import WeightAveraging
from torch import Tensor


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
