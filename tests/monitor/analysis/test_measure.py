"""Predictions into readings."""

from datetime import UTC, datetime

import numpy as np
import pytest

from monitor.analysis.measure import CameraMeter
from monitor.errors import ModelError
from monitor.records.prediction import Prediction
from monitor.records.reading import Quality

NOON = datetime(2030, 5, 1, 12, tzinfo=UTC)


def predict(count, variance=None):
    density = np.full((2, 4), count / 8, dtype=np.float32)
    return Prediction(density, 16, (32, 64), variance, 0.01)


def test_reading_carries_count_interval_and_origin():
    """90 % of a normal lie within 1.645 standard deviations: 40 ± 16.45 for a variance of 100."""
    meter = CameraMeter("Gate 1")

    reading = meter.measure(
        predict(40.0, 100.0), at_utc=NOON, captured_s=7.0, quality=Quality.DEGRADED, truth=41.0
    )

    assert (reading.camera, reading.at_utc, reading.captured_s) == ("Gate 1", NOON, 7.0)
    assert reading.count == pytest.approx(40.0)
    assert reading.low == pytest.approx(40 - 16.4485, abs=1e-3)
    assert reading.high == pytest.approx(40 + 16.4485, abs=1e-3)
    assert (reading.variance, reading.quality, reading.truth) == (100.0, Quality.DEGRADED, 41.0)


def test_model_without_variance_gives_no_interval():
    """No interval is invented where the model cannot say how sure it is."""
    reading = CameraMeter("Gate 1").measure(
        predict(40.0), at_utc=NOON, captured_s=0.0, quality=Quality.GOOD
    )

    assert (reading.low, reading.high, reading.variance, reading.truth) == (None,) * 4


def test_running_count_follows_captured_time():
    """The running count ignores one wrong picture while the count shows it."""
    meter = CameraMeter("Gate 1")
    for index in range(5):
        meter.measure(predict(40.0), at_utc=NOON, captured_s=index * 0.5, quality=Quality.GOOD)

    reading = meter.measure(predict(800.0), at_utc=NOON, captured_s=2.5, quality=Quality.GOOD)

    assert reading.count == pytest.approx(800.0)
    assert reading.smoothed == pytest.approx(40.0)


@pytest.mark.parametrize("count", [np.nan, np.inf])
def test_count_that_is_no_number_is_a_fault_of_the_model(count):
    """A broken model is named and does not spoil the readings after it."""
    meter = CameraMeter("Gate 1")
    meter.measure(predict(40.0), at_utc=NOON, captured_s=0.0, quality=Quality.GOOD)

    with pytest.raises(ModelError, match="Gate 1"):
        meter.measure(predict(count), at_utc=NOON, captured_s=1.0, quality=Quality.GOOD)

    after = meter.measure(predict(40.0), at_utc=NOON, captured_s=2.0, quality=Quality.GOOD)
    assert after.smoothed == pytest.approx(40.0)
