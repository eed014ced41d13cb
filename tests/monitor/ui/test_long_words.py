"""With words as long as German ones, or large letters, the window still fits a small screen."""

import numpy as np
import pytest
from PyQt6.QtCore import QCoreApplication
from PyQt6.QtWidgets import QApplication

from docs.screenshots.long_words import LongWords
from docs.screenshots.sites import ground_of_square
from monitor.core.clock import SystemClock
from monitor.engine.engine import Engine
from monitor.settings import CameraSettings, LimitSettings, ZoneSettings
from monitor.ui.bell import Beeper, Bell
from monitor.ui.editors.ground_draft import Way
from monitor.ui.language import forget_translations
from monitor.ui.main_window import MonitorWindow, WindowSettings
from monitor.ui.theme import LARGE_TYPE, apply_theme
from tests.rigs.counters import FixedCounter

LIMIT_MS = 20_000
SMALL_WH = (1280, 800)
NAME = "Market square in front of the northern entrance, lower part"
"""As long as a name may be."""
SQUARE = ((0.2, 0.4), (0.8, 0.4), (0.8, 0.9), (0.2, 0.9))


class SpreadCounter(FixedCounter):
    """Spreads 20 people over the blocks of 8 px of the whole square."""

    def __init__(self):
        super().__init__(20.0)
        self._density = np.full((90, 160), 20.0 / 14_400, dtype=np.float32)


@pytest.fixture(params=["long", "large"])
def window(request, qtbot, dark):
    """A window on one camera with a zone and a ground, in each kind of letters."""
    words = LongWords()
    if request.param == "long":
        QCoreApplication.installTranslator(words)
    scale = LARGE_TYPE if request.param == "large" else 1.0
    application = QApplication.instance()
    apply_theme(application, dark, type_scale=scale)
    forget_translations()
    camera = CameraSettings(
        name=NAME,
        source="synthetic:plaza?people=3",
        limit=LimitSettings(high=5.0, on_delay_s=0.0),
        zone=(ZoneSettings(name="Stage front", polygon=SQUARE),),
        ground=ground_of_square(1),
    )
    clock = SystemClock()
    other = CameraSettings(name="Gate", source="synthetic:plaza?people=3&seed=2")
    engine = Engine([camera, other], SpreadCounter(), clock=clock)
    settings = WindowSettings("Site", "Note.", "Ada", dark, is_large_type=scale > 1)
    one = MonitorWindow(engine, settings, bell=Bell(Beeper("quiet")), clock=clock)
    qtbot.addWidget(one)
    engine.start()
    one.begin()
    one.resize(*SMALL_WH)
    one.show()
    qtbot.waitUntil(lambda: one.strip.view.needs_person, timeout=LIMIT_MS)
    yield one
    one.close()
    assert engine.stop()
    QCoreApplication.removeTranslator(words)
    apply_theme(application, dark)
    forget_translations()


def test_no_editor_makes_the_window_larger_than_its_screen(window, qtbot):
    """Zones and every way to mark the ground have their controls below the picture."""

    def grown(editor):
        qtbot.wait(50)  # the layout settles after what was just shown
        wide, high = window.width(), window.height()
        return [] if wide <= SMALL_WH[0] and high <= SMALL_WH[1] else [(editor, wide, high)]

    too_large = grown("window")
    window.draw_zones()
    too_large += grown("zones")
    window.mark_ground()
    for way in Way:
        window.ground_desk.panel.way_chosen.emit(way)
        too_large += grown(way)

    assert too_large == []
