"""Integer count bins: how many people a block holds, as classes.

Enhanced blockwise classification predicts for every block a probability for each bin; a block's
count is the expectation over the bins' values. The last bin is open: it holds everything from its
lower bound on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Bin:
    """A closed interval of integer counts; `high` None means that it never ends."""

    low: int
    high: int | None

    def __post_init__(self) -> None:
        if self.low < 0:
            raise ValueError(f"a bin starts at 0 or more people, not {self.low}")
        if self.high is not None and self.high < self.low:
            raise ValueError(f"bin {self.low}-{self.high} ends before it starts")

    def __str__(self) -> str:
        if self.high is None:
            return f"{self.low}+"
        return str(self.low) if self.low == self.high else f"{self.low}-{self.high}"


@dataclass(frozen=True, slots=True)
class BinSet:
    """Bins that cover every count from 0 on, once, in order, and the value each stands for.

    Attributes:
        bins: In ascending order, without gaps; only the last one is open.
        values: People that each bin stands for (its anchor); within the bin, ascending.
    """

    bins: tuple[Bin, ...]
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.bins) < 2 or len(self.bins) != len(self.values):
            raise ValueError(f"{len(self.bins)} bins, {len(self.values)} values: need 2 or more")
        if self.bins[0].low != 0 or self.bins[-1].high is not None:
            raise ValueError("bins must start at 0 and end with an open bin")
        for left, right in zip(self.bins, self.bins[1:], strict=False):
            if left.high is None or right.low != left.high + 1:
                raise ValueError(f"bins {left} and {right} do not touch")
        for one, value in zip(self.bins, self.values, strict=True):
            if value < one.low or (one.high is not None and value > one.high):
                raise ValueError(f"value {value} lies outside bin {one}")

    def class_of(self, counts: NDArray[np.integer] | NDArray[np.floating]) -> NDArray[np.int64]:
        """Say which bin each count falls in.

        Args:
            counts: Any shape, whole numbers of people, none negative.

        Returns:
            Same shape, int64: index into `bins`.
        """
        lows = np.array([one.low for one in self.bins])
        return np.asarray(np.searchsorted(lows, counts, side="right") - 1, dtype=np.int64)


def parse_bins(text: str) -> tuple[Bin, ...]:
    """Read bins from text such as `0,1,2,3,4+` or `0,1-2,3-4,5+`.

    Args:
        text: Bins separated by commas; a range with a hyphen; the open bin with a plus sign.

    Returns:
        The bins in the order written.

    Raises:
        ValueError: If a part cannot be read or the bins do not cover every count once.
    """
    bins: list[Bin] = []
    for part in (piece.strip() for piece in text.split(",")):
        try:
            if part.endswith("+"):
                bins.append(Bin(int(part[:-1]), None))
            elif "-" in part:
                low, high = part.split("-")
                bins.append(Bin(int(low), int(high)))
            else:
                bins.append(Bin(int(part), int(part)))
        except ValueError as error:
            raise ValueError(
                f"bins '{text}': cannot read '{part}'; write for example 0,1,2,3,4+"
            ) from error
    BinSet(tuple(bins), tuple(float(one.low) for one in bins))
    return tuple(bins)


def mean_values(bins: Sequence[Bin], histogram: Sequence[int]) -> tuple[float, ...]:
    """Give each bin the mean of the counts seen in it.

    Args:
        bins: Bins to give values to.
        histogram: How often a block held 0, 1, 2, … people.

    Returns:
        One value a bin: the mean count, or the bin's lower bound where nothing was seen.

    Source:
        CLIP-EBC (arXiv 2403.09281), representative count values, strategy "average".
    """
    seen = np.asarray(histogram, dtype=np.float64)
    counts = np.arange(len(seen))
    values: list[float] = []
    for one in bins:
        high = len(seen) - 1 if one.high is None else min(one.high, len(seen) - 1)
        inside = slice(one.low, high + 1)
        total = float(seen[inside].sum())
        mean = float((seen[inside] * counts[inside]).sum() / total) if total else float(one.low)
        values.append(mean)
    return tuple(values)


def middle_values(bins: Sequence[Bin]) -> tuple[float, ...]:
    """Give each bin its midpoint, and the open bin its lower bound (strategy "middle")."""
    return tuple(float(one.low) if one.high is None else (one.low + one.high) / 2 for one in bins)
