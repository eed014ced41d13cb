"""The loss computes what the specification's check vectors say."""

import pytest
import torch

from monitor.core.bins import BinSet, parse_bins
from training.losses.dace import (
    DaceWeights,
    class_loss,
    classes_of,
    count_loss,
    dace_loss,
    multi_scale_loss,
)
from training.models.expectation import BinExpectation
from training.models.output import BlockOutput, BlockTarget

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
