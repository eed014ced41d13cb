"""The alarm panel lists what is not normal, in order and words, and offers what can be done."""

from datetime import UTC, timedelta

import pytest
from PyQt6.QtCore import Qt

from monitor.core.alarm import AlarmState
from monitor.core.rule import Level, Measure, Priority, Rule
from monitor.ui.alarms.entries import (
    AlarmEntry,
    FloodWatch,
    limit_words,
    lists_of,
    spoken_words,
    state_words,
)
from monitor.ui.alarms.panel import AlarmPanel
from monitor.ui.journal import JournalTable
from tests.rigs.history import ring_of
from tests.rigs.snapshots import NOON, snapshot_of, status_of


def alarm(name, state=AlarmState.UNACKNOWLEDGED, *, priority=Priority.MEDIUM, **changes):
    rule = Rule(120.0, name=name, priority=priority)
    return status_of(state, alarm_id=f"Gate 1/{name}", rule=rule, **changes)


def lists(*alarms):
    return lists_of([snapshot_of(alarms=alarms)])


@pytest.fixture
def panel(qtbot, dark):
    one = AlarmPanel(JournalTable(), dark)
    qtbot.addWidget(one)
    one.resize(400, 300)
    one.show()
    return one


def test_the_mark_stays_on_its_alarm(panel, qtbot):
    """A more urgent alarm that comes must not change what a key is about."""
    panel.show_lists(lists(alarm("a"), alarm("b", since_s=1)))
    panel.active.mark("Gate 1/b")

    panel.show_lists(lists(alarm("a"), alarm("b", since_s=1), alarm("c", priority=Priority.HIGH)))

    assert [one.status.rule.name for one in panel.active.entries] == ["c", "a", "b"]
    assert panel.chosen.alarm_id == "Gate 1/b"


def test_an_alarm_that_is_over_is_no_longer_marked(panel):
    """Else a key would fall on another one."""
    panel.show_lists(lists(alarm("a"), alarm("b", since_s=1)))
    panel.active.mark("Gate 1/a")

    panel.show_lists(lists(alarm("b", since_s=1)))

    assert panel.chosen is None
    assert not panel.acknowledge_button.isEnabled()


@pytest.mark.parametrize("key", [Qt.Key.Key_A, Qt.Key.Key_Space, Qt.Key.Key_Return])
def test_one_key_acknowledges_the_marked_alarm_with_its_note(panel, qtbot, key):
    """The note goes along, and does not stay for the next one."""
    panel.show_lists(lists(alarm("a"), alarm("b", since_s=1)))
    panel.active.mark("Gate 1/b")
    panel.note.setText(" a band plays ")

    with qtbot.waitSignal(panel.acknowledged) as told:
        qtbot.keyClick(panel.active, key)

    assert told.args == ["Gate 1/b", "a band plays"]
    assert panel.note.text() == ""


def test_a_note_is_not_sent_with_another_alarm(panel):
    """It was meant for the one that was marked when it was typed."""
    panel.show_lists(lists(alarm("a"), alarm("b", since_s=1)))
    panel.active.mark("Gate 1/a")
    panel.note.setText("a band plays")

    panel.active.mark("Gate 1/b")

    assert panel.note.text() == ""


def test_what_is_acknowledged_cannot_be_again(panel, qtbot):
    """The key does nothing, and the button says so before."""
    panel.show_lists(lists(alarm("a", AlarmState.ACKNOWLEDGED)))
    panel.active.mark("Gate 1/a")

    with qtbot.assertNotEmitted(panel.acknowledged):
        qtbot.keyClick(panel.active, Qt.Key.Key_A)

    assert not panel.acknowledge_button.isEnabled()
    assert panel.shelve_button.isEnabled()


def test_tabs_say_how_many_there_are(panel):
    """Nobody has to open a list to know that something is in it."""
    panel.show_lists(lists(alarm("a"), alarm("b", AlarmState.SHELVED)), "12 new alarms")

    texts = [panel.tabs.tabText(place) for place in range(panel.tabs.count())]
    assert texts == ["Alarms 1", "Shelved 1", "Suppressed", "Journal"]
    assert panel.flood.isVisible()


def test_each_list_offers_what_can_be_done_there(panel):
    """Bring back only what is shelved; nothing in the journal."""
    panel.show_lists(lists(alarm("a", AlarmState.SHELVED)))
    buttons = (panel.acknowledge_button, panel.unshelve_button, panel.shelve_button)
    seen = []
    for place in range(panel.tabs.count()):
        panel.tabs.setCurrentIndex(place)
        seen.append(tuple(one.isVisible() for one in buttons))

    assert seen == [
        (True, False, True),
        (False, True, True),
        (False, False, True),
        (False, False, False),
    ]


