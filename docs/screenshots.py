"""Pictures of every screen of the window on the drawn square, for documents and for looking at.

Run from the top of the repository, on a screen or on one in memory:
`xvfb-run -a -s "-screen 0 1920x1200x24" python -m docs.screenshots screenshots`.
"""

import argparse
import logging
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from PyQt6.QtCore import QEventLoop, QTimer
from PyQt6.QtWidgets import QApplication

from monitor.clock import Clock, SystemClock
from monitor.commands.site import model_note
from monitor.engine.engine import Engine
from monitor.engine.sources import open_camera
from monitor.errors import UnreachableError
from monitor.inference.model import Model, load_model
from monitor.inference.shipped import default_model
from monitor.settings import CameraSettings, LimitSettings
from monitor.ui.bell import Beeper, Bell
from monitor.ui.theme import DARK, LIGHT, Theme, apply_theme
from monitor.ui.window import MonitorWindow, WindowSettings
from monitor.video.frame import Frame, FrameSource

logger = logging.getLogger(__name__)

NAMES = ("Market square", "North gate", "Station stairs", "Old bridge")
CROWDS = (120, 60, 220, 30)
HD, LAPTOP = (1920, 1080), (1280, 800)
LOOK_AFTER_S = 25.0
"""Seconds from the start of a scene to its picture: enough for a line in the plot."""
LOST_AFTER_S = 20.0


@dataclass(frozen=True)
class Scene:
    """One picture to take."""

    name: str
    size_wh: tuple[int, int] = LAPTOP
    cameras: int = 1
    limit: float = 180.0
    theme: Theme = DARK
    is_lost: bool = False
    before: Callable[[MonitorWindow], None] = field(default=lambda window: None)
    """What is done shortly before the picture is taken."""


SCENES = (
    Scene("calm"),
    Scene("calm-hd", HD),
    Scene("alarm", limit=70.0),
    Scene("alarm-hd", HD, limit=70.0),
    Scene("acknowledged", limit=70.0, before=lambda window: window.acknowledge()),
    Scene("lost", limit=70.0, is_lost=True),
    Scene("light", theme=LIGHT),
    Scene("wall", cameras=4, limit=150.0),
    Scene("wall-hd", HD, cameras=4, limit=150.0),
)


class BreakingSource:
    """A source that is lost after a while."""

    def __init__(self, source: FrameSource) -> None:
        self._source = source

    @property
    def label(self) -> str:
        """The address."""
        return self._source.label

    @property
    def is_live(self) -> bool:
        """Always: its end is a loss."""
        return True

    def frames(self, stop: Event) -> Iterator[Frame]:
        """Give frames for a while.

        Args:
            stop: Set by another thread to end.

        Yields:
            Frames in order.

        Raises:
            UnreachableError: When it is lost.
        """
        for frame in self._source.frames(stop):
            if frame.time_s > LOST_AFTER_S:
                raise UnreachableError("The camera stopped answering. Trying again.")
            yield frame


class BreakingCameras:
    """Opens each camera once; it is lost after a while and does not come back."""

    def __init__(self) -> None:
        self._opened: set[str] = set()

    def open(self, settings: CameraSettings, clock: Clock) -> FrameSource:
        """Open a camera.

        Args:
            settings: The camera.
            clock: Where time comes from.

        Returns:
            A source that breaks.

        Raises:
            UnreachableError: If it was opened before.
        """
        if settings.name in self._opened:
            raise UnreachableError("The camera does not answer. Trying again.")
        self._opened.add(settings.name)
        return BreakingSource(open_camera(settings, clock))


def cameras_of(scene: Scene) -> list[CameraSettings]:
    """Give the cameras of a scene: squares of different crowds."""
    limit = LimitSettings(high=scene.limit, on_delay_s=3.0)
    return [
        CameraSettings(
            name=name,
            source=f"synthetic:plaza?people={people}&seed={seed}",
            limit=limit,
        )
        for seed, (name, people) in enumerate(
            zip(NAMES[: scene.cameras], CROWDS, strict=False), start=1
        )
    ]


def wait(seconds: float) -> None:
    """Let the window live for a while."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def take(scene: Scene, model: Model, application: QApplication, folder: Path) -> Path:
    """Take one picture.

    Args:
        scene: What to show.
        model: What counts.
        application: The running Qt program.
        folder: Where the picture goes.

    Returns:
        The PNG file.
    """
    apply_theme(application, scene.theme)
    clock = SystemClock()
    opened = BreakingCameras().open if scene.is_lost else open_camera
    engine = Engine(cameras_of(scene), model, clock=clock, open_source=opened)
    settings = WindowSettings("Crowd Monitor", model_note(model), "operator", scene.theme)
    bell = Bell(Beeper("pictures are silent"))
    window = MonitorWindow(engine, settings, bell=bell, clock=clock)
    window.resize(*scene.size_wh)
    engine.start()
    try:
        window.begin()
        window.show()
        wait(LOOK_AFTER_S)
        scene.before(window)
        wait(1.0)
        path = folder / f"{scene.name}.png"
        window.grab().save(str(path))
    finally:
        window.close()
        engine.stop()
    return path


def main() -> int:
    """Take all pictures, or those that are named; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--model", type=Path, help="model file; the shipped one by default")
    parser.add_argument("--only", action="append", choices=[one.name for one in SCENES])
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    logger.setLevel(logging.INFO)
    options.folder.mkdir(parents=True, exist_ok=True)
    application = QApplication(sys.argv[:1])
    model = load_model(options.model or default_model())
    for scene in SCENES:
        if not options.only or scene.name in options.only:
            logger.info("%s", take(scene, model, application, options.folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
