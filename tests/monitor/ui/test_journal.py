"""The journal of the session."""

import pytest
from PyQt6.QtCore import QModelIndex, Qt

from monitor.core.alarm import AlarmEvent, AlarmState
from monitor.ui.journal import ROWS_MAX, JournalModel, JournalTable
from tests.rigs.snapshots import NOON


def event_of(value=131.4, **changes):
    values = {
        "camera": "Gate 1",
        "at_utc": NOON,
        "before": AlarmState.NORMAL,
        "after": AlarmState.UNACKNOWLEDGED,
        "value": value,
        "limit": 120.0,
    }
    return AlarmEvent(**(values | changes))


def row(model, index):
    return [model.data(model.index(index, column)) for column in range(model.columnCount())]


@pytest.fixture
def model(qapp, qtmodeltester):
    """A model that keeps Qt's rules."""
    journal = JournalModel()
    journal.add(event_of())
    qtmodeltester.check(journal)
    return journal


def test_newest_is_on_top(model):
    """Who looks up sees what happened last."""
    model.add(event_of(after=AlarmState.ACKNOWLEDGED, who="Ada", note="stewards sent"))

    assert row(model, 0)[1:] == ["Gate 1: Acknowledged: stewards sent", "Ada"]
    assert row(model, 1)[1:] == ["Gate 1: Alarm at 131 people", ""]
    assert row(model, 0)[0].count(":") == 2


def test_headings_name_the_columns(model):
    """When, what, who."""
    horizontal = Qt.Orientation.Horizontal

    assert [model.headerData(n, horizontal) for n in range(3)] == ["Time", "What", "Who"]
    assert model.headerData(0, Qt.Orientation.Vertical) is None


def test_only_so_many_are_shown(qapp):
    """A night of alarms does not fill the memory; the oldest go."""
    model = JournalModel()
    for number in range(ROWS_MAX + 5):
        model.add(event_of(value=float(number)))

    assert model.rowCount() == ROWS_MAX
    assert row(model, 0)[1] == f"Gate 1: Alarm at {ROWS_MAX + 4:,} people"
    assert row(model, ROWS_MAX - 1)[1] == "Gate 1: Alarm at 5 people"


def test_long_entries_are_whole_in_the_tool_tip(model):
    """Columns are narrow, words are not lost."""
    tip = model.data(model.index(0, 1), Qt.ItemDataRole.ToolTipRole)

    assert tip == "Gate 1: Alarm at 131 people"
    assert model.data(QModelIndex()) is None


def test_table_cannot_be_edited_and_shows_the_whole_time(qtbot, dark):
    """A journal is read; the time of day has room."""
    table = JournalTable()
    qtbot.addWidget(table)
    table.resize(340, 200)
    table.entries.add(event_of())

    assert table.editTriggers() == JournalTable.EditTrigger.NoEditTriggers
    assert table.columnWidth(0) > table.fontMetrics().horizontalAdvance("00:00:00")
