"""Snapshots of a camera in any state, made by hand."""

from datetime import UTC, datetime, timedelta

import numpy as np

from monitor.core.alarm import AlarmState, AlarmStatus
from monitor.core.arrays import read_only
from monitor.core.prediction import Prediction
from monitor.core.reading import Quality, Reading
from monitor.core.rule import Rule
from monitor.engine.health import Health, StreamState
from monitor.engine.snapshot import CameraSnapshot
from monitor.video.frame import Frame
from monitor.video.pictures import ArrayPicture

NOON = datetime(2030, 5, 1, 12, tzinfo=UTC)


def reading_of(count: float = 100.0, *, at_s: float = 0.0, **changes) -> Reading:
    """A reading `at_s` seconds after noon."""
    values = {
        "camera": "Gate 1",
        "at_utc": NOON + timedelta(seconds=at_s),
        "captured_s": at_s,
        "count": count,
        "low": None,
        "high": None,
        "variance": None,
        "smoothed": count,
        "quality": Quality.GOOD,
    }
    return Reading(**(values | changes))


def status_of(state: AlarmState, *, since_s: float = 0.0, **changes) -> AlarmStatus:
    """An alarm with a limit of 120 that came into a state some seconds after noon."""
    values = {
        "alarm_id": "Gate 1/limit",
        "state": state,
        "since_utc": NOON + timedelta(seconds=since_s),
        "rule": Rule(120.0),
        "value": 131.4,
    }
    return AlarmStatus(**(values | changes))


def prediction_of(density) -> Prediction:
    """A prediction of 16-pixel blocks that cover a picture exactly."""
    grid = read_only(np.asarray(density, dtype=np.float32))
    return Prediction(grid, 16, (16 * grid.shape[0], 16 * grid.shape[1]), None, 0.01)


def frame_of(image=None, *, captured_s: float = 0.0) -> Frame:
    """A frame of a picture; a gray one of 64 by 32 by default."""
    if image is None:
        image = np.full((32, 64, 3), 128, dtype=np.uint8)
    return Frame(ArrayPicture(image), 0, 0.0, captured_s)


def snapshot_of(name: str = "Gate 1", **changes) -> CameraSnapshot:
    """A camera that is live and was counted half a second ago."""
    values = {
        "name": name,
        "source_label": "rtsp://10.0.0.7/1",
        "health": Health(StreamState.LIVE, frames_received=1234, rate_hz=25.0),
        "quality": Quality.GOOD,
        "frame": frame_of(),
        "picture_age_s": 0.1,
        "prediction": None,
        "counted_frame": None,
        "reading": reading_of(camera=name),
        "reading_age_s": 0.5,
        "counts_hz": 2.0,
        "alarms": (),
    }
    if (alarm := changes.pop("alarm", None)) is not None:
        changes["alarms"] = (alarm,)
    return CameraSnapshot(**(values | changes))
