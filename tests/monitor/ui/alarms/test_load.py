"""The page on the load of alarms, on a real history."""

import csv
from dataclasses import replace
from datetime import timedelta

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QWidget

from monitor.core.alarm import AlarmState
from monitor.core.errors import StoreError
from monitor.outputs.history.history import History
from monitor.settings.outputs import parse_address
from monitor.ui.alarms.load import AlarmLoadController
from monitor.ui.background import BackgroundTasks
from monitor.ui.saving import Saving
from tests.rigs.history import NOON, SOON, StoppedClock, ring_of
from tests.rigs.waiting import wait_until

LIMIT_MS = 10_000


class Rig:
    """A desk whose clock shows noon and some hours."""

    def __init__(self, qtbot, theme, store, path):
        self.qtbot, self.theme = qtbot, theme
        self.clock = StoppedClock()
        self.clock.now_s = 3600.0
        self.errands, self.window = BackgroundTasks(), QWidget()
        qtbot.addWidget(self.window)
        self.saving = Saving(self.errands, self.window, lambda _told: None)
        self.saving.choose_path = lambda _proposed, _kinds: str(path)
        self.desk = AlarmLoadController(self.errands, store, self.saving, self.clock, self.window)
        self.errands.start()

    def open(self):
        """Open the page and wait for its numbers."""
        self.desk.open(self.theme, self.window)
        self.wait(lambda: self.desk.page.load is not None)
        return self.desk.page

    def wait(self, claim):
        """Wait, as the window's timer does."""
        self.qtbot.waitUntil(lambda: bool(self.errands.collect()) or claim(), timeout=LIMIT_MS)


@pytest.fixture
def make_rig(qtbot, dark, tmp_path):
    rigs = []

    def make(store):
        rigs.append(Rig(qtbot, dark, store, tmp_path / "load.csv"))
        return rigs[-1]

    yield make
    for one in rigs:
        assert one.errands.stop(5)


@pytest.fixture
def history(tmp_path):
    """Noon: one alarm rings three times in a minute; 20 hours before, another rang once."""
    one = History(parse_address(f"sqlite:///{tmp_path}/h.sqlite", {}), pace=SOON)
    one.start()
    for at_s in (0, 20, 40):
        one.on_event(ring_of(at_s))
    one.on_event(
        ring_of(70, before=AlarmState.UNACKNOWLEDGED, after=AlarmState.ACKNOWLEDGED, who="Ada")
    )
    earlier = ring_of(0, alarm_id="Gate 2/limit", camera="Gate 2")
    one.on_event(replace(earlier, at_utc=NOON - timedelta(hours=20)))
    wait_until(lambda: one.health.written == 5, "all is written")
    yield one
    assert one.stop(10)


def rows(page):
    return {name.text(): value.text() for name, value in page._rows}


def table(page):
    return [
        [page.alarms.item(row, column).text() for column in range(3)]
        for row in range(page.alarms.rowCount())
    ]


def test_a_day_of_alarms_is_summed_up(make_rig, history):
    """Counted by hand."""
    page = make_rig(history).open()

    assert rows(page)["New alarms"] == "4"
    assert rows(page)["Acknowledged"] == "after 30 s"
    assert rows(page)["Never acknowledged"] == "3"
    assert [line[:2] for line in table(page)] == [["3", "Gate 1 · limit"], ["1", "Gate 2 · limit"]]
    assert "Chattering" in table(page)[0][2]
    assert table(page)[1][2] == ""
    assert page.verdict.text() == "Manageable for one operator"


def test_bars_stand_as_high_as_the_hours_are_busy(make_rig, history):
    """Noon is the last hour but none, 20 h before it the fourth: three times as high."""
    page = make_rig(history).open()
    heights = [page.chart.bar(index).height() for index in range(24)]

    assert heights[23] == pytest.approx(3 * heights[3], rel=1e-6)
    assert sum(height > 0 for height in heights) == 2


def test_another_time_is_read_anew(make_rig, history):
    """The last eight hours know of one alarm only."""
    rig = make_rig(history)
    page = rig.open()

    page.span_box.setCurrentIndex(0)

    rig.wait(lambda: page.load.rang == 3)
    assert len(table(page)) == 1


def test_it_is_saved(make_rig, history, tmp_path):
    """Every number, as a table."""
    rig = make_rig(history)
    page = rig.open()

    rig.qtbot.mouseClick(page.export_button, Qt.MouseButton.LeftButton)

    rig.wait((tmp_path / "load.csv").exists)
    rig.wait(lambda: "Saved" in page.note.text())
    found = list(csv.DictReader((tmp_path / "load.csv").read_text().splitlines()))
    assert [row["alarms"] for row in found if row["kind"] == "total"] == ["4"]


def test_without_a_history_it_says_so(make_rig):
    """Nothing is kept, so nothing is known: not the same as a quiet day."""
    rig = make_rig(None)

    rig.desk.open(rig.theme, rig.window)

    assert "No history" in rig.desk.page.note.text()
    assert not rig.desk.page.export_button.isEnabled()


def test_a_history_that_cannot_be_read_is_told(make_rig):
    """The page stays, with the reason."""

    class Away:
        def events_between(self, _start, _stop):
            raise StoreError("history: the server is away")

    rig = make_rig(Away())
    rig.desk.open(rig.theme, rig.window)

    rig.wait(lambda: "away" in rig.desk.page.note.text())


def test_a_page_that_was_closed_is_not_written_to(make_rig, history):
    """The disk answers late."""
    rig = make_rig(history)
    rig.desk.open(rig.theme, rig.window)
    rig.desk.page.close()

    assert rig.desk.page is None
    rig.qtbot.wait(50)
    rig.errands.collect()
