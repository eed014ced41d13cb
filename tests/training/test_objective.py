"""From options to losses and optimizers.

The learning rates of the published programs, step by step.
"""

import itertools
import math

import pytest
import torch
from torch import nn

from monitor.core.bins import Bin, BinSet
from training.config import FitConfig
from training.errors import TrainingError
from training.losses.total import PUBLISHED, LossWeights
from training.models.build import build_counter
from training.naming import network_for
from training.objective import Schedule, build_optimizer, loss_weights, rate_share

BINS = BinSet((Bin(0, 0), Bin(1, None)), (0.0, 1.5))


def weights_for(model, *, processes=1, **options):
    """The loss of a run with these options."""
    config = FitConfig(data=({"folder": "x"},), model=model, **options)
    return loss_weights(config, network_for(config, BINS), processes=processes)


@pytest.mark.parametrize(
    ("model", "options", "name"),
    [
        ("ebc:csrnet", {"count_loss": "mae", "multi_scale": False}, "dace-mae"),
        ("ebc:csrnet", {"count_loss": "mse", "multi_scale": False}, "dace-mse"),
        ("ebc:csrnet", {"count_loss": "dm", "multi_scale": False}, "dace-dm"),
        ("ebc:csrnet", {"count_loss": "bayes", "multi_scale": False}, "dace-bayesian"),
        ("zip:P", {}, "zip"),
        ("zip:P", {"count_loss": "dm", "multi_scale": False}, "zip-dm"),
        ("regression:vgg19_ae", {"count_loss": "dm", "multi_scale": False}, "dm-count"),
        ("regression:vgg19_ae", {"count_loss": "bayes", "multi_scale": False}, "bayesian"),
        ("regression:csrnet", {"count_loss": "mse", "multi_scale": False}, "mse"),
    ],
)
def test_published_losses_can_be_asked_for(model, options, name):
    """Every combination of the papers comes out of options of the command."""
    assert weights_for(model, **options) == PUBLISHED[name]


def test_weights_multiply():
    """Each part has its own weight; DM-Count's three terms are weighted as one."""
    found = weights_for(
        "ebc:csrnet", count_loss="dm", count_weight=2, class_weight=3, scales_weight=4
    )

    assert found == LossWeights(classes=3, transport=0.2, variation=0.02, count=2, scales=4)


def test_transport_is_a_sum_and_is_kept_one():
    """Averaged over two processes, twice the weight gives the gradient of one."""
    one = weights_for("ebc:csrnet", count_loss="dm")
    two = weights_for("ebc:csrnet", count_loss="dm", processes=2)

    assert two.transport == 2 * one.transport
    assert (two.variation, two.count, two.classes) == (one.variation, one.count, one.classes)


def test_no_loss_at_all_is_refused():
    """A run that minimizes nothing would waste a night."""
    with pytest.raises(TrainingError, match="no loss to minimize"):
        weights_for("regression:csrnet", count_loss="none", multi_scale=False)


def test_frozen_weights_are_left_out_and_scales_do_not_decay():
    """AdamW: matrices decay, vectors do not; Adam: one group, as published."""
    network = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 5))
    network[0].requires_grad_(False)
    config = FitConfig(data=({"folder": "x"},), learning_rate=0.1, weight_decay=0.5)

    groups = build_optimizer(network, config).param_groups
    assert [one["params"] for one in groups] == [[network[1].weight], [network[1].bias]]
    assert [one["weight_decay"] for one in groups] == [0.5, 0]

    published = build_optimizer(network, config.model_copy(update={"optimizer": "adam"}))
    assert type(published) is torch.optim.Adam
    assert len(published.param_groups) == 1
    assert published.param_groups[0]["weight_decay"] == 0.5


