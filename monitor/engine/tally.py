"""One thing counted before one camera: its newest count, its scene, its alarms.

A camera has one for each thing that it is asked to count. Pictures and the state of the stream are
the camera's, and all its tallies see the same; each has its own name, under which readings and
alarms are known everywhere (`monitor.core.series`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.core.clock import Clock
from monitor.core.prediction import Prediction
from monitor.core.reading import Reading
from monitor.core.rule import Rule
from monitor.core.series import PEOPLE, series_name
from monitor.engine.alarms import Alarms
from monitor.engine.journal import Journal
from monitor.engine.scene import Scene
from monitor.settings import CameraSettings
from monitor.video.frame import Frame


@dataclass(frozen=True, slots=True)
class Counted:
    """The newest count and what it was made from."""

    frame: Frame
    prediction: Prediction
    reading: Reading
    spacing_s: float
    """Seconds until the next count can be expected."""


class Tally:
    """What stands of one count of a camera; the camera's lock guards it.

    Attributes:
        name: Of the series.
        thing: What is counted.
        scene: Zones and ground; for people alone there is a ground, as levels of crowding are of
            people.
        alarms: Those of the rules that concern this thing, and perhaps the camera's own.
        watches_stream: Whether that is here: one of a camera's tallies has it, so that a lost
            stream rings once.
        counted: The newest count; None before the first.
    """

    def __init__(
        self,
        settings: CameraSettings,
        thing: str,
        rules: Sequence[Rule],
        *,
        clock: Clock,
        journal: Journal,
    ) -> None:
        self.name = series_name(settings.name, thing)
        self.thing = thing
        self.scene = Scene(scene_settings(settings, thing))
        self.counted: Counted | None = None
        self.alarms = Alarms(self.name, rules, None, clock=clock, on_event=journal.on_event)
        self.watches_stream = False

    def watch_stream(self, own: Rule) -> None:
        """Have the camera's own alarm from now on: it can no longer be counted."""
        self.watches_stream = True
        self.alarms.change_rules(self.alarms.rules, "", own=own)


def scene_settings(settings: CameraSettings, thing: str) -> CameraSettings:
    """Give the settings of a scene in which a thing is counted: only people have a ground."""
    return settings if thing == PEOPLE else settings.model_copy(update={"ground": None})
