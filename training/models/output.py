"""What every network here gives, and what every loss here takes."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from monitor.core.bins import BinSet


@dataclass(frozen=True)
class BlockOutput:
    """A network's answer for a batch of pictures; N pictures, h × w blocks, K bins."""

    density: Tensor
    """Shape (N, h, w), float: expected people per block, none negative."""
    variance: Tensor | None = None
    """Shape (N, h, w): variance of each block's count under the predicted distribution."""
    logits: Tensor | None = None
    """Shape (N, K, h, w): scores of the bins before softmax; ZIP: of the positive bins alone."""
    zero_logits: Tensor | None = None
    """Shape (N, 2, h, w), ZIP alone: scores of `structurally empty` (index 0) and its contrary."""

    novelty: Tensor | None = None
    """Shape (N,), 0 or more: how unlike the pictures learned from each one is."""

    def only(self, index: int) -> "BlockOutput":
        """Give the answer for one picture of the batch, as a batch of one."""
        one = slice(index, index + 1)
        return BlockOutput(
            self.density[one],
            None if self.variance is None else self.variance[one],
            None if self.logits is None else self.logits[one],
            None if self.zero_logits is None else self.zero_logits[one],
            None if self.novelty is None else self.novelty[one],
        )

    def inside(self, margin: int) -> "BlockOutput":
        """Give the answer for the blocks that lie more than `margin` blocks from every edge."""
        if margin == 0:
            return self
        inner = (..., slice(margin, -margin), slice(margin, -margin))
        return BlockOutput(
            self.density[inner],
            None if self.variance is None else self.variance[inner],
            None if self.logits is None else self.logits[inner],
            None if self.zero_logits is None else self.zero_logits[inner],
            self.novelty,
        )


@dataclass(frozen=True)
class BlockTarget:
    """The truth for a batch of pictures."""

    blocks: Tensor
    """Shape (N, h, w), float, whole numbers: people marked in each block."""
    points: tuple[Tensor, ...]
    """One a picture, shape (people, 2): x and y of each marked head, pixels of the crop."""

    def only(self, index: int) -> "BlockTarget":
        """Give the truth for one picture of the batch, as a batch of one."""
        one = slice(index, index + 1)
        return BlockTarget(self.blocks[one], self.points[one])

    def inside(self, margin: int, block_px: int) -> "BlockTarget":
        """Give the truth for the blocks that lie more than `margin` blocks from every edge.

        Args:
            margin: Blocks left out along each edge; less than half of them.
            block_px: Side of a block, pixels.

        Returns:
            Fewer blocks, and the heads in them, pixels from the new corner.
        """
        if margin == 0:
            return self
        blocks = self.blocks[:, margin:-margin, margin:-margin]
        far_yx = torch.tensor(blocks.shape[1:], device=blocks.device) * block_px
        moved = [one - margin * block_px for one in self.points]
        kept = [((one >= 0) & (one < far_yx.flip(0))).all(dim=1) for one in moved]
        return BlockTarget(
            blocks, tuple(one[inner] for one, inner in zip(moved, kept, strict=True))
        )


@dataclass(frozen=True)
class LossTerms:
    """A loss and what it is made of."""

    total: Tensor
    """Scalar: what is minimized."""
    parts: dict[str, Tensor]
    """Scalars by name, detached, for the log."""


class Counter(nn.Module):
    """A network from normalized pictures to people per block.

    Attributes:
        block_px: Side of a block, pixels.
        size_multiple: Both sides of a picture must be multiples of this.
        mean: Three numbers subtracted from RGB in [0, 1].
        std: Three numbers that the difference is divided by.
        window_px: Side of the square pictures that it takes; None: any size is taken whole.
        least_pixels: Pictures of fewer pixels are looked at enlarged to so many while the network
            is not learning; crops to learn from come enlarged already. 0: none is.
    """

    block_px: int
    size_multiple: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    window_px: int | None = None
    least_pixels: int = 0

    def forward(self, pictures: Tensor) -> BlockOutput:
        """Count people per block.

        Args:
            pictures: Shape (N, 3, H, W), float, normalized with `mean` and `std`.

        Returns:
            Maps of H / block_px by W / block_px blocks.

        Raises:
            NotImplementedError: Always here: each network has its own.
        """
        raise NotImplementedError


class BinExpectation(nn.Module):
    """Expectation and variance of a block's count over the bins.

    The bins' values are a buffer, so a checkpoint carries them.

    Source:
        Density: Σ p·a (arXiv 2403.09281, equation of the expected count). Variance: Σ p·a² −
        (Σ p·a)², computed as Σ p·(a − Σ p·a)², which is never negative.
    """

    values: Tensor

    def __init__(self, bins: BinSet) -> None:
        super().__init__()
        self.register_buffer("values", torch.tensor(bins.values, dtype=torch.float32))

    def forward(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        """Give expectation and variance.

        Args:
            logits: Shape (N, K, h, w), scores of K bins.

        Returns:
            Two tensors of shape (N, h, w): people, people squared; none negative.
        """
        chances = logits.softmax(dim=1)
        values = self.values.view(1, -1, 1, 1)
        density = (chances * values).sum(dim=1)
        variance = (chances * (values - density.unsqueeze(1)) ** 2).sum(dim=1)
        return density, variance
