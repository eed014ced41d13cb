"""What a plot shows, as files."""

import csv
from datetime import datetime

import numpy as np
import pytest

from monitor.core.errors import OutputError
from monitor.ui.plot_file import save_plot
from tests.rigs.plots import data_of


def test_a_table_holds_what_is_drawn(tmp_path):
    """Point for point, unrounded; a gap is no row, an unknown bound an empty cell."""
    data = data_of([1.25, np.nan, 3.5], low=[0.5, np.nan, 3.0])

    save_plot(tmp_path / "counts.csv", "Gate, north", data)

    with (tmp_path / "counts.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["camera"], row["count"], row["low"], row["high"]) for row in rows] == [
        ("Gate, north", "1.25", "0.5", ""),
        ("Gate, north", "3.5", "3.0", ""),
    ]
    assert datetime.fromisoformat(rows[1]["time_utc"]).timestamp() == 1000.0


def test_a_folder_that_is_not_there_is_told(tmp_path):
    """With the path, and without a traceback."""
    with pytest.raises(OutputError, match=r"counts\.csv: cannot be written"):
        save_plot(tmp_path / "no" / "counts.csv", "a", data_of([1.0]))
