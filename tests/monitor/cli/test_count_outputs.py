"""Rows of counts as text."""

import json
from pathlib import Path

import numpy as np
import pytest

from monitor.cli.count_outputs import CountedRow, CsvTable, Tally, count_row, json_line, text_line
from monitor.core.errors import OutputError
from monitor.core.prediction import Prediction
from tests.rigs.sources import gray_frame

ROW = CountedRow('Köln, "Dom"', 3, 0.12, 1 / 3, None, None)


def row(count: float) -> CountedRow:
    return CountedRow("v", 0, 0.0, count, count - 1, count + 1)


def test_csv_keeps_every_digit(tmp_path: Path) -> None:
    """Numbers come back as they were; names with commas and quotes too."""
    path = tmp_path / "a.csv"

    with CsvTable(path) as table:
        table.write(ROW)

    assert path.read_text(encoding="utf-8").splitlines()[1] == (
        '"Köln, ""Dom""",3,0.12,0.3333333333333333,,'
    )


def test_rows_are_on_the_disk_at_once(tmp_path: Path) -> None:
    """A row is in the file as soon as it was counted: a crash loses nothing."""
    path = tmp_path / "a.csv"

    with CsvTable(path) as table:
        table.write(row(5.0))

        assert path.read_text().count("\n") == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_told() -> None:
    """The message names the file."""
    with pytest.raises(OutputError, match="/dev/full"):
        CsvTable(Path("/dev/full"))


def test_json_has_null_for_the_unknown() -> None:
    """Unknown bounds are null; letters stay letters."""
    assert json.loads(json_line(ROW))["low"] is None
    assert "Köln" in json_line(ROW)


@pytest.mark.parametrize(("thing", "source"), [("people", "a.mp4"), ("cars", "a.mp4 · cars")])
def test_a_row_says_what_was_counted(thing: str, source: str) -> None:
    """Nobody takes a table of cars for one of people."""
    density = np.full((2, 2), 0.75, dtype=np.float32)
    prediction = Prediction(density, 8, (16, 16), None, 0.1, counts=thing)

    found = count_row("a.mp4", gray_frame(7, captured_s=0.0), prediction)

    assert (found.source, found.frame, found.count) == (source, 7, 3.0)


def test_text_has_the_interval() -> None:
    """A line for people has one decimal."""
    assert text_line(row(5.04), "people") == "v: 5.0 (4.0 to 6.0) people"


def test_tally_adds_up() -> None:
    """Mean, least, most and last of 1, 5 and 3."""
    tally = Tally()
    for count in (1.0, 5.0, 3.0):
        tally.take(row(count))

    assert tally.text("v", "people") == (
        "v: 3 frames, people on average 3.0, least 1.0, most 5.0, at the end 3.0 (2.0 to 4.0)"
    )


def test_tally_of_nothing() -> None:
    """Without frames there are no numbers."""
    assert Tally().text("v", "people") == "v: no frames"
