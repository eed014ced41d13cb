"""Every word that an operator reads can be translated: found by a language of brackets."""

from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QListView,
    QSlider,
    QTableView,
    QWidget,
)

from docs.translation_file import messages
from monitor.alarms.forecast import Outlook, RuleOutlook
from monitor.core.alarm import AlarmState
from monitor.core.clock import SystemClock
from monitor.core.reading import Quality
from monitor.core.rule import Level, Measure, Priority, Rule
from monitor.core.zone import Crowding, ZoneReading
from monitor.engine.camera_trial import CameraTrial
from monitor.engine.engine import Engine
from monitor.engine.health import Health, StreamState
from monitor.engine.site_session import SiteSession
from monitor.settings import SiteSettings
from monitor.settings.writing import write_site
from monitor.ui.alarm_strip import strip_of
from monitor.ui.alarms.entries import AlarmEntry, spoken_words
from monitor.ui.bell import Beeper, Bell
from monitor.ui.help import about_text
from monitor.ui.main_window import MonitorWindow, WindowSettings
from monitor.ui.outside import Outside
from monitor.ui.safe_mode import SafeModeDialog
from monitor.ui.session import ErrorTally
from monitor.ui.setup.camera_dialog import trial_words
from monitor.ui.setup.first_start import FirstStart
from monitor.ui.setup.tools import SetUpTools
from monitor.ui.span import CustomRange
from monitor.ui.text import event_text
from monitor.ui.view import view_of
from tests.rigs.counters import FixedCounter
from tests.rigs.history import ring_of
from tests.rigs.pseudo import bare_letters, mark, pseudo_language, texts_of
from tests.rigs.snapshots import NOON, reading_of, snapshot_of, status_of

LIMIT_MS = 20_000
CONTROLS = (QAbstractButton, QAbstractItemView, QAbstractSpinBox, QComboBox, QLineEdit, QSlider)
DATA = {
    "JournalTable.cell",  # what the program noted stays as it was written
    "QTableWidget.cell",  # levels of service, as a site or their source has them
    "QHeaderView.cell",  # the same, for the headings' own sake
    "QLabel title.toolTip",  # the address of a camera
    "QLabel clock.toolTip",  # the date, in the language of the machine
    "QComboBox.toolTip",  # what a site says of its levels of service
}
NOT_OURS = {""}
PLOTS = {"Form", "GraphicsScene", "PlotItem", "ViewBox"}
"""Contexts of pyqtgraph, whose own menus nobody sees."""
UNITS = {"m", "s", "x", "y"}
"""Signs of units are the same in all languages."""
NAMES = {"SHIFT", "CTRL", "ESC"}
ABOUT_NAMES = frozenset({
    "Crowd", "Monitor", "inferno", "matplotlib", "S", "van", "der", "Walt", "N", "Smith", "M",
    "Okabe", "K", "Ito", "Color", "Universal", "Design", "ISA", "EN", "J", "Fruin", "Pedestrian",
    "Planning", "and", "G", "Still", "Introduction", "to", "Science", "Qt", "LGPL",
})  # fmt: skip
"""Names and titles of works stay as they are."""
ADDRESSES = ("rtsp://192.0.2.10/stream1", "synthetic:plaza?people=120&seed=1", "webcam:0")
"""Examples of what is typed."""
OWN = {"Crowd Monitor", *ADDRESSES}
"""What is called so in all languages."""
CODES = {"counts"}
"""Fields that no person reads; what is made of them is looked at."""


@pytest.fixture
def pseudo(qapp):
    with pseudo_language() as translator:
        yield translator


def bare(text):
    """Words that passed no translator; units and times of day are none."""
    return [word for word in bare_letters(text).split() if word not in UNITS | NAMES]


def texts_in(record):
    """Every text of a record and of those in it."""
    for one in fields(record):
        value = getattr(record, one.name)
        if is_dataclass(value):
            yield from ((f"{one.name}.{where}", text) for where, text in texts_in(value))
        elif type(value) is str and one.name not in CODES:
            yield one.name, value
        elif isinstance(value, tuple):
            yield from ((one.name, text) for text in value if type(text) is str)


