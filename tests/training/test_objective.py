"""From options to losses and optimizers."""

import pytest
import torch
from torch import nn

from monitor.core.bins import Bin, BinSet
from training.config import FitConfig
from training.errors import TrainingError
from training.losses.total import PUBLISHED, LossWeights
from training.models.build import build_counter
from training.naming import network_for
from training.objective import build_optimizer, loss_weights

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
