"""What CLIP-Count learns by: contrast of patches and prompts, and the error of density maps.

Contrast brings the patches that hold what a prompt names near to it, and the others away from it.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

TEMPERATURE = 0.07
"""Cosines are divided by this."""
_FLOOR = 1e-5
_FAR = -1e4
"""Stands for minus infinity where a maximum may run over nothing else."""


@dataclass(frozen=True)
class PatchLabels:
    """Which patches hold what the prompt names; one that is neither is not judged."""

    positive: Tensor
    """Shape (N, s, s), bool."""
    negative: Tensor
    """Shape (N, s, s), bool."""


def published_labels(density: Tensor, side: int) -> PatchLabels:
    """Call a patch positive if any density reaches into it.

    Args:
        density: Shape (N, h, w), none negative.
        side: Patches a row.

    Returns:
        Every patch is one or the other.

    Source:
        CLIP-Count: maximum over the patch above 0. A dot smoothed over 9 pixels makes 1 to 4
        patches positive, some for a hundredth of the dot.
    """
    positive = F.adaptive_max_pool2d(density[:, None], side).squeeze(1) > 0
    return PatchLabels(positive, ~positive)


def fraction_labels(density: Tensor, side: int, *, fraction: float = 0.25) -> PatchLabels:
    """Call a patch positive if enough of an object lies in it.

    Args:
        density: Shape (N, h, w), objects per cell.
        side: Patches a row.
        fraction: Of one object.

    Returns:
        Positive: patches with at least the fraction of an object; negative: those with less than
        a tenth of the fraction. What lies between is not judged.
    """
    nothing = 0.1
    cells = density.shape[1] * density.shape[2] / side**2
    mass = F.adaptive_avg_pool2d(density[:, None], side).squeeze(1) * cells
    return PatchLabels(mass >= fraction, mass < nothing * fraction)


def published_contrast(
    patches: Tensor, prompts: Tensor, labels: PatchLabels, *, temperature: float = TEMPERATURE
) -> Tensor:
    """Compare a prompt with all patches of its picture, by one ratio of sums.

    Args:
        patches: Shape (N, D, s, s).
        prompts: Shape (N, D).
        labels: Of the patches.
        temperature: Divides cosines.

    Returns:
        Scalar: mean over the pictures of -log(P / (P + Q)), P and Q the sums over positive and
        negative patches. A picture without positives says nothing and is left out, where the
        published program gives it a constant that draws all its patches away.

    Source:
        CLIP-Count, equation 4.
    """
    scores = _cosines(patches, prompts) / temperature
    positive, negative = labels.positive.flatten(1), labels.negative.flatten(1)
    above = (scores.exp() * positive).sum(dim=1) + _FLOOR
    below = (scores.exp() * negative).sum(dim=1)
    return _mean_of((above + below).log() - above.log(), positive.any(dim=1))


def patch_contrast(
    patches: Tensor, prompts: Tensor, labels: PatchLabels, *, temperature: float = TEMPERATURE
) -> Tensor:
    """Compare each positive patch with all negative ones of its picture.

    Args:
        patches: Shape (N, D, s, s).
        prompts: Shape (N, D).
        labels: Of the patches.
        temperature: Divides cosines.

    Returns:
        Scalar: mean over all positive patches; 0 if there are none.

    Source:
        InfoNCE (van den Oord et al., arXiv 1807.03748), a term for each positive: the ratio of
        sums is content with one good patch, this is not.
    """
    scores = _cosines(patches, prompts) / temperature
    positive, negative = labels.positive.flatten(1), labels.negative.flatten(1)
    others = scores.masked_fill(~negative, _FAR).logsumexp(dim=1, keepdim=True)
    each = torch.logaddexp(scores, others) - scores
    return _mean_of(each, positive)


def prompt_contrast(
    patches: Tensor,
    prompts: Tensor,
    labels: PatchLabels,
    same: Tensor,
    *,
    temperature: float = TEMPERATURE,
) -> Tensor:
    """Compare each positive patch with its own prompt and with those of the other pictures.

    Args:
        patches: Shape (N, D, s, s).
        prompts: Shape (N, D).
        labels: Of the patches.
        same: Shape (N, N), bool: which prompts are the same words; these are no rivals.
        temperature: Divides cosines.

    Returns:
        Scalar: mean over all positive patches of the cross-entropy of the own prompt; 0 if there
        are none.
    """
    directions = F.normalize(patches.flatten(2), dim=1)
    scores = torch.einsum("ndp,md->npm", directions, F.normalize(prompts, dim=1)) / temperature
    itself = torch.eye(len(prompts), dtype=torch.bool, device=same.device)
    rivals = scores.masked_fill((same & ~itself)[:, None], _FAR)
    own = scores.diagonal(dim1=0, dim2=2).T  # (patches, n) -> (n, patches)
    return _mean_of(rivals.logsumexp(dim=2) - own, labels.positive.flatten(1))


def _cosines(patches: Tensor, prompts: Tensor) -> Tensor:
    directions = F.normalize(patches.flatten(2), dim=1)
    return torch.einsum("ndp,nd->np", directions, F.normalize(prompts, dim=1))


def _mean_of(values: Tensor, chosen: Tensor) -> Tensor:
    return (values * chosen).sum() / chosen.sum().clamp(min=1)


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
