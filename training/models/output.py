"""What every network here gives, and what every loss here takes."""

from dataclasses import dataclass

from torch import Tensor, nn


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
    """

    block_px: int
    size_multiple: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    window_px: int | None = None

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