def fail_with(found):
    """Show all that was found at once."""
    spoken = [one for one in found if one[0] not in DATA and one[1] not in OWN]
    told = sorted({f"{where}: {text}" for where, text in spoken})
    if told:
        pytest.fail("passed no translator:\n" + "\n".join(told), pytrace=False)


READINGS = [
    reading_of(128.6, low=117.5, high=139.7, smoothed=126.4, per_minute=12.0, truth=130.0),
    reading_of(1.0),
    reading_of(
        50.0,
        per_minute=-20.0,
        crowding=Crowding(24.0, 2.1, 3.4, mark("D"), 0.2),
        zones=(
            ZoneReading(
                mark("z"), 5.0, 4.0, 6.0, 1.0, 5.0, crowding=Crowding(9.0, 2.1, 3.4, mark("D"))
            ),
        ),
    ),
]


def snapshots():
    """Cameras in every state of stream, count and alarm."""
    name, label = mark("a"), mark("rtsp")
    for state in StreamState:
        health = Health(state, frames_received=1, frames_damaged=2, reconnects=3, rate_hz=0.3)
        yield snapshot_of(name, health=health, source_label=label)
    for quality in Quality:
        for reading in READINGS:
            yield snapshot_of(name, quality=quality, reading=reading, source_label=label)
    for state in AlarmState:
        for measure in (Measure.COUNT, Measure.PEAK_DENSITY, Measure.STREAM):
            rule = Rule(12.0, name=mark("r"), measure=measure, zone=mark("z"))
            alarm = status_of(state, rule=rule, alarm_id=f"{name}/{mark('r')}")
            yield snapshot_of(name, alarm=alarm, source_label=label)


def test_every_word_about_a_camera_passes_a_translator(pseudo):
    """Views, strip and lists of cameras in every state; the texts of drawn tiles are these."""
    outlook = RuleOutlook(Rule(9.0, zone=mark("z")), Outlook(240.0, 120.0, None))
    found = []
    for snapshot in snapshots():
        views = [view_of(snapshot, ErrorTally(), NOON, outlook=outlook), strip_of([snapshot])]
        views.append(strip_of([snapshot, replace(snapshot, name=mark("b"))]))
        for view in views:
            found += [(where, text) for where, text in texts_in(view) if bare(text)]
        for status in snapshot.alarms:
            words = spoken_words(AlarmEntry(snapshot.name, status))
            found += [("spoken", words)] if bare(words) else []

    fail_with(found)


def test_every_entry_of_the_journal_passes_a_translator(pseudo):
    """But for what people wrote and the program noted: that stays as it was written."""
    texts = [
        event_text(ring_of(0, before=before, after=after, note=mark("note"), measure=measure))
        for before in AlarmState
        for after in AlarmState
        for measure in Measure
    ]
    assert [text for text in texts if bare(text)] == []


@pytest.fixture
def window(qtbot, dark, pseudo, tmp_path):
    site = SiteSettings.model_validate(
        {
            "camera": [
                {
                    "name": mark(name),
                    "source": "synthetic:plaza?people=3",
                    "rule": [
                        {"name": mark("r"), "limit": 5, "on_delay_s": 0},
                        {"name": mark("low"), "limit": 1, "level": "low", "priority": "high"},
                    ],
                }
                for name in ("a", "b")
            ]
        }
    )
    clock = SystemClock()
    engine = Engine(site.camera, FixedCounter(20.0, variance=4.0), clock=clock)
    settings = WindowSettings(mark("site"), mark("note"), mark("ada"), dark)
    one = MonitorWindow(engine, settings, bell=Bell(Beeper(mark("quiet"))), clock=clock)
    qtbot.addWidget(one)
    file = tmp_path / "site.toml"
    write_site(file, site)
    keeper = SiteSession(engine, site, file=file)
    tools = SetUpTools(folder=tmp_path, open_next=lambda _: None)
    one.connect_outside(Outside(keeper=keeper, tools=tools))
    engine.start()
    one.begin()
    one.resize(1280, 800)
    one.show()
    qtbot.waitUntil(lambda: bool(one.side.alarm_panel.active.entries), timeout=LIMIT_MS)
    yield one
    one.close()
    assert engine.stop()


