"""The loss computes what the specification's check vectors say.

Likelihoods of block counts.

Errors of sums over regions.
"""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from monitor.core.bins import BinSet, parse_bins
from training.losses.blocks import (
    SIDES,
    DaceWeights,
    class_loss,
    classes_of,
    count_loss,
    dace_loss,
    multi_scale_loss,
    poisson_loss,
    positive_class_loss,
    regions_loss,
    zip_loss,
)
from training.models.output import BinExpectation, BlockOutput, BlockTarget

BINS = BinSet(parse_bins("0,1,2,3,4+"), (0, 1, 2, 3, 4.21931))


@pytest.fixture
def vector():
    """Two crops of 32 px, blocks of 8: one and two people in the first, none in the other."""
    logits = (torch.arange(2 * 5 * 4 * 4) % 7).float().view(2, 5, 4, 4) / 7
    blocks = torch.zeros(2, 4, 4)
    blocks[0, 0, 0], blocks[0, 1, 2] = 1, 2
    density, variance = BinExpectation(BINS)(logits)
    return BlockOutput(density, variance, logits), BlockTarget(blocks, ())


def test_published_check_vector(vector):
    """Cross-entropy 26.66696; counts 32.83447 and 32.64889."""
    output, target = vector

    assert output.density.sum(dim=(1, 2)).tolist() == pytest.approx([32.83447, 32.64889], abs=1e-4)
    assert float(class_loss(output.logits, target.blocks, BINS)) == pytest.approx(
        26.66696, abs=1e-4
    )


def test_variance_by_brute_force(vector):
    """The variance is that of the bins' values under the predicted probabilities."""
    output, _ = vector
    chances = output.logits.softmax(1)[1, :, 2, 3].tolist()
    mean = sum(p * a for p, a in zip(chances, BINS.values, strict=True))

    expected = sum(p * (a - mean) ** 2 for p, a in zip(chances, BINS.values, strict=True))

    assert float(output.variance[1, 2, 3]) == pytest.approx(expected, rel=1e-5)


def test_classes_agree_with_the_contract():
    """Torch and numpy put every count into the same bin."""
    counts = torch.arange(40).float()

    assert classes_of(counts, BINS).tolist() == BINS.class_of(counts.numpy()).tolist()


def test_count_term_by_hand():
    """Mean over pictures of the absolute error of the sum."""
    density = torch.tensor([[[1.0, 2.0]], [[0.0, 0.5]]])
    blocks = torch.tensor([[[0.0, 1.0]], [[2.0, 2.0]]])

    assert float(count_loss(density, blocks)) == pytest.approx((2.0 + 3.5) / 2)


def test_multi_scale_term_by_hand():
    """Errors that cancel within a square of four blocks count at the finest scale alone."""
    density, blocks = torch.zeros(1, 4, 4), torch.zeros(1, 4, 4)
    density[0, 0, 0] = blocks[0, 0, 1] = 1.0

    assert float(multi_scale_loss(density, blocks)) == pytest.approx(0.25 * 2)

    density[0, 0, 0] = 2.0  # one person too many: 3/1·¼ + 1/4·½ + 1/16·1
    assert float(multi_scale_loss(density, blocks)) == pytest.approx(0.75 + 0.125 + 0.0625)


def test_total_is_the_weighted_sum(vector):
    """Each weight scales its part."""
    output, target = vector

    plain = dace_loss(output, target, BINS, DaceWeights())
    doubled = dace_loss(output, target, BINS, DaceWeights(2.0, 3.0, 0.0))

    assert float(plain.total) == pytest.approx(sum(float(one) for one in plain.parts.values()))
    assert float(doubled.total) == pytest.approx(
        2 * float(plain.parts["classes"]) + 3 * float(plain.parts["count"])
    )


def test_regression_has_no_classes():
    """A head without bins cannot be taught by classes, and is told so."""
    output = BlockOutput(torch.zeros(1, 2, 2))

    with pytest.raises(ValueError, match="scores of bins"):
        dace_loss(output, BlockTarget(torch.zeros(1, 2, 2), ()), BINS, DaceWeights())


POISSON_BINS = BinSet(parse_bins("0,1,2-3,4+"), (0.0, 1.0, 2.4, 5.0))


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

    loss = positive_class_loss(logits, blocks, POISSON_BINS)
    loss.backward()

    assert float(loss.detach()) == pytest.approx(float(torch.tensor(3.0).log()))
    assert logits.grad is not None
    assert bool((logits.grad[..., 0] == 0).all())
    assert logits.grad[0, :, 0, 1].tolist() == pytest.approx([1 / 3, -2 / 3, 1 / 3])


def by_hand(density, blocks):
    """Sum up square by square."""
    total = 0.0
    for side in SIDES:
        for picture in density - blocks:
            for top in range(0, picture.shape[0], side):
                for left in range(0, picture.shape[1], side):
                    square = picture[top : top + side, left : left + side]
                    total += side / 32 * abs(float(square.sum()))
    return total / len(density)


@given(
    height=st.integers(1, 40),
    width=st.integers(1, 70),
    pictures=st.integers(1, 3),
    seed=st.integers(0, 2**32 - 1),
)
def test_every_square_counts(height, width, pictures, seed):
    """Those at the edges too, which are not full."""
    draw = np.random.default_rng(seed)
    density = draw.uniform(0, 3, (pictures, height, width))
    blocks = draw.integers(0, 4, density.shape).astype(float)

    found = regions_loss(torch.from_numpy(density), torch.from_numpy(blocks))

    assert float(found) == pytest.approx(by_hand(density, blocks))


def test_what_is_wrong_alike_costs_more_than_what_cancels():
    """The same error of each block, once all too high, once by turns too high and too low."""
    truth = torch.ones(1, 64, 64)
    alike = truth + 0.1
    turns = truth + 0.1 * torch.tensor([1.0, -1.0]).repeat(32)

    assert float(regions_loss(turns, truth)) == pytest.approx(0, abs=1e-4)
    # 0.1 in each of 4096 blocks, once for each size, weighed by s / 32.
    assert float(regions_loss(alike, truth)) == pytest.approx(
        409.6 * (4 + 8 + 16 + 32) / 32, rel=1e-4
    )


def test_the_slope_of_a_block_is_that_of_the_regions_around_it():
    """A block in squares that are all too high is pushed down by each of them."""
    density = torch.full((1, 32, 32), 0.5, requires_grad=True)
    regions_loss(density, torch.zeros(1, 32, 32)).backward()
    assert torch.equal(density.grad, torch.full((1, 32, 32), (4 + 8 + 16 + 32) / 32))
