"""What a model says of one picture."""

from dataclasses import dataclass

from monitor.core.arrays import FloatMap
from monitor.core.interval import count_interval, probability_at_least
from monitor.core.series import PEOPLE


@dataclass(frozen=True, slots=True)
class Prediction:
    """Where the people of one picture are, and how sure that is."""

    density: FloatMap
    """Shape (rows, columns), float32, people per block, read-only; blocks from the upper left."""
    block_px: int
    """Side of a block, pixels of the picture."""
    size_hw: tuple[int, int]
    """Height and width of the picture, pixels."""
    variance: float | None
    """Calibrated variance of the whole count, people squared; None: the model gives none."""
    inference_s: float
    """Seconds the model took."""
    novelty: float | None = None
    """How unlike the pictures that the model has learned from this one is; None: it cannot say."""
    is_novel: bool = False
    """Whether that is so much that the count should not be relied on."""
    block_variance: FloatMap | None = None
    """Like `density`: how the variance is spread over the blocks, in any unit; None: unknown."""
    counts: str = PEOPLE
    """What is counted, in the plural; where it is something else, read that for people above."""

    @property
    def count(self) -> float:
        """People in the picture."""
        return float(self.density.sum(dtype="float64"))

    def interval(self, level: float = 0.9) -> tuple[float, float] | None:
        """Give the bounds that should hold the true count; None where the model cannot say."""
        if self.variance is None:
            return None
        return count_interval(self.count, self.variance, level=level)

    def probability_at_least(self, limit: float) -> float | None:
        """Give the probability that `limit` people are there; None: the model cannot say."""
        if self.variance is None:
            return None
        return probability_at_least(limit, count=self.count, variance=self.variance)
