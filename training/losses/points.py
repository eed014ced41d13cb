"""Losses against marked points: distribution matching and the Bayesian loss."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

_EPSILON = 1e-8  # keeps shares defined where nobody is predicted or marked


@dataclass(frozen=True)
class Sinkhorn:
    """How transport plans are found.

    Source:
        Cuturi (arXiv 1306.0895), iterated on logarithms, so that nothing underflows however far
        people are from blocks.
    """

    regularization: float = 10.0
    """Weight of the plan's entropy, square pixels."""
    most_iterations: int = 100
    """Iterations at most."""
    tolerance: float = 1e-9
    """Squared error of the blocks' shares at which to stop; tested every ten iterations."""
    floor: float | None = 1e-16
    """Added to every sum and scaling, as the published program does. It bounds how far people
    are looked for: blocks further than some 19 px from all points are all alike. None: exact."""


def plan_transport(
    shares: Tensor, block_shares: Tensor, cost: Tensor, method: Sinkhorn
) -> tuple[Tensor, Tensor, Tensor]:
    """Find a cheap plan that carries points to blocks.

    Args:
        shares: Shape (P,), share of each point; adds up to 1.
        block_shares: Shape (M,), share of each block, none negative; adds up to 1.
        cost: Shape (P, M), cost of carrying everything from a point to a block.
        method: How to find it.

    Returns:
        The plan, shape (P, M), and the potentials of points (P,) and blocks (M,), in units of
        cost. A block without any share has a finite potential only under a floor.
    """
    reg = method.regularization
    kernel = -cost / reg
    of_points = torch.full_like(shares, -math.log(len(shares)))
    of_blocks = torch.zeros_like(block_shares)
    for iteration in range(1, method.most_iterations + 1):
        reached = torch.logsumexp(kernel + of_points[:, None], dim=0)
        of_blocks = block_shares.log() - _above(reached, method.floor)
        reached = torch.logsumexp(kernel + of_blocks[None, :], dim=1)
        of_points = shares.log() - _above(reached, method.floor)
        if iteration % 10 == 0:
            carried = torch.logsumexp(kernel + of_points[:, None], dim=0) + of_blocks
            if float((block_shares - carried.exp()).square().sum()) < method.tolerance:
                break
    plan = (kernel + of_points[:, None] + of_blocks[None, :]).exp()
    return (
        plan,
        reg * _above(of_points, method.floor),
        reg * _above(of_blocks, method.floor),
    )


def transport_loss(
    density: Tensor, points: Sequence[Tensor], *, block_px: int, method: Sinkhorn | None = None
) -> Tensor:
    """Pull the density towards the points; its value is about 0, only its gradient acts.

    Args:
        density: Shape (N, h, w), people per block.
        points: One a picture, shape (people, 2), x and y in pixels.
        block_px: Side of a block, pixels.
        method: How plans are found; None: as published.

    Returns:
        Scalar, summed (not averaged) over the pictures that have points.

    Source:
        DM-Count, equation of the transport loss. The gradient of the cost to the density is
        β/‖s‖ − ⟨β, s⟩/‖s‖², with β the blocks' potentials and s the density, both held fixed.
    """
    total = density.new_zeros(())
    centers = _centers(density, block_px)
    for predicted, marked in zip(density, points, strict=True):
        if len(marked) == 0:
            continue
        with torch.no_grad():
            people = predicted.detach().flatten().double()
            count = people.sum()
            cost = (marked.double()[:, None] - centers[None, :]).square().sum(dim=2)
            shares = people.new_full((len(marked),), 1 / len(marked))
            block_shares = people / (count + _EPSILON)
            _, _, potentials = plan_transport(shares, block_shares, cost, method or Sinkhorn())
            squared = count.square() + _EPSILON
            pull = count / squared * potentials - (people * potentials).sum() / squared
        total = total + (predicted.flatten() * pull.to(predicted)).sum()
    return total


