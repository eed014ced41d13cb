"""Cameras as the outputs see them, made by hand."""

from monitor.core.alarm import AlarmState
from monitor.core.reading import Quality
from monitor.core.zone import Crowding
from monitor.outputs.state import CameraState
from tests.rigs.history import read_of, zone_of
from tests.rigs.snapshots import status_of


def state_of(name: str = "Gate 1", **changes) -> CameraState:
    """A camera with one zone and one alarm that was counted half a second ago."""
    zones = (zone_of("Stairs", 12.5, crowding=Crowding(20.0, 1.5, 4.0, "D")),)
    values = {
        "name": name,
        "stream": "live",
        "quality": Quality.GOOD,
        "reading": read_of(131, camera=name, zones=zones),
        "age_s": 0.5,
        "picture_age_s": 0.1,
        "counts_hz": 2.0,
        "frames_received": 1234,
        "frames_dropped": 1000,
        "frames_damaged": 3,
        "packets_corrupt": 5,
        "losses": (("no pictures", 2),),
        "alarms": (status_of(AlarmState.UNACKNOWLEDGED, alarm_id=f"{name}/limit"),),
    }
    return CameraState(**(values | changes))
