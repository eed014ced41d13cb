"""The journal leaves the history only into a file that a person keeps."""

import csv
from datetime import timedelta

import pytest

from monitor.core.alarm import AlarmState
from monitor.core.errors import StoreError
from monitor.outputs.history.journal import HEADER
from tests.rigs.history import LIMIT_S, NOON, ring_of
from tests.rigs.waiting import wait_until

LATER = NOON + timedelta(days=1)


@pytest.fixture
def history(address, open_history):
    """A history with three events, one of them a day later."""
    history = open_history(address)
    history.on_event(ring_of(0))
    history.on_event(
        ring_of(5, before=AlarmState.UNACKNOWLEDGED, after=AlarmState.ACKNOWLEDGED, who="Ada",
                note='said "go", then\nwent – 門', value=None)
    )  # fmt: skip
    history.on_event(ring_of(86_400))
    wait_until(lambda: history.health.written == 3, "written", within_s=LIMIT_S)
    return history


def cells_of(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_export_copies_and_leaves(history, tmp_path):
    """Every field of every entry, and the journal as it was."""
    path = tmp_path / "journal.csv"

    written = history.export_journal(path, before=LATER)

    assert written == 2
    assert cells_of(path) == [
        list(HEADER),
        ["2030-05-01T12:00:00.000Z", "Gate 1", "Gate 1/limit", "medium", "normal",
         "unacknowledged", "101.5", "100.0", "", "at 100 or more for 10 s"],
        ["2030-05-01T12:00:05.000Z", "Gate 1", "Gate 1/limit", "medium", "unacknowledged",
         "acknowledged", "", "100.0", "Ada", 'said "go", then\nwent – 門'],
    ]  # fmt: skip
    assert len(history.events_between(NOON, LATER + timedelta(days=1))) == 3


def test_moving_deletes_what_is_in_the_file_and_no_more(history, tmp_path):
    """Later entries stay."""
    path = tmp_path / "journal.csv"

    assert history.export_journal(path, before=LATER, is_moved=True) == 2

    assert len(cells_of(path)) == 3
    assert history.events_between(NOON, LATER + timedelta(days=1)) == (ring_of(86_400),)


@pytest.mark.parametrize("is_moved", [False, True])
def test_a_file_that_is_there_is_not_written_over(history, tmp_path, is_moved):
    """Last year's journal is not lost to this year's, and nothing is deleted."""
    path = tmp_path / "journal.csv"
    path.write_text("last year's")

    with pytest.raises(StoreError, match="there already"):
        history.export_journal(path, before=LATER, is_moved=is_moved)

    assert path.read_text() == "last year's"
    assert len(history.events_between(NOON, LATER)) == 2


def test_a_file_that_cannot_be_written_deletes_nothing(history, tmp_path):
    """The entries stay where they are."""
    with pytest.raises(StoreError, match="cannot be written"):
        history.export_journal(tmp_path / "no" / "journal.csv", before=LATER, is_moved=True)

    assert len(history.events_between(NOON, LATER)) == 2