def variation_loss(density: Tensor, blocks: Tensor, points: Sequence[Tensor]) -> Tensor:
    """Total variation between shares of people, times the people, mean over pictures.

    Args:
        density: Shape (N, h, w), people per block.
        blocks: Same shape, people marked in each block.
        points: One a picture; how many there are is the picture's count.

    Returns:
        Scalar; pictures without people add nothing.
    """
    counts = counts_of(points, density)[:, None, None]
    predicted = density / (density.sum(dim=(1, 2), keepdim=True) + _EPSILON)
    apart = predicted - blocks / (counts + _EPSILON)
    return (apart.abs() * counts).sum(dim=(1, 2)).mean()


def counts_of(points: Sequence[Tensor], like: Tensor) -> Tensor:
    """Count the points of each picture, shape (N,)."""
    return torch.tensor([len(marked) for marked in points], dtype=like.dtype, device=like.device)


def _centers(density: Tensor, block_px: int) -> Tensor:
    rows, columns = density.shape[1:]
    y = (torch.arange(rows, device=density.device, dtype=torch.float64) + 0.5) * block_px
    x = (torch.arange(columns, device=density.device, dtype=torch.float64) + 0.5) * block_px
    return torch.stack([x.repeat(rows), y.repeat_interleave(columns)], dim=1)  # (h · w, 2)


def _above(logarithms: Tensor, floor: float | None) -> Tensor:
    if floor is None:
        return logarithms
    return torch.logaddexp(logarithms, torch.full_like(logarithms, math.log(floor)))


HEAD_SPREAD_PX = 8.0
"""Standard deviation of where a head may be around its mark, pixels, as published."""

BACKGROUND_SHARE = 0.15
"""Distance from the nearest head where background begins, as a share of the crop's shorter side."""

_LEAST_SQUARED_PX = (
    1e-5  # square pixels; a head in the very center of a block is not infinitely near
)


def bayesian_loss(
    density: Tensor,
    points: Sequence[Tensor],
    *,
    block_px: int,
    spread_px: float = HEAD_SPREAD_PX,
    background_share: float = BACKGROUND_SHARE,
) -> Tensor:
    """Expect one person at each mark and nobody in the background.

    Args:
        density: Shape (N, h, w), people per block.
        points: One a picture, shape (people, 2), x and y in pixels.
        block_px: Side of a block, pixels.
        spread_px: Standard deviation of a head around its mark.
        background_share: Where background begins, as a share of the crop's shorter side.

    Returns:
        Scalar: absolute errors of the expected people at each mark and in the background, summed,
        mean over pictures. A picture without marks should be empty.

    Source:
        Ma et al., Bayesian Loss for Crowd Count Estimation (arXiv 1908.03684), equations 8 to 15
        (Bayesian+). As in the authors' program, and not as in their equation 13, the squared
        distance to background is d² over the squared distance to the nearest head.
    """
    rows, columns = density.shape[1:]
    y = (torch.arange(rows, device=density.device, dtype=density.dtype) + 0.5) * block_px
    x = (torch.arange(columns, device=density.device, dtype=density.dtype) + 0.5) * block_px
    centers = torch.stack([x.repeat(rows), y.repeat_interleave(columns)], dim=1)  # (h · w, 2)
    reach_px = background_share * min(rows, columns) * block_px
    total = density.new_zeros(())
    for predicted, marked in zip(density, points, strict=True):
        people = predicted.flatten()
        if len(marked) == 0:
            total = total + people.abs().sum()
            continue
        shares = _posteriors(marked.to(density), centers, spread_px, reach_px)
        expected = shares @ people
        wanted = torch.ones_like(expected)
        wanted[-1] = 0  # background
        total = total + (wanted - expected).abs().sum()
    return total / len(density)


def _posteriors(points: Tensor, centers: Tensor, spread_px: float, reach_px: float) -> Tensor:
    """Probability of each mark, and last of background, given each block: (P + 1, M)."""
    squared = (points[:, None] - centers[None, :]).square().sum(dim=2)
    background = reach_px**2 / (squared.min(dim=0).values + _LEAST_SQUARED_PX)
    energies = torch.cat([squared, background[None]]) / (-2 * spread_px**2)
    return energies.softmax(dim=0)
