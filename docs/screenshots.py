"""Pictures of every screen of the window on drawn squares, for documents and for looking at.

Every screen is taken at 1280×800 and 1920×1080, dark and light; with a second run at twice the
size also as on a 4K screen at 200 %. Run from the top of the repository, on a screen or on one in
memory: `xvfb-run -a -s "-screen 0 3840x2160x24" python -m docs.screenshots screenshots`.
"""

import argparse
import logging
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

from PyQt6.QtCore import QEventLoop, QTimer
from PyQt6.QtWidgets import QApplication, QDialog

from monitor.clock import Clock, SystemClock
from monitor.commands.site import model_note
from monitor.engine.engine import Engine
from monitor.engine.sources import open_camera
from monitor.errors import UnreachableError
from monitor.inference.model import Model, load_model
from monitor.inference.shipped import default_model
from monitor.records.alarm import AlarmEvent, AlarmState
from monitor.records.reading import Quality, Reading
from monitor.settings import CameraSettings, LimitSettings
from monitor.store.database import parse_address
from monitor.store.history import History
from monitor.ui.bell import Beeper, Bell
from monitor.ui.span import SPANS
from monitor.ui.theme import DARK, LIGHT, apply_theme
from monitor.ui.window import MonitorWindow
from monitor.ui.window_settings import WindowSettings
from monitor.ui.zoom import View
from monitor.video.frame import Frame, FrameSource

logger = logging.getLogger(__name__)

NAMES = (
    "Market square", "North gate", "Station stairs", "Old bridge", "Fan zone", "West stand",
    "Car park", "Main stage", "Ferry pier",
)  # fmt: skip
CROWDS = (120, 60, 220, 30, 160, 90, 15, 260, 75)
LIMITS = (180.0, 35.0, 260.0, 80.0, 180.0, 120.0, 60.0, 300.0, 120.0)
SIZES = {"laptop": (1280, 800), "hd": (1920, 1080)}
LARGE_SIZE = "4k"
"""Taken at a scale of two with the size of `hd`."""
LOOK_AFTER_S = 20.0
"""Seconds from the start of a site to its first picture: enough for a line in the plot."""
READY_WITHIN_S = 240.0
"""On a machine that is busy with other things every camera takes a while to be counted."""
LOST_AFTER_S = 15.0
SETTLE_S = 1.5
PAST = timedelta(days=7)
PAST_EVERY = timedelta(minutes=2)


@dataclass(frozen=True)
class Screen:
    """One screen to take."""

    name: str
    before: Callable[[MonitorWindow], None] = field(default=lambda window: None)
    """What is done to get there."""
    after: Callable[[MonitorWindow], None] = field(default=lambda window: None)
    """What is done to leave it."""


@dataclass(frozen=True)
class Site:
    """Cameras, and the screens that are taken of them."""

    name: str
    cameras: int
    screens: tuple[Screen, ...]
    limit: float | None = None
    """Limit of all cameras; None: each has its own."""
    is_lost: bool = False


def do(name: str) -> Callable[[MonitorWindow], None]:
    """Give what runs a command of the window."""
    return lambda window: window.actions_table.action(name).trigger()


def close_dialogs(window: MonitorWindow) -> None:
    """Close every page and dialog over a window."""
    for dialog in window.findChildren(QDialog):
        dialog.close()


def show_span(number: int) -> Callable[[MonitorWindow], None]:
    """Give what shows another time in the plot."""
    return lambda window: window.plot.show_span(SPANS[number])


def come_near(window: MonitorWindow) -> None:
    """Freeze a part of the picture."""
    window.stage.look_at(View(0.1, 0.3, 0.45, 0.45))
    do("Freeze, or go on")(window)


def go_back(window: MonitorWindow) -> None:
    """Show all of the picture again."""
    do("Freeze, or go on")(window)
    do("Whole picture")(window)


def pretend_rise(window: MonitorWindow) -> None:
    """Make up ten minutes in which the crowd has grown towards the limit."""
    session = window.rounds.sessions[window.chosen]
    newest = session.recent[-1]
    past = [
        replace(newest, captured_s=newest.captured_s - age_s, smoothed=newest.count - 0.06 * age_s)
        for age_s in range(600, 1, -1)
    ]
    session.recent.extendleft(reversed(past))


