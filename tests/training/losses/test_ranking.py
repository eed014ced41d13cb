"""The order of nested crops costs what it is broken by."""

import pytest
import torch

from training.losses.ranking import nested_crops, ranking_loss


def test_order_that_holds_costs_nothing():
    """Each sentence fits its own crop best of those up to it; larger crops may fit even better."""
    scores = torch.tensor([[[0.9, 0.1, 0.1], [0.2, 0.8, 0.3], [0.9, 0.9, 0.7]]])

    assert float(ranking_loss(scores)) == 0


def test_broken_order_costs_the_difference():
    """Pairs (smaller crop, sentence of the larger): 0.3 too much, 0, and 0.2 too much; mean."""
    scores = torch.tensor([[[0.0, 0.8, 0.2], [9.0, 0.5, 0.6], [9.0, 9.0, 0.4]]])

    assert float(ranking_loss(scores)) == pytest.approx((0.3 + 0.0 + 0.2) / 3)


def test_crops_are_concentric_and_nested():
    """A picture of its own distance from the middle: the largest value grows with the crop."""
    y, x = torch.meshgrid(torch.arange(60) - 29.5, torch.arange(60) - 29.5, indexing="ij")
    distance = torch.maximum(y.abs(), x.abs()).expand(1, 3, 60, 60)

    crops = nested_crops(distance, 3)

    assert crops.shape == (3, 1, 3, 60, 60)
    for rank in range(3):
        assert float(crops[rank].max()) == pytest.approx(10 * (rank + 1) - 0.5, abs=0.5)
    torch.testing.assert_close(crops[2], distance)
