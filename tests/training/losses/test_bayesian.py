"""Bayesian loss."""

import math

import pytest
import torch

from training.losses.bayesian import bayesian_loss


def test_loss_by_hand() -> None:
    """Two marks, four blocks: posteriors, expectations and errors counted out one by one."""
    density = torch.tensor([[[0.5, 0.25], [1.5, 2.0]]])
    marks = [(3.0, 4.0), (13.0, 9.0)]
    centers = [(4.0, 4.0), (12.0, 4.0), (4.0, 12.0), (12.0, 12.0)]
    people = [0.5, 0.25, 1.5, 2.0]
    reach_px, spread_px = 0.15 * 16, 8.0
    expected = [0.0, 0.0, 0.0]
    for (x, y), count in zip(centers, people, strict=True):
        squared = [(x - a) ** 2 + (y - b) ** 2 for a, b in marks]
        squared.append(reach_px**2 / (min(squared) + 1e-5))
        weights = [math.exp(-one / (2 * spread_px**2)) for one in squared]
        for index, weight in enumerate(weights):
            expected[index] += count * weight / sum(weights)

    loss = bayesian_loss(density, (torch.tensor(marks),), block_px=8)

    by_hand = abs(1 - expected[0]) + abs(1 - expected[1]) + abs(expected[2])
    assert float(loss) == pytest.approx(by_hand, rel=1e-5)


def test_empty_picture_should_hold_nobody() -> None:
    """Without marks the loss is the predicted count, mean over pictures."""
    density = torch.full((2, 2, 2), 0.5)

    assert float(bayesian_loss(density, (torch.zeros(0, 2),) * 2, block_px=8)) == pytest.approx(2.0)


def test_one_person_at_each_mark_costs_least() -> None:
    """Density exactly where people are marked is better than as much elsewhere, or twice it."""
    marks = (torch.tensor([[4.0, 4.0], [60.0, 60.0]]),)
    right, wrong = torch.zeros(1, 8, 8), torch.zeros(1, 8, 8)
    right[0, 0, 0] = right[0, 7, 7] = 1
    wrong[0, 0, 7] = wrong[0, 7, 0] = 1

    best = float(bayesian_loss(right, marks, block_px=8))

    assert best < float(bayesian_loss(wrong, marks, block_px=8))
    assert best < float(bayesian_loss(2 * right, marks, block_px=8))
