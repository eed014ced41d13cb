"""From what a model says of one picture to a reading that can be shown, stored and judged."""

import math
from datetime import datetime

from monitor.analysis.smoothing import TIME_CONSTANT_S, CountSmoother
from monitor.errors import ModelError
from monitor.records.prediction import Prediction
from monitor.records.reading import Quality, Reading

INTERVAL_LEVEL = 0.9
"""Probability that the interval of a reading should hold the true count."""


class CameraMeter:
    """Turns the predictions of one camera into readings with a running count.

    Lives on the thread that counts; not safe to share.
    """

    def __init__(self, camera: str, *, time_constant_s: float = TIME_CONSTANT_S) -> None:
        self._camera = camera
        self._smoother = CountSmoother(time_constant_s=time_constant_s)

    def measure(
        self,
        prediction: Prediction,
        *,
        at_utc: datetime,
        captured_s: float,
        quality: Quality,
        truth: float | None = None,
    ) -> Reading:
        """Make a reading of one counted picture.

        Args:
            prediction: What the model says of the picture.
            at_utc: When the picture was captured.
            captured_s: The same on the monotonic clock.
            quality: How far the count can be trusted.
            truth: Number of people known to be there; None for every real camera.

        Returns:
            Count, 90 % interval and running count.

        Raises:
            ModelError: If the model's count is not a finite number; the running count is kept.
        """
        count = prediction.count
        if not math.isfinite(count):
            raise ModelError(
                f"camera {self._camera}: the model counted {count} people; "
                "its precision may not suit this machine, try another execution provider"
            )
        low, high = prediction.interval(INTERVAL_LEVEL) or (None, None)
        return Reading(
            camera=self._camera,
            at_utc=at_utc,
            captured_s=captured_s,
            count=count,
            low=low,
            high=high,
            variance=prediction.variance,
            smoothed=self._smoother.update(count, captured_s),
            quality=quality,
            truth=truth,
        )
