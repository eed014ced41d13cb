"""Counters that need no model: real ones, which say always the same."""

from collections.abc import Sequence
from threading import Event

import numpy as np

from monitor.core.arrays import RgbImage, read_only
from monitor.core.errors import ModelError
from monitor.core.prediction import Prediction
from tests.rigs.load import scaled_s


class FixedCounter:
    """Finds the same number of people in every picture, spread over four blocks."""

    def __init__(self, people: float, *, variance: float | None = None) -> None:
        self._density = read_only(np.full((2, 2), people / 4, dtype=np.float32))
        self._variance = variance
        self.pictures: list[RgbImage] = []

    def predict(self, image: RgbImage) -> Prediction:
        """Count."""
        self.pictures.append(image)
        return Prediction(self._density, 8, (image.shape[0], image.shape[1]), self._variance, 0.01)


class FailingCounter(FixedCounter):
    """Fails while told to."""

    def __init__(self, people: float, error: Exception) -> None:
        super().__init__(people)
        self._error = error
        self.is_failing = True

    def predict(self, image: RgbImage) -> Prediction:
        """Count, or fail."""
        if self.is_failing:
            raise self._error
        return super().predict(image)


class HeldCounter(FixedCounter):
    """Counts only while a gate is open, as a model that hangs."""

    def __init__(self, people: float) -> None:
        super().__init__(people)
        self.has_begun = Event()
        self.gate = Event()

    def predict(self, image: RgbImage) -> Prediction:
        """Wait for the gate, then count."""
        self.has_begun.set()
        self.gate.wait(scaled_s(30))
        return super().predict(image)


class NamedCounter:
    """Finds a set number of each thing that it knows by name, and refuses all others."""

    def __init__(self, **numbers: float) -> None:
        self._numbers = numbers
        self.looks: list[tuple[str, ...]] = []
        """What was counted in each picture, one entry a look."""

    @property
    def counts(self) -> tuple[str, ...]:
        """The first thing that it knows."""
        return tuple(self._numbers)[:1]

    def ask(self, things: Sequence[str]) -> None:
        """Refuse what it does not know."""
        unknown = [one for one in things if one not in self._numbers]
        if unknown:
            raise ModelError(f"cannot be asked for {', '.join(unknown)}")

    def predict(self, image: RgbImage) -> Prediction:
        """Count the first thing that it knows."""
        return self.predict_things([image], self.counts)[0][0]

    def predict_things(
        self, images: Sequence[RgbImage], things: Sequence[str]
    ) -> list[tuple[Prediction, ...]]:
        """Count things."""
        self.ask(things)
        self.looks.extend(tuple(things) for _ in images)
        return [tuple(self._prediction(image, thing) for thing in things) for image in images]

    def _prediction(self, image: RgbImage, thing: str) -> Prediction:
        size_hw = (image.shape[0], image.shape[1])
        rows, columns = -(-size_hw[0] // 8), -(-size_hw[1] // 8)
        each = self._numbers[thing] / (rows * columns)
        density = read_only(np.full((rows, columns), each, dtype=np.float32))
        return Prediction(density, 8, size_hw, None, 0.01, counts=thing)
