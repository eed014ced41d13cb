"""Density maps from points, and the error of predicted ones."""

import torch
from torch import Tensor

_REACH = 4
"""Gaussians are cut off at this many standard deviations."""


def smooth_points(
    points: tuple[Tensor, ...], *, side_px: int, cell_px: int, sigma_cells: float = 1.0
) -> Tensor:
    """Make density maps of points.

    Args:
        points: One a picture, shape (objects, 2): x and y, pixels, inside the picture.
        side_px: Side of the pictures, pixels.
        cell_px: Side of a cell, pixels.
        sigma_cells: Standard deviation of the Gaussian that a point becomes.

    Returns:
        Shape (N, side / cell, side / cell), objects per cell. Points that coincide add up, and
        what would reach over an edge is reflected, so a map adds up to its number of points.
    """
    across = side_px // cell_px
    maps = []
    for one in points:
        cell = (one / cell_px).floor().long().clamp(0, across - 1)
        flat = torch.zeros(across * across, device=one.device)
        flat.index_add_(0, cell[:, 1] * across + cell[:, 0], torch.ones_like(one[:, 0]))
        maps.append(flat.view(across, across))
    smoothing = _smoothing(across, sigma_cells).to(maps[0].device)
    return smoothing @ torch.stack(maps) @ smoothing.T


def squared_error(
    predicted: Tensor, wanted: Tensor, *, kept: float = 1.0, where: Tensor | None = None
) -> Tensor:
    """Mean squared error over cells, some of them left out by chance.

    Args:
        predicted: Shape (N, h, w).
        wanted: Shape (N, h, w).
        kept: Share of cells that count, each by its own draw.
        where: Shape (N, h, w), bool: the draw; None: one is made.

    Returns:
        Scalar: mean over the cells that count.

    Source:
        CounTR's and CLIP-Count's random mask, which in the latter's program scales the whole loss
        and leaves no cell out.
    """
    errors = (predicted - wanted).square()
    if where is None:
        if kept >= 1:
            return errors.mean()
        where = torch.rand_like(errors) < kept
    return (errors * where).sum() / where.sum().clamp(min=1)


def _smoothing(cells: int, sigma: float) -> Tensor:
    # Entry (i, j): share of a point in cell j that goes to cell i.
    reach = max(1, round(_REACH * sigma))
    offsets = torch.arange(-reach, reach + 1)
    weights = torch.exp(-0.5 * (offsets / sigma) ** 2)
    weights /= weights.sum()
    source = torch.arange(cells).repeat_interleave(len(offsets))
    target = source + offsets.repeat(cells)
    # Reflection with the edge between cells: d c b a | a b c d | d c b a, over and over.
    target = target % (2 * cells)
    target = torch.where(target >= cells, 2 * cells - 1 - target, target)
    matrix = torch.zeros(cells, cells)
    return matrix.index_put_((target, source), weights.repeat(cells), accumulate=True)
