"""Counters that need no model: real ones, which say always the same."""

from threading import Event

import numpy as np

from monitor.contract.arrays import RgbImage, read_only
from monitor.records.prediction import Prediction


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
        self.gate.wait(30)
        return super().predict(image)