def test_a_pyramids_trunk_learns_at_its_own_rate():
    """A fifth of the rate for the trunk alone; every weight is in exactly one group."""
    config = FitConfig(
        data=({"folder": "x"},), model="ebc-shufflenet", learning_rate=0.1, trunk_rate=0.2
    )
    counter = build_counter(network_for(config, BINS))

    groups = build_optimizer(counter, config).param_groups

    rates = {id(one): group["lr"] for group in groups for one in group["params"]}
    named = dict(counter.named_parameters())
    assert len(rates) == sum(len(group["params"]) for group in groups) == len(named)
    for name, one in named.items():
        assert rates[id(one)] == pytest.approx(0.02 if name.startswith("trunk.") else 0.1)


FULL = 1e-4
CLIP_EBC = Schedule(steps=2600, warm_up_steps=50, warm_up_start=0.01, period_steps=5, lowest=1e-3)
CLIP_EBC_VIT = Schedule(steps=2600, warm_up_steps=50, warm_up_start=10.0, period_steps=5)
ZIP = Schedule(
    steps=1300, warm_up_steps=25, warm_up_start=0.1, warm_up="log-linear", period_steps=5
)


@pytest.mark.parametrize(
    ("epoch", "rate"),
    [
        (0, 1.0e-6), (1, 2.98e-6), (25, 5.05e-5), (49, 9.802e-5), (50, 1e-4), (51, 9.046e-5),
        (54, 9.640e-6), (55, 1e-4), (60, 5.005e-5), (64, 2.545e-6), (84, 7.150e-7),
        (1329, 1e-4), (2599, 1.054e-7),
    ],
)  # fmt: skip
def test_rates_of_clip_ebc(epoch, rate):
    """The rates measured in the published program, to the four digits given."""
    assert FULL * rate_share(CLIP_EBC, epoch) == pytest.approx(rate, rel=6e-4)


@pytest.mark.parametrize(("epoch", "rate"), [(0, 1e-3), (25, 5.5e-4), (49, 1.18e-4), (50, 1e-4)])
def test_rates_of_clip_ebc_on_a_transformer_come_down(epoch, rate):
    """Its warm-up begins at ten times the full rate."""
    assert FULL * rate_share(CLIP_EBC_VIT, epoch) == pytest.approx(rate)


def test_zip_warms_up_by_equal_ratios():
    """From a tenth of the rate to all of it in 25 epochs, each the same factor above the last."""
    rates = [rate_share(ZIP, epoch) for epoch in range(26)]

    assert (rates[0], rates[25]) == (pytest.approx(0.1), pytest.approx(1))
    assert [high / low for low, high in itertools.pairwise(rates)] == pytest.approx(
        [10 ** (1 / 25)] * 25
    )


def test_zip_restarts_where_published():
    """The rate is full at these epochs and nowhere else."""
    full = [epoch for epoch in range(1300) if rate_share(ZIP, epoch) == pytest.approx(1, abs=1e-9)]

    assert full == [25, 30, 40, 60, 100, 180, 340, 660]


def test_periods_of_one_length():
    """A factor of 1 repeats the same cosine."""
    schedule = Schedule(steps=30, period_steps=10, period_factor=1, lowest=0)

    assert [rate_share(schedule, step) for step in (0, 5, 10, 15, 25)] == pytest.approx(
        [1, 0.5, 1, 0.5, 0.5]
    )


def test_one_cosine_ends_at_the_lowest_rate():
    """Without restarts: up from just above 0, then half a cosine over all that is left."""
    schedule = Schedule(steps=110, warm_up_steps=10, lowest=0.01)

    assert rate_share(schedule, 0) == pytest.approx(1 / 11)
    assert rate_share(schedule, 10) == 1
    assert rate_share(schedule, 60) == pytest.approx((1 + 0.01) / 2)
    assert rate_share(schedule, 110) == pytest.approx(0.01)
    assert all(
        rate_share(schedule, step) > rate_share(schedule, step + 1) for step in range(10, 110)
    )
    assert math.isfinite(rate_share(schedule, 10_000))
