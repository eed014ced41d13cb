"""Weighing crops by how many people are in them, so that dense ones do not drown the others.

The loss of a crop is a sum over blocks, and so are its gradients: a crop of a thousand people
pulls a hundred times as hard as one of ten.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from training.models.output import BlockOutput, BlockTarget, LossTerms


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
