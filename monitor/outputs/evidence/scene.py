"""Where evidence is looked for when an alarm rings: cameras, areas, and their video."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from monitor.core.alarm import AlarmEvent
from monitor.outputs.evidence.facts import SeenArea, SeenCamera
from monitor.outputs.evidence.telling import Happening
from monitor.video.packets import PacketRing


@dataclass(frozen=True, slots=True)
class Scene:
    """Where the keeper looks."""

    cameras: Callable[[], Sequence[SeenCamera]]
    areas: Callable[[], Sequence[SeenArea]]
    members_of: Callable[[str], Sequence[str]]
    """Names of the cameras that see an area."""
    ring_of: Callable[[str], PacketRing] = lambda _camera: PacketRing()
    """The newest video of a camera, by its name."""


def happening_at(scene: Scene, event: AlarmEvent, now_s: float) -> Happening:
    """Gather what is known of an alarm in the moment in which it rings.

    Args:
        scene: Where to look.
        event: The alarm.
        now_s: Monotonic clock.

    Returns:
        All that is known; what was taken away in the same moment is missing.
    """
    cameras = {one.name: one for one in scene.cameras()}
    place: SeenCamera | SeenArea | None = cameras.get(event.camera)
    if place is None:
        place = next((one for one in scene.areas() if one.name == event.camera), None)
        names = scene.members_of(event.camera)
        seen = tuple(cameras[name] for name in names if name in cameras)
    else:
        seen = (cameras[event.camera],)
    alarms = () if place is None else place.alarms
    rule = next((one.rule for one in alarms if one.alarm_id == event.alarm_id), None)
    reading = None if place is None else place.reading
    age_s = None if reading is None else now_s - reading.captured_s
    return Happening(event, rule, place, seen, age_s)
