"""How unlike the pictures that a network has learned a picture is: a number beside the count.

A network counts at night, through a fisheye or with its lens covered, too, and never says that it
has seen nothing of the kind. Its own maps do say it: their means and spreads over the picture lie
far from where those of the training pictures lie.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


def describe_maps(maps: Sequence[Tensor]) -> Tensor:
    """Sum up a picture by its maps.

    Args:
        maps: Shapes (N, C, H, W), C and sizes may differ from map to map.

    Returns:
        Shape (N, twice the channels in all): each channel's mean and deviation over the picture.
    """
    parts = [
        part
        for one in maps
        for part in (one.mean(dim=(2, 3)), one.var(dim=(2, 3), correction=0).clamp(min=0).sqrt())
    ]
    return torch.cat(parts, dim=1)


class Familiarity(nn.Module):
    """Distance of a picture's description from those of the training pictures.

    Args:
        size: Numbers in a description.
        directions: Directions in which training pictures differ; in all others, they are taken
            to differ alike.

    Source:
        Mahalanobis distance under probabilistic principal components (Tipping and Bishop 1999);
        for telling foreign pictures by a network's own maps: Lee et al. (arXiv 1807.03888).
    """

    middle: Tensor
    scale: Tensor
    basis: Tensor
    spread: Tensor
    rest: Tensor

    def __init__(self, size: int, directions: int) -> None:
        super().__init__()
        self.register_buffer("middle", torch.zeros(size))
        self.register_buffer("scale", torch.ones(size))
        self.register_buffer("basis", torch.eye(size, directions))
        self.register_buffer("spread", torch.ones(directions))
        self.register_buffer("rest", torch.ones(()))

    def forward(self, descriptions: Tensor) -> Tensor:
        """Give distances.

        Args:
            descriptions: Shape (N, size), from `describe_maps`.

        Returns:
            Shape (N,), float, 0 or more; about 1 for pictures like those learned from.
        """
        apart = (descriptions.float() - self.middle) * self.scale
        along = apart @ self.basis
        beside = (apart.square().sum(dim=1) - along.square().sum(dim=1)).clamp(min=0)
        within = (along * self.spread).square().sum(dim=1)
        return ((within + beside * self.rest) / apart.shape[1]).sqrt()

    @torch.no_grad()
    def learn(self, descriptions: Tensor, shares: Tensor) -> None:
        """Take over what training pictures look like.

        Args:
            descriptions: Shape (N, size), of training pictures; N above the directions.
            shares: Shape (N,), how much each counts; add up to 1.

        Raises:
            ValueError: If there are too few pictures.
        """
        pictures, directions = len(descriptions), self.basis.shape[1]
        if pictures <= directions:
            raise ValueError(f"{directions} directions need more than {pictures} pictures")
        smallest = 1e-6  # a channel that is always 0 says nothing
        values = descriptions.double()
        weights = shares.double().unsqueeze(1)
        middle = (weights * values).sum(dim=0)
        deviation = (weights * (values - middle).square()).sum(dim=0).sqrt()
        scale = torch.where(deviation > smallest, 1 / deviation.clamp(min=smallest), 0.0)
        apart = (values - middle) * scale * weights.sqrt()
        _, singular, rows = torch.linalg.svd(apart, full_matrices=False)
        spreads = singular.square()
        others = max(0, int((scale > 0).sum()) - directions)
        left = spreads[directions:].sum() / max(1, others)
        self.middle.copy_(middle)
        self.scale.copy_(scale)
        self.basis.copy_(rows[:directions].T)
        self.spread.copy_(spreads[:directions].clamp(min=smallest).rsqrt())
        self.rest.copy_(1 / left.clamp(min=smallest) if others else torch.zeros(()))