@pytest.mark.parametrize(
    ("width", "is_beside"), [(900, True), (330, False)], ids=["wide", "narrow"]
)
def test_buttons_are_never_cut(panel, qtbot, width, is_beside):
    """In a narrow column with long words the note goes above them."""
    panel.show_lists(lists(alarm("a")))
    panel.active.mark("Gate 1/a")
    panel.acknowledge_button.setText("Kenntnisnahme bestätigen")

    panel.resize(width, 300)

    button, note = panel.acknowledge_button, panel.note
    qtbot.waitUntil(lambda: (note.geometry().bottom() < button.geometry().top()) is not is_beside)
    for one in (panel.acknowledge_button, panel.shelve_button, panel.show_button):
        assert one.width() >= one.minimumSizeHint().width()


def alarm_of(name, state=AlarmState.UNACKNOWLEDGED, *, priority=Priority.MEDIUM, **changes):
    rule = Rule(120.0, name=name, priority=priority)
    return status_of(state, alarm_id=f"Gate 1/{name}", rule=rule, **changes)


def test_every_state_has_its_list():
    """What is normal is in none; nothing is in two."""
    found = lists_of([snapshot_of(alarms=tuple(alarm_of(one.value, one) for one in AlarmState))])

    assert {one.status.state for one in found.active} == {
        AlarmState.UNACKNOWLEDGED,
        AlarmState.ACKNOWLEDGED,
        AlarmState.RETURNED_UNACKNOWLEDGED,
    }
    assert [one.status.state for one in found.shelved] == [AlarmState.SHELVED]
    assert [one.status.state for one in found.suppressed] == [AlarmState.SUPPRESSED]


def test_priority_comes_before_time():
    """In a flood the high ones stay on top; of equals the oldest is first."""
    alarms = (
        alarm_of("old low", priority=Priority.LOW, since_s=0),
        alarm_of("new high", priority=Priority.HIGH, since_s=90),
        alarm_of("old high", priority=Priority.HIGH, since_s=60),
        alarm_of("medium", since_s=30),
    )

    found = lists_of([snapshot_of(alarms=alarms)])

    names = [one.status.rule.name for one in found.active]
    assert names == ["old high", "new high", "medium", "old low"]


def test_a_flood_is_told_from_the_eleventh_alarm_on_until_it_is_over():
    """More than ten within ten minutes; acknowledgements are no alarms."""
    flood = FloodWatch()
    for index in range(10):
        flood.take(ring_of(index))
    flood.take(ring_of(10, before=AlarmState.UNACKNOWLEDGED, after=AlarmState.ACKNOWLEDGED))
    at_ten = flood.words(NOON + timedelta(seconds=11))
    flood.take(ring_of(12))

    at_eleven = flood.words(NOON + timedelta(seconds=13))
    later = flood.words(NOON + timedelta(seconds=601))

    assert at_ten == ""
    assert at_eleven.startswith("11 new alarms in 10 minutes")
    assert later == ""


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Rule(120.0), "limit 120"),
        (Rule(4.5, measure=Measure.PEAK_DENSITY), "limit 4.5"),
        (Rule(20.0, level=Level.LOW), "lower limit 20"),
        (Rule(5.0, measure=Measure.STREAM), "limit 5 s"),
    ],
)
def test_a_limit_is_told(rule, words):
    """With its side; seconds are named, as the place they stand in is for people."""
    assert limit_words(status_of(AlarmState.UNACKNOWLEDGED, rule=rule)) == words


def test_a_shelved_alarm_says_until_when_by_whom_and_why():
    """What is put aside must never be forgotten."""
    status = alarm_of(
        "limit",
        AlarmState.SHELVED,
        shelved_until_utc=NOON + timedelta(minutes=15),
        shelved_by="Ada",
        shelved_reason="a drill",
    )

    assert state_words(status, UTC) == "Shelved until 12:15:00 by Ada: a drill"


def test_all_of_an_entry_can_be_read_aloud():
    """Where, how urgent, in which state, how much."""
    rule = Rule(120.0, name="full", zone="stage", priority=Priority.HIGH)
    entry = AlarmEntry("Gate 1", status_of(AlarmState.UNACKNOWLEDGED, rule=rule))

    assert spoken_words(entry, UTC) == (
        "Gate 1 · stage · full, high priority, Alarm since 12:00:00, 131 people, limit 120"
    )
