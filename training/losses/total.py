"""Every loss of the papers as one weighted sum of terms, and crops weighed by their people."""

from collections.abc import Callable
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from monitor.core.bins import BinSet
from training.losses.blocks import (
    class_loss,
    multi_scale_loss,
    poisson_loss,
    positive_class_loss,
    regions_loss,
    zip_loss,
)
from training.losses.points import (
    Sinkhorn,
    bayesian_loss,
    counts_of,
    transport_loss,
    variation_loss,
)
from training.models.heads import positive_rate
from training.models.output import BlockOutput, BlockTarget, LossTerms


@dataclass(frozen=True)
class LossWeights:
    """How much each term counts; a term with weight 0 is left out.

    Terms are summed over blocks and averaged over pictures, but for `transport`, which is summed
    over pictures, as published.
    """

    classes: float = 0.0
    """Cross-entropy of the bins; of the positive ones alone where emptiness has its own branch."""
    count: float = 0.0
    """Absolute error of the picture's count."""
    scales: float = 0.0
    """Multi-scale absolute error."""
    regions: float = 0.0
    """Absolute error of sums over squares of 4 to 32 blocks."""
    absolute: float = 0.0
    """Absolute error of every block."""
    squared: float = 0.0
    """Squared error of every block."""
    transport: float = 0.0
    """Optimal transport."""
    variation: float = 0.0
    """Total variation of shares."""
    bayesian: float = 0.0
    """Bayesian loss."""
    zip: float = 0.0
    """Zero-inflated Poisson likelihood."""
    poisson: float = 0.0
    """Poisson likelihood."""
    density: float = 0.0
    """Squared error of a map finer than blocks; `training.clip_count.module` adds it."""

    def __post_init__(self) -> None:
        given = [getattr(self, one.name) for one in fields(self)]
        if min(given) < 0 or max(given) == 0:
            raise ValueError("weights of a loss must be 0 or more, and one at least above 0")


PUBLISHED: dict[str, LossWeights] = {
    "dace-mae": LossWeights(classes=1, absolute=1),
    "dace-mse": LossWeights(classes=1, squared=1),
    "dace-dm": LossWeights(classes=1, transport=0.1, variation=0.01, count=1),
    "dace-bayesian": LossWeights(classes=1, bayesian=1),
    "zip": LossWeights(classes=1, zip=1, scales=1, count=1),
    "zip-dm": LossWeights(classes=1, zip=1, transport=0.1, variation=0.01, count=1),
    "dm-count": LossWeights(transport=0.1, variation=0.01, count=1),
    "bayesian": LossWeights(bayesian=1),
    "mse": LossWeights(squared=1),
}
"""The combinations of the papers by name; the last three need no bins."""


def block_loss(
    output: BlockOutput,
    target: BlockTarget,
    weights: LossWeights,
    *,
    bins: BinSet | None,
    block_px: int,
    sinkhorn: Sinkhorn | None = None,
) -> LossTerms:
    """Compute a weighted sum of terms.

    Args:
        output: What the network says.
        target: The truth.
        weights: How much each term counts.
        bins: The network's bins; None for a network without.
        block_px: Side of a block, pixels.
        sinkhorn: How transport plans are found; None: as published.

    Returns:
        The loss, and its terms by the names of their weights, weighted.

    Raises:
        ValueError: If a term needs scores that the network does not give.
    """
    density, blocks, points = output.density.float(), target.blocks, target.points
    terms: dict[str, Callable[[], Tensor]] = {
        "classes": lambda: _classes(output, blocks, bins),
        "count": lambda: (density.sum(dim=(1, 2)) - counts_of(points, density)).abs().mean(),
        "scales": lambda: multi_scale_loss(density, blocks),
        "regions": lambda: regions_loss(density, blocks),
        "absolute": lambda: (density - blocks).abs().sum() / len(blocks),
        "squared": lambda: (density - blocks).square().sum() / len(blocks),
        "transport": lambda: transport_loss(density, points, block_px=block_px, method=sinkhorn),
        "variation": lambda: variation_loss(density, blocks, points),
        "bayesian": lambda: bayesian_loss(density, points, block_px=block_px),
        "zip": lambda: _zip(output, blocks, bins),
        "poisson": lambda: poisson_loss(density, blocks),
    }
    with torch.autocast(density.device.type, enabled=False):
        parts = {
            name: weight * term()
            for name, term in terms.items()
            if (weight := getattr(weights, name)) > 0
        }
    total = torch.stack(list(parts.values())).sum()
    return LossTerms(total, {name: part.detach() for name, part in parts.items()})


def _classes(output: BlockOutput, blocks: Tensor, bins: BinSet | None) -> Tensor:
    if output.logits is None or bins is None:
        raise ValueError("a loss over classes needs a network with bins")
    if output.zero_logits is not None:
        return positive_class_loss(output.logits, blocks, bins)
    return class_loss(output.logits, blocks, bins)


def _zip(output: BlockOutput, blocks: Tensor, bins: BinSet | None) -> Tensor:
    if output.logits is None or output.zero_logits is None or bins is None:
        raise ValueError("the zero-inflated likelihood needs a network with a branch for emptiness")
    values = torch.tensor(bins.values[1:], dtype=blocks.dtype, device=blocks.device)
    return zip_loss(output.zero_logits, positive_rate(output.logits, values), blocks)


def even_weights(people: Tensor, even_people: float) -> Tensor:
    """Weigh crops.

    Args:
        people: Shape (N,), people in each crop.
        even_people: People at which a crop counts 0.71 of an empty one; more than 0.

    Returns:
        Shape (N,), √(e / (e + people)): 1 for nobody, as 1 / √people for many, which is how the
        spread of a count grows.
    """
    return (even_people / (even_people + people)).sqrt()


def even_loss(
    output: BlockOutput,
    target: BlockTarget,
    loss: Callable[[BlockOutput, BlockTarget], LossTerms],
    *,
    even_people: float,
) -> LossTerms:
    """Apply a loss to each crop alone, and give the weighted mean.

    Args:
        output: What the network says of N crops.
        target: The truth of them.
        loss: Gives the loss of one crop.
        even_people: As in `even_weights`.

    Returns:
        The loss, and the means of its weighted terms.
    """
    weights = even_weights(target.blocks.sum(dim=(1, 2)), even_people)
    terms = [loss(output.only(i), target.only(i)) for i in range(len(weights))]
    total = torch.stack(
        [weight * one.total for weight, one in zip(weights, terms, strict=True)]
    ).mean()
    parts = {
        name: torch.stack(
            [weight * one.parts[name] for weight, one in zip(weights, terms, strict=True)]
        ).mean()
        for name in terms[0].parts
    }
    return LossTerms(total, parts)
