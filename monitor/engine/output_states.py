"""What the outputs are told of cameras and areas now."""

from monitor.core.reading import Quality
from monitor.engine.area import AreaSnapshot
from monitor.engine.health import StreamState
from monitor.engine.snapshot import CameraSnapshot
from monitor.outputs.state import CameraState


def camera_state(snapshot: CameraSnapshot) -> CameraState:
    """Give what the outputs are told of a camera."""
    health = snapshot.health
    return CameraState(
        name=snapshot.name,
        stream=health.state.value,
        quality=snapshot.quality,
        reading=snapshot.reading,
        age_s=snapshot.reading_age_s,
        picture_age_s=snapshot.picture_age_s,
        counts_hz=snapshot.counts_hz,
        frames_received=health.frames_received,
        frames_dropped=health.frames_dropped,
        frames_damaged=health.frames_damaged,
        packets_corrupt=health.packets_corrupt,
        losses=health.losses,
        alarms=snapshot.alarms,
    )


def area_state(snapshot: AreaSnapshot, *, now_s: float) -> CameraState:
    """Give what the outputs are told of an area, which is told like a camera without pictures.

    Args:
        snapshot: The area now.
        now_s: Monotonic clock.

    Returns:
        Its state; its stream is live while its count is known, and stale when a camera of it is
        not.
    """
    reading = snapshot.reading
    stream = StreamState.STALE if snapshot.quality is Quality.LOST else StreamState.LIVE
    return CameraState(
        name=snapshot.name,
        stream=stream.value,
        quality=snapshot.quality,
        reading=reading,
        age_s=None if reading is None else max(0.0, now_s - reading.captured_s),
        picture_age_s=None,
        counts_hz=0.0,
        frames_received=0,
        frames_dropped=0,
        frames_damaged=0,
        packets_corrupt=0,
        losses=(),
        alarms=snapshot.alarms,
    )
