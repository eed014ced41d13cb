"""How fast a network learns at each step: warm-up, then one cosine or several.

Source:
    Cosine with warm restarts: Loshchilov and Hutter (arXiv 1608.03983). Warm-ups as in the
    published programs of CLIP-EBC (linear) and ZIP (equal ratios). They change the rate once an
    epoch; here it moves with every step, through the same values at the starts of epochs.
"""

import math
from dataclasses import dataclass
from typing import Literal


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
