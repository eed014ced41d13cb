"""The rule editor on the real engine and a real history."""

from datetime import timedelta

import pytest
from PyQt6.QtCore import Qt

from monitor.core.clock import SystemClock
from monitor.core.rule import Measure, Priority, Rule
from monitor.engine.engine import Engine
from monitor.outputs.history.history import History
from monitor.outputs.outbox import Pace
from monitor.settings import CameraSettings, LimitSettings
from monitor.settings.outputs import parse_address
from monitor.ui.bell import Beeper, Bell
from monitor.ui.editors.rules import RuleEditor
from monitor.ui.main_window import MonitorWindow, WindowSettings
from tests.rigs.counters import FixedCounter
from tests.rigs.history import read_of
from tests.rigs.sources import ScriptedSource

LIMIT_MS = 20_000
SOON = Pace(flush_s=0.01, retry_s=0.01)


@pytest.fixture
def editor(qtbot, dark):
    one = RuleEditor("Gate 1", [Rule(50.0), Rule(20.0, name="few")], ["stage"], dark)
    qtbot.addWidget(one)
    one.show()
    return one


@pytest.fixture
def window(qtbot, dark, tmp_path):
    """A window whose history holds an hour, in which 40 people stood there for ten minutes."""
    clock = SystemClock()
    history = History(parse_address(f"sqlite:///{tmp_path}/history.sqlite", {}), pace=SOON)
    now = clock.utc()
    for ago_s in range(3600, 0, -10):
        count = 40.0 if 1800 <= ago_s < 2400 else 10.0
        moment = now - timedelta(seconds=ago_s)
        history.on_reading(read_of(0, camera="Plaza", at_utc=moment, count=count))
    history.start()
    camera = CameraSettings(
        name="Plaza", source="synthetic:plaza", limit=LimitSettings(high=500.0, off_delay_s=33.0)
    )
    engine = Engine(
        [camera],
        FixedCounter(10.0),
        clock=clock,
        open_source=lambda _settings, _clock: ScriptedSource([]),
    )
    settings = WindowSettings("Test site", "For tests.", "Ada", dark)
    one = MonitorWindow(engine, settings, bell=Bell(Beeper("test")), clock=clock, store=history)
    qtbot.addWidget(one)
    engine.start()
    one.begin()
    qtbot.waitUntil(lambda: not history.health.waiting, timeout=LIMIT_MS)
    with qtbot.waitActive(one, timeout=LIMIT_MS):
        one.show()
        one.activateWindow()
    one.engine_of_test = engine
    yield one
    one.close()
    assert engine.stop()
    assert history.stop()


def test_a_change_waits_for_apply(editor, qtbot):
    """What is typed is one rule of all; those that are not touched stay as they are."""
    editor.form.limit.setValue(70)
    editor.form.priority.setCurrentIndex(editor.form.priority.findData(Priority.HIGH))

    with qtbot.waitSignal(editor.applied) as told:
        editor.apply()

    assert told.args[0] == [Rule(70.0, priority=Priority.HIGH), Rule(20.0, name="few")]


def test_rules_come_and_go(editor, qtbot):
    """A new one has a name of its own; without any nothing but the stream rings."""
    editor.add()
    added = [one.name for one in editor.rules]
    for _ in range(3):
        editor.remove()

    assert added == ["limit", "few", "limit 1"]
    assert editor.rules == ()
    assert editor.words.text().startswith("No rule")


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (lambda form: form.name.clear(), "needs a name"),
        (lambda form: form.limit.setValue(0), "must be more than 0"),
        (lambda form: form.dead_band.setValue(60), "dead band"),
    ],
    ids=["no name", "no limit", "dead band above the limit"],
)
def test_an_impossible_rule_cannot_be_applied(editor, qtbot, break_it, words):
    """It is said at once, in one sentence."""
    break_it(editor.form)
    editor.form.edited.emit()

    with qtbot.assertNotEmitted(editor.applied):
        editor.apply()

    assert words in editor.fault.text()
    assert not editor.apply_button.isEnabled()


def test_two_rules_of_one_name_cannot_be_applied(editor):
    """Their alarms could not be told apart."""
    editor.form.name.setText("few")
    editor.form.edited.emit()

    assert "Two rules are named few" in editor.fault.text()
    assert not editor.apply_button.isEnabled()


def test_units_follow_what_is_watched(editor):
    """People per m² have a tenth, people none."""
    editor.form.measure.setCurrentIndex(editor.form.measure.findData(Measure.PEAK_DENSITY))

    assert editor.form.limit.suffix() == " people/m²"
    assert editor.form.limit.decimals() == 1


def test_what_if_and_apply(window, qtbot):
    """Ten minutes at 40 people: a limit of 30 rings once, that of 500 never; then it holds."""
    qtbot.keyClick(window, Qt.Key.Key_R)
    editor = window.rule_desk.editor
    qtbot.waitUntil(
        lambda: "would have raised an alarm never" in editor.words.text(), timeout=LIMIT_MS
    )

    editor.form.limit.setValue(30)
    qtbot.waitUntil(
        lambda: "would have raised an alarm once" in editor.words.text(), timeout=LIMIT_MS
    )
    before = window.engine_of_test.snapshots()[0].rules
    editor.apply()

    assert editor.ringings.count() == 1
    assert editor.ringings.item(0).text().endswith("worst 40 people")
    assert before == (Rule(500.0, off_delay_s=33.0),)
    assert window.engine_of_test.snapshots()[0].rules == (Rule(30.0, off_delay_s=33.0),)
    editor.close()
    assert window.rule_desk.editor is None
