"""Readings in a CSV file: whole lines, whatever the disk does."""

import csv
import io
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.reading import Quality, Reading
from monitor.core.zone import Crowding
from monitor.outputs.csv import HEADER, CsvFile, csv_lines
from monitor.outputs.outbox import Pace
from tests.rigs.history import zone_of

NOON = datetime(2030, 5, 1, 12, tzinfo=UTC)
SOON = Pace(flush_s=0.001, retry_s=0.001)
FULL_DISK = Path("/dev/full")
LIMIT_S = 20.0


def read_of(index, **changes):
    """A reading whose count is its index."""
    values = {
        "camera": "Gate 1",
        "at_utc": NOON + timedelta(seconds=index),
        "captured_s": float(index),
        "count": float(index),
        "low": None,
        "high": None,
        "variance": None,
        "smoothed": float(index),
        "quality": Quality.GOOD,
    }
    return Reading(**(values | changes))


def write_all(path, readings):
    """Write readings with a sink of their own."""
    sink = CsvFile(path, pace=SOON)
    sink.start()
    for one in readings:
        sink.on_reading(one)
    assert sink.stop(LIMIT_S)
    return sink.health


def rows_of(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_a_reading_is_one_row_with_everything_that_is_known(tmp_path):
    """Numbers unrounded, unknown ones empty, time in UTC."""
    path = tmp_path / "counts.csv"
    known = read_of(1, count=12.345678, low=10.5, high=14.25, truth=13.0)

    health = write_all(path, [known, read_of(2)])

    assert rows_of(path) == [
        list(HEADER),
        ["2030-05-01T12:00:01.000Z", "Gate 1", "", "12.345678", "10.5", "14.25", "1.0", "good",
         "13.0", "", ""],
        ["2030-05-01T12:00:02.000Z", "Gate 1", "", "2.0", "", "", "2.0", "good", "", "", ""],
    ]  # fmt: skip
    assert (health.written, health.lost, health.is_failing) == (2, 0, False)


def test_each_zone_is_a_row_of_its_own(tmp_path):
    """The whole picture has no name of a zone; people per m² stand where they are known."""
    path = tmp_path / "counts.csv"
    zones = (
        zone_of("gate", 4.5),
        zone_of("stairs", 7.5, crowding=Crowding(20.0, 1.5, 4.25, "D")),
    )

    write_all(path, [read_of(1, zones=zones, crowding=Crowding(90.0, 0.5, None, "A"))])

    assert [(row[2], row[3], row[4], *row[9:]) for row in rows_of(path)[1:]] == [
        ("", "1.0", "", "0.5", ""),
        ("gate", "4.5", "3.5", "", ""),
        ("stairs", "7.5", "6.5", "1.5", "4.25"),
    ]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_camera_name_survives(name):
    """Commas, quotes and line breaks in a name do not break the table."""
    (row,) = csv.reader(io.StringIO(csv_lines([read_of(1, camera=name)]), newline=""))

    assert row[1] == name
    assert len(row) == len(HEADER)


def test_a_second_run_goes_on_in_the_same_file(tmp_path):
    """One header, the old rows, the new rows."""
    path = tmp_path / "counts.csv"

    write_all(path, [read_of(1)])
    write_all(path, [read_of(2)])

    assert [row[3] for row in rows_of(path)] == ["count", "1.0", "2.0"]


def test_a_line_cut_off_by_a_crash_stays_one_line(tmp_path):
    """What a power cut left does not swallow the next reading."""
    path = tmp_path / "counts.csv"
    write_all(path, [read_of(1)])
    path.write_bytes(path.read_bytes() + b"2030-05-01T12:00")

    write_all(path, [read_of(2)])

    assert rows_of(path)[-2:] == [["2030-05-01T12:00"], rows_of(path)[-1]]
    assert rows_of(path)[-1][3] == "2.0"


def test_a_file_of_something_else_is_not_touched(tmp_path):
    """Nobody's accounts are appended to by mistake."""
    path = tmp_path / "accounts.csv"
    path.write_text("name,amount\n")

    health = write_all(path, [read_of(1)])

    assert path.read_text() == "name,amount\n"
    assert health.is_failing
    assert "something else" in health.message
    assert health.lost == 1


def test_a_folder_that_is_not_there_is_a_state(tmp_path):
    """The cause is named; nothing is raised where people are counted."""
    health = write_all(tmp_path / "missing" / "counts.csv", [read_of(1)])

    assert health.is_failing
    assert "No such file" in health.message


@pytest.mark.skipif(not FULL_DISK.exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_a_state_and_loses_nothing(tmp_path):
    """Readings wait until there is room again."""
    path = tmp_path / "counts.csv"
    path.symlink_to(FULL_DISK)
    sink = CsvFile(path, pace=SOON)
    sink.start()
    sink.on_reading(read_of(1))
    pause = Event()
    while not sink.health.is_failing:
        pause.wait(0.001)
    full = sink.health
    path.unlink()
    sink.on_reading(read_of(2))
    assert sink.stop(LIMIT_S)

    assert "No space left on device" in full.message
    assert (full.waiting, full.lost) == (1, 0)
    assert [row[3] for row in rows_of(path)] == ["count", "1.0", "2.0"]
    assert not sink.health.is_failing


def test_a_batch_that_fails_half_way_leaves_no_half_line(tmp_path, monkeypatch):
    """A disk that fills up in the middle of a line leaves the file as it was."""
    path = tmp_path / "counts.csv"
    write_all(path, [read_of(1)])
    before = path.read_bytes()
    real_write = os.write
    calls = []

    def write_half(handle, data):
        if calls:
            raise OSError(28, "No space left on device")
        calls.append(1)
        return real_write(handle, data[: len(data) // 2])

    monkeypatch.setattr("monitor.outputs.csv.os.write", write_half)
    health = write_all(path, [read_of(2)])

    assert path.read_bytes() == before
    assert (health.is_failing, health.lost) == (True, 1)
