"""Likelihoods of block counts."""

import pytest
import torch
from scipy import stats

from monitor.core.bins import BinSet, parse_bins
from training.losses.poisson import poisson_loss, positive_class_loss, zip_loss

BINS = BinSet(parse_bins("0,1,2-3,4+"), (0.0, 1.0, 2.4, 5.0))


def test_zip_loss_is_the_likelihood() -> None:
    """Differences between rates are those of scipy's Poisson law with extra zeros."""
    zero_logits = torch.tensor([0.3, -0.4]).view(1, 2, 1, 1)
    is_empty = float(zero_logits.softmax(dim=1)[0, 0])

    for count in (0, 1, 3):
        blocks = torch.tensor([[[float(count)]]])
        losses, by_law = [], []
        for rate in (1.2, 3.4):
            losses.append(float(zip_loss(zero_logits, torch.tensor([[[rate]]]), blocks)))
            chance = (1 - is_empty) * stats.poisson.pmf(count, rate)
            by_law.append(-float(torch.tensor(chance + (is_empty if count == 0 else 0)).log()))

        assert losses[0] - losses[1] == pytest.approx(by_law[0] - by_law[1], abs=1e-5)


def test_zip_loss_of_an_empty_block() -> None:
    """At y = 0 nothing is dropped, so the value itself is that of the law."""
    zero_logits = torch.zeros(1, 2, 1, 1)
    chance = 0.5 + 0.5 * stats.poisson.pmf(0, 2.0)

    loss = zip_loss(zero_logits, torch.tensor([[[2.0]]]), torch.zeros(1, 1, 1))

    assert float(loss) == pytest.approx(-float(torch.tensor(chance).log()), abs=1e-6)


def test_poisson_loss_is_least_at_the_truth() -> None:
    """Among many rates, that of the marked count costs least."""
    rates = torch.linspace(0.5, 6, 56)
    losses = [
        float(poisson_loss(torch.full((1, 1, 1), rate), torch.full((1, 1, 1), 3.0)))
        for rate in rates
    ]

    assert float(rates[losses.index(min(losses))]) == pytest.approx(3.0, abs=0.06)


def test_empty_blocks_teach_positive_classes_nothing() -> None:
    """Scores of an empty block get no gradient; an occupied block's do."""
    logits = torch.zeros(1, 3, 1, 2, requires_grad=True)
    blocks = torch.tensor([[[0.0, 3.0]]])

    loss = positive_class_loss(logits, blocks, BINS)
    loss.backward()

    assert float(loss.detach()) == pytest.approx(float(torch.tensor(3.0).log()))
    assert logits.grad is not None
    assert bool((logits.grad[..., 0] == 0).all())
    assert logits.grad[0, :, 0, 1].tolist() == pytest.approx([1 / 3, -2 / 3, 1 / 3])
