"""Nested crops hold more and more: an order that a network can be held to without any marks."""

import torch
import torch.nn.functional as F
from torch import Tensor

RANKED_COUNTS = (20, 55, 90, 125, 160, 195)
"""Numbers in CrowdCLIP's sentences, one for each crop from the smallest on."""


def nested_crops(pictures: Tensor, crops: int) -> Tensor:
    """Cut concentric crops, each holding the one before, and bring them to one size.

    Args:
        pictures: Shape (N, 3, side, side).
        crops: How many, K.

    Returns:
        Shape (K, N, 3, side, side), smallest first: relative sides 1/K, 2/K … 1.
    """
    side = pictures.shape[-1]
    cut = []
    for rank in range(1, crops + 1):
        inner = max(1, round(side * rank / crops))
        start = (side - inner) // 2
        crop = pictures[..., start : start + inner, start : start + inner]
        cut.append(F.interpolate(crop, size=(side, side), mode="bilinear", align_corners=False))
    return torch.stack(cut)


def ranking_loss(scores: Tensor) -> Tensor:
    """Ask that the sentence of a larger crop fits it better than every smaller crop.

    Args:
        scores: Shape (N, K, K): crop by sentence, both in ascending order.

    Returns:
        Scalar: mean over pictures and pairs i < j of max(0, score[i, j] - score[j, j]).

    Source:
        Liang et al., CrowdCLIP (arXiv 2304.04231), equation 3, margin 0.
    """
    crops = scores.shape[1]
    own = scores.diagonal(dim1=1, dim2=2)[:, None]  # (n, 1, k): each sentence with its crop
    smaller = torch.ones(crops, crops, dtype=torch.bool, device=scores.device).triu(1)
    excess = (scores - own).clamp(min=0)[:, smaller]
    return excess.mean()
