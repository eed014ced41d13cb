"""Take pictures of every screen of the window on drawn squares.

Every screen is taken at 1280×800 and 1920×1080, dark and light; with a second run at twice the
size also as on a 4K screen at 200 %. Run from the top of the repository, on a screen or on one in
memory: `xvfb-run -a -s "-screen 0 3840x2160x24" python -m docs.screenshots screenshots`.
"""

import argparse
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from PyQt6.QtWidgets import QApplication

from docs.screenshots.breaking import BreakingCameras
from docs.screenshots.long_words import LongWords
from docs.screenshots.past import running_history
from docs.screenshots.set_up import PAGES, take_set_up
from docs.screenshots.sites import SITES, Site, cameras_of
from docs.screenshots.taking import Wanted, take_window, wait_for
from monitor.cli.site import model_note
from monitor.core.clock import SystemClock
from monitor.core.reading import Quality
from monitor.engine.engine import Engine
from monitor.engine.sources import open_camera
from monitor.inference.files import default_model
from monitor.inference.model import Model, load_model
from monitor.ui.bell import Beeper, Bell
from monitor.ui.main_window import MonitorWindow, WindowSettings
from monitor.ui.theme import DARK, apply_theme

logger = logging.getLogger(__name__)

LOOK_AFTER_S = 20.0
"""Seconds from the start of a site to its first picture: enough for a line in the plot."""


def is_ready(site: Site, engine: Engine) -> bool:
    """Whether every camera shows what it is to show: a count, or that it is lost."""
    qualities = {one.quality for one in engine.snapshots()}
    return qualities <= ({Quality.LOST} if site.is_lost else {Quality.GOOD})


def take_site(site: Site, model: Model, wanted: Wanted) -> Iterator[Path]:
    """Take the pictures of one site.

    Args:
        site: What to show.
        model: What counts.
        wanted: Folder and names of the screens that are wanted.

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
            wait_for(lambda: is_ready(site, engine), least_s=LOOK_AFTER_S)
            for screen in site.screens:
                if wanted.takes(screen.name):
                    screen.before(window)
                    yield from take_window(screen.name, window, wanted)
                    screen.after(window)
        finally:
            window.close()
            engine.stop()


def main() -> int:
    """Take all pictures, or those that are named; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--model", type=Path, help="model file; the shipped one by default")
    names = [page.name for page in PAGES]
    names += [screen.name for site in SITES for screen in site.screens]
    parser.add_argument("--only", action="append", choices=names, default=[])
    parser.add_argument("--small", action="store_true", help="leave out those of a 4K screen")
    parser.add_argument("--long", action="store_true", help="with words as long as German ones")
    parser.add_argument("--is-large", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    logger.setLevel(logging.INFO)
    options.folder.mkdir(parents=True, exist_ok=True)
    wanted = Wanted(options.folder, frozenset(options.only), is_large=options.is_large)
    application = QApplication(sys.argv[:1])
    if options.long:
        words = LongWords(application)
        application.installTranslator(words)
    apply_theme(application, DARK)
    for path in take_set_up(application, wanted):
        logger.info("%s", path)
    sites = [site for site in SITES if any(wanted.takes(one.name) for one in site.screens)]
    model = load_model(options.model or default_model()) if sites else None
    for site in sites:
        assert model is not None, "loaded where a site is wanted"
        for path in take_site(site, model, wanted):
            logger.info("%s", path)
    if options.is_large or options.small:
        return 0
    again = [sys.executable, "-m", "docs.screenshots", *sys.argv[1:], "--is-large"]
    return subprocess.run(again, env=os.environ | {"QT_SCALE_FACTOR": "2"}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
