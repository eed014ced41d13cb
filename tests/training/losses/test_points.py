"""Optimal transport and total variation.

Bayesian loss.
"""

import math

import ot
import pytest
import torch

from training.losses.points import (
    Sinkhorn,
    bayesian_loss,
    plan_transport,
    transport_loss,
    variation_loss,
)

EXACT = Sinkhorn(floor=None)


def test_plan_of_the_published_example() -> None:
    """Plan and potentials are those printed by the published program."""
    shares, block_shares = torch.tensor([0.5, 0.5]), torch.tensor([0.1, 0.2, 0.3, 0.4])
    cost = torch.tensor([[1.0, 4, 9, 16], [16, 9, 4, 1]])

    plan, of_points, of_blocks = plan_transport(shares, block_shares, cost, Sinkhorn())

    expected = [[0.088493, 0.147767, 0.152994, 0.110746], [0.011507, 0.052233, 0.147006, 0.289254]]
    torch.testing.assert_close(plan, torch.tensor(expected), atol=2e-6, rtol=0)
    torch.testing.assert_close(of_points, torch.tensor([-3.986, -9.3853]), atol=2e-4, rtol=0)
    published = torch.tensor([-19.26236, -11.13516, -5.78754, -2.01919])
    torch.testing.assert_close(of_blocks, published, atol=2e-4, rtol=0)


@pytest.mark.parametrize("floor", [None, 1e-16], ids=["exact", "as published"])
def test_plan_keeps_both_margins(floor: float | None) -> None:
    """Every point gives its share and every block takes its share."""
    draw = torch.Generator().manual_seed(1)
    shares = torch.rand(5, generator=draw, dtype=torch.float64)
    block_shares = torch.rand(7, generator=draw, dtype=torch.float64)
    shares, block_shares = shares / shares.sum(), block_shares / block_shares.sum()
    cost = 20 * torch.rand(5, 7, generator=draw, dtype=torch.float64)

    plan, _, _ = plan_transport(shares, block_shares, cost, Sinkhorn(floor=floor))

    torch.testing.assert_close(plan.sum(dim=1), shares, atol=1e-6, rtol=0)
    torch.testing.assert_close(plan.sum(dim=0), block_shares, atol=1e-4, rtol=0)


def test_exact_plan_is_that_of_a_library() -> None:
    """POT finds the same plan in logarithms, even where exponentials would underflow."""
    draw = torch.Generator().manual_seed(2)
    shares = torch.full((4,), 0.25, dtype=torch.float64)
    block_shares = torch.rand(6, generator=draw, dtype=torch.float64)
    block_shares /= block_shares.sum()
    cost = 30_000 * torch.rand(4, 6, generator=draw, dtype=torch.float64)
    method = Sinkhorn(regularization=2000.0, most_iterations=400, tolerance=1e-24, floor=None)

    plan, _, _ = plan_transport(shares, block_shares, cost, method)

    library = ot.bregman.sinkhorn_log(
        shares, block_shares, cost, 2000.0, numItermax=400, stopThr=1e-12
    )
    torch.testing.assert_close(plan, library, atol=1e-9, rtol=0)


@pytest.mark.parametrize("floor", [None, 1e-16], ids=["exact", "as published"])
def test_far_people_do_not_break_the_gradient(floor: float | None) -> None:
    """A person a thousand pixels from the density still gives a finite pull."""
    density = torch.full((1, 64, 64), 1e-3, requires_grad=True)
    points = (torch.tensor([[1000.0, 1010.0]]),)

    transport_loss(density, points, block_px=16, method=Sinkhorn(floor=floor)).backward()

    assert density.grad is not None
    assert bool(density.grad.isfinite().all())


def test_blocks_without_density_do_not_break_the_published_gradient() -> None:
    """A density that is exactly 0 in places gives a finite pull everywhere."""
    density = torch.zeros(1, 4, 4)
    density[0, 0, 0] = 1.0
    density.requires_grad_()

    transport_loss(density, (torch.tensor([[60.0, 60.0]]),), block_px=16).backward()

    assert density.grad is not None
    assert bool(density.grad.isfinite().all())


def test_pull_goes_towards_the_people() -> None:
    """A step against the gradient moves density from the empty side to the people's side."""
    density = torch.ones(1, 2, 2, requires_grad=True)
    points = (torch.tensor([[4.0, 4.0], [4.0, 12.0]]),)  # all at the left

    transport_loss(density, points, block_px=8, method=EXACT).backward()

    assert density.grad is not None
    assert float(density.grad[0, :, 0].max()) < float(density.grad[0, :, 1].min())


def test_value_of_transport_is_nothing() -> None:
    """The loss acts by its gradient alone: density times its pull adds up to 0."""
    density = torch.rand(2, 4, 4, generator=torch.Generator().manual_seed(3)) + 0.1
    points = (torch.tensor([[3.0, 4.0], [20.5, 9.2]]), torch.zeros(0, 2))

    assert abs(float(transport_loss(density, points, block_px=8))) < 1e-4


def test_variation_counts_misplaced_shares() -> None:
    """Half of the predicted people in the wrong block: shares differ by one half twice."""
    density = torch.tensor([[[3.0, 3.0]]])
    blocks = torch.tensor([[[4.0, 0.0]]])
    points = (torch.zeros(4, 2),)

    assert float(variation_loss(density, blocks, points)) == pytest.approx(4 * (0.5 + 0.5))


def test_variation_ignores_empty_pictures() -> None:
    """A picture without people adds nothing."""
    density, blocks = torch.rand(1, 2, 2), torch.zeros(1, 2, 2)

    assert float(variation_loss(density, blocks, (torch.zeros(0, 2),))) == 0


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