def open_second(window: MonitorWindow) -> None:
    """Look at one camera here, and at all of them in the second window."""
    window.open_camera(window.names[0])
    do("All cameras on a second screen")(window)


def close_second(window: MonitorWindow) -> None:
    """Close the second window."""
    window.second.close()


SITES = (
    Site(
        "one",
        1,
        (
            Screen("calm", MonitorWindow.acknowledge),
            Screen("day", show_span(4), show_span(0)),
            Screen("week", show_span(5), show_span(0)),
            Screen("near", come_near, go_back),
            Screen("keys", do("Keys"), close_dialogs),
            Screen("guide", do("Guide"), close_dialogs),
            Screen("about", do("About"), close_dialogs),
            Screen("large", do("Large type"), do("Large type")),
            Screen("rules", MonitorWindow.open_rules, close_dialogs),
            Screen("load", MonitorWindow.open_load, close_dialogs),
            Screen("rising", pretend_rise),
        ),
    ),
    Site("ringing", 1, (Screen("alarm"), Screen("acknowledged", MonitorWindow.acknowledge)), 70.0),
    Site("lost", 1, (Screen("lost"),), 70.0, is_lost=True),
    Site("four", 4, (Screen("wall4"),)),
    Site(
        "nine",
        9,
        (
            Screen("wall9"),
            Screen("wall9-large", do("Large type"), do("Large type")),
            Screen("second", open_second, close_second),
        ),
    ),
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


def cameras_of(site: Site) -> list[CameraSettings]:
    """Give the cameras of a site: squares of different crowds."""
    return [
        CameraSettings(
            name=name,
            source=f"synthetic:plaza?people={people}&seed={seed}",
            count_hz=2.0 if site.cameras < len(NAMES) else 0.5,
            limit=LimitSettings(high=site.limit or limit, on_delay_s=3.0),
        )
        for seed, (name, people, limit) in enumerate(
            list(zip(NAMES, CROWDS, LIMITS, strict=True))[: site.cameras], start=1
        )
    ]


def write_past(history: History, camera: str, now: datetime) -> None:
    """Make up a week with a busy noon and a busier evening."""
    steps = int(PAST / PAST_EVERY)
    for step in range(steps):
        moment = now - PAST + step * PAST_EVERY
        hour = moment.hour + moment.minute / 60
        noon, evening = (math.exp(-(((hour - peak) / 2.2) ** 2)) for peak in (12.5, 19.0))
        count = 8 + 70 * noon + 115 * evening + 6 * math.sin(step / 3)
        history.on_reading(
            Reading(
                camera=camera,
                at_utc=moment,
                captured_s=0.0,
                count=count,
                low=0.75 * count,
                high=1.25 * count,
                variance=None,
                smoothed=count,
                quality=Quality.GOOD,
            )
        )


def write_alarms(history: History, camera: str, now: datetime) -> None:
    """Make up a day of alarms: some by the hour, one that chatters, one that nobody answers."""
    states = AlarmState.NORMAL, AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED
    normal, rings, known = states
    for hour in range(24):
        busy = round(5 * math.exp(-(((hour - 19) / 3) ** 2)))
        for number in range(busy + hour % 2):
            at_utc = now - timedelta(hours=24 - hour, minutes=-9 * number)
            rule = "crowded" if number % 3 else "stage"
            ring = AlarmEvent(
                camera, at_utc, normal, rings, 190.0, 180.0, alarm_id=f"{camera}/{rule}"
            )
            history.on_event(ring)
            answered = at_utc + timedelta(seconds=20 + 11 * number)
            if number % 4 != 3:
                history.on_event(
                    replace(ring, at_utc=answered, before=rings, after=known, who="operator")
                )
    for second in (0, 15, 30, 45):
        at_utc = now - timedelta(hours=2, seconds=second)
        history.on_event(
            AlarmEvent(camera, at_utc, normal, rings, 61.0, 60.0, alarm_id=f"{camera}/north gate")
        )


def wait(seconds: float) -> None:
    """Let the window live for a while."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def wait_for(is_done: Callable[[], bool]) -> None:
    """Let the window live until something is so, or for as long as anybody would wait."""
    clock = SystemClock()
    began_s = clock.monotonic_s()
    wait(LOOK_AFTER_S)
    while not is_done() and clock.monotonic_s() < began_s + READY_WITHIN_S:
        wait(SETTLE_S)


def is_ready(site: Site, engine: Engine) -> bool:
    """Whether every camera shows what it is to show: a count, or that it is lost."""
    qualities = {one.quality for one in engine.snapshots()}
    return qualities <= ({Quality.LOST} if site.is_lost else {Quality.GOOD})


@contextmanager
def running_history(cameras: Sequence[CameraSettings], clock: Clock) -> Iterator[History]:
    """Keep a history with a past while the context is open."""
    with tempfile.TemporaryDirectory() as folder:
        history = History(parse_address(f"sqlite:///{folder}/history.sqlite", {}))
        history.start()
        for camera in cameras:
            write_past(history, camera.name, clock.utc())
            write_alarms(history, camera.name, clock.utc())
        try:
            yield history
        finally:
            history.stop()


def take_site(site: Site, model: Model, options: argparse.Namespace) -> Iterator[Path]:
    """Take the pictures of one site.

    Args:
        site: What to show.
        model: What counts.
        options: Folder, names of the screens that are wanted, and whether the scale is two.

    Yields:
        The PNG files.
    """
    clock = SystemClock()
    cameras = cameras_of(site)
    opened = BreakingCameras().open if site.is_lost else open_camera
    engine = Engine(cameras, model, clock=clock, open_source=opened)
    settings = WindowSettings("Crowd Monitor", model_note(model), "operator", DARK)
    bell = Bell(Beeper("pictures are silent"))
    with running_history(cameras[:1], clock) as history:
        window = MonitorWindow(engine, settings, bell=bell, clock=clock, store=history)
        engine.subscribe("history", on_reading=history.on_reading, on_event=history.on_event)
        engine.start()
        try:
            window.begin()
            window.show()
            wait_for(lambda: is_ready(site, engine))
            for screen in site.screens:
                if not options.only or screen.name in options.only:
                    yield from take_screen(screen, window, options)
        finally:
            window.close()
            engine.stop()


def take_screen(
    screen: Screen, window: MonitorWindow, options: argparse.Namespace
) -> Iterator[Path]:
    """Take one screen in every size and theme that is wanted."""
    sizes = {LARGE_SIZE: SIZES["hd"]} if options.is_large else SIZES
    screen.before(window)
    for _theme in (DARK, LIGHT):
        for size, size_wh in sizes.items():
            window.resize(*size_wh)
            wait(SETTLE_S)
            path = options.folder / f"{screen.name}-{size}-{window.looks.theme.name}.png"
            dialogs = [one for one in window.findChildren(QDialog) if one.isVisible()]
            (dialogs[0] if dialogs else window).grab().save(str(path))
            yield path
            if (second := window.second.window) is not None:
                second.showNormal()
                second.resize(*size_wh)
                wait(SETTLE_S)
                path = options.folder / f"{screen.name}-wall-{size}-{window.looks.theme.name}.png"
                second.grab().save(str(path))
                yield path
        window.looks.switch_theme()
    screen.after(window)


def main() -> int:
    """Take all pictures, or those that are named; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--model", type=Path, help="model file; the shipped one by default")
    names = [screen.name for site in SITES for screen in site.screens]
    parser.add_argument("--only", action="append", choices=names)
    parser.add_argument("--small", action="store_true", help="leave out those of a 4K screen")
    parser.add_argument("--is-large", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    logger.setLevel(logging.INFO)
    options.folder.mkdir(parents=True, exist_ok=True)
    application = QApplication(sys.argv[:1])
    apply_theme(application, DARK)
    model = load_model(options.model or default_model())
    for site in SITES:
        if not options.only or any(one.name in options.only for one in site.screens):
            for path in take_site(site, model, options):
                logger.info("%s", path)
    if options.is_large or options.small:
        return 0
    again = [sys.executable, "-m", "docs.screenshots", *sys.argv[1:], "--is-large"]
    return subprocess.run(again, env=os.environ | {"QT_SCALE_FACTOR": "2"}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