def test_every_word_of_the_window_passes_a_translator(window):
    """Labels, buttons, tips, names for screen readers, menus, headings, and every dialog."""
    found = [(where, text) for where, text in texts_of(window) if bare(text)]
    for open_page in pages_of(window):
        open_page()
        found += [(where, text) for where, text in texts_of(window) if bare(text)]
        for dialog in window.findChildren(QDialog):
            dialog.close()

    fail_with(found)


def pages_of(window):
    """Whatever opens over the window and waits for nothing."""

    def shelve():
        window.side.alarm_panel.focus_alarms()
        window.side.alarm_panel.shelve()

    return (
        window.open_rules, window.open_load, window.draw_zones, window.mark_ground,
        window.area_desk.open, shelve, window.ground_desk.edit_levels, window.site_desk.cameras.add,
        lambda: window.site_desk.cameras.edit(window.chosen),
        CustomRange(NOON, NOON + timedelta(hours=1), window).open,
    )  # fmt: skip


@pytest.mark.parametrize(
    "make",
    [lambda: FirstStart(SetUpTools(folder=Path())), lambda: SafeModeDialog("\n")],
    ids=["first start", "safe mode"],
)
def test_every_word_before_the_window_passes_a_translator(qtbot, dark, pseudo, make):
    """What is seen before there is a site, or when its file cannot be used."""
    page = make()
    qtbot.addWidget(page)

    fail_with([(where, text) for where, text in texts_of(page) if bare(text)])


def test_every_word_about_the_program_passes_a_translator(pseudo):
    """But for names, sources and licences."""
    told = about_text(mark("note"), [(mark("qt"), mark("6"), mark("GPL"))])

    left = set(bare(told)) - ABOUT_NAMES
    assert left == set()


@pytest.mark.parametrize("codec", ["h264", ""])
def test_every_word_about_a_tried_camera_passes_a_translator(pseudo, codec):
    """Names of codecs and decoders are put into them."""
    trial = CameraTrial(np.zeros((2, 2, 3), np.uint8), 25.0, codec, mark("CPU"), "camera")

    assert bare(trial_words(trial)) == []


def test_the_translation_file_holds_whatever_the_window_asked_for(window, pseudo, qtbot):
    """What a translator gets is all that is shown; Qt's own words come from Qt's own files."""
    for open_page in pages_of(window):
        open_page()
        for dialog in window.findChildren(QDialog):
            dialog.close()
    for page in (FirstStart(SetUpTools(folder=Path())), SafeModeDialog("")):
        qtbot.addWidget(page)
    about_text("", [])
    asked = {one for one in pseudo.seen if not one[0].startswith("Q") and one[0] not in PLOTS}

    missing = asked - messages()

    told = sorted(f"{context}: {text}" for context, text in missing if text not in NOT_OURS)
    if told:
        pytest.fail("not in the file:\n" + "\n".join(told), pytrace=False)
    assert len(asked) > 150


def test_whatever_the_keyboard_reaches_has_a_name_for_screen_readers(window):
    """Its own, its words, or those of the label before it."""
    nameless = [
        f"{type(one.parent()).__name__} > {type(one).__name__} {one.objectName()}"
        for one in window.findChildren(QWidget)
        if one.focusPolicy() & Qt.FocusPolicy.TabFocus
        and isinstance(one, CONTROLS)
        and not one.objectName().startswith("qt_")
        and type(one) is not QListView  # what drops down from a box, which has a name itself
        and not (one.accessibleName() or getattr(one, "text", str)())
        and not any(label.buddy() is one for label in window.findChildren(QLabel))
    ]
    assert "\n".join(nameless) == ""


def test_no_table_holds_the_keyboard(window):
    """Tab leads out of every table that it leads into; arrow keys walk through the cells."""
    held = []
    for open_page in pages_of(window):
        open_page()
        held += [one for one in window.findChildren(QTableView) if one.tabKeyNavigation()]
        for dialog in window.findChildren(QDialog):
            dialog.close()

    assert held == []


def test_priorities_levels_and_measures_have_words(pseudo):
    """Each of them, wherever it is shown."""
    from monitor.ui.editors.rules import RuleForm

    form = RuleForm([mark("z")])
    found = [(where, text) for where, text in texts_of(form) if bare(text)]

    assert len(Priority) + len(Level) + len(Measure) >= 11
    fail_with(found)
