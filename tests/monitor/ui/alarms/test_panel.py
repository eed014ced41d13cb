"""The alarm panel: what stands, what is marked, and what can be done with it."""

import pytest
from PyQt6.QtCore import Qt

from monitor.core.alarm import AlarmState
from monitor.core.rule import Priority, Rule
from monitor.ui.alarms.entries import lists_of
from monitor.ui.alarms.panel import AlarmPanel
from monitor.ui.journal import JournalTable
from tests.rigs.snapshots import snapshot_of, status_of


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
    assert texts == ["Alarms 1", "Shelved 1", "Not judged", "Journal"]
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
