"""The running mean of weights is of use from the first step, and keeps still what is still."""

import pytest
import torch
from torch import nn

from training.callbacks import AveragedWeights, decay_at


def test_decay_grows_from_a_tenth_to_its_full_value():
    """Hand-computed: (1 + n) / (10 + n), and never above what was asked for."""
    assert decay_at(0, decay=0.998) == pytest.approx(0.1)
    assert decay_at(8, decay=0.998) == pytest.approx(0.5)
    assert decay_at(100_000, decay=0.998) == 0.998


def mean_after(values, *, decay=0.998):
    """Average a module whose one weight takes these values in turn; gives the mean at the end."""
    callback = AveragedWeights(decay)
    module = nn.Linear(1, 1, bias=False)
    averaged = torch.optim.swa_utils.AveragedModel(module, **callback._kwargs)
    for value in values:
        with torch.no_grad():
            module.weight.fill_(value)
        averaged.update_parameters(module)
    return float(averaged.module.weight.detach())


def test_first_weights_are_soon_forgotten():
    """After 100 steps at 1, what came from the first weights, 5, is less than a thousandth.

    With a fixed decay of 0.998 it would be 0.82 of them.
    """
    assert mean_after([5.0] + [1.0] * 100) == pytest.approx(1, abs=4e-3)


def test_frozen_weights_stay_to_the_last_bit():
    """The mean of one value is that value, not one that rounding moved."""
    value = float(torch.tensor(0.1))

    assert mean_after([value] * 50) == value
