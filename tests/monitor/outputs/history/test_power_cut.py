"""A writer that is killed at any moment: nothing confirmed is lost, nothing is corrupt."""

import random
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.outputs.history.history import PACE
from monitor.outputs.history.schema import to_us
from monitor.outputs.outbox import Pace
from tests.rigs.history import NOON

KILLS = 5
ROOT = Path(__file__).parents[4]


def killed_writer(path, first, lines):
    """Let a program write until it has printed some lines, kill it, give what it confirmed."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.rigs.history_writer", str(path), str(first)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        for _ in range(lines):
            confirmed = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        process.stdout.read()
    assert process.returncode == -signal.SIGKILL
    return confirmed


def stored_counts(plain, table):
    return [row[0] for row in plain.execute(f"SELECT count FROM {table} ORDER BY id")]


@pytest.mark.slow
def test_killed_again_and_again_while_writing(tmp_path):
    """After each kill: whole, without gaps, all that was confirmed, and sums that agree."""
    path = tmp_path / "history.sqlite"
    chance = random.Random(7)
    expected_min, expected = 0, []

    for _ in range(KILLS):
        first = len(expected)
        confirmed = killed_writer(path, first, chance.randint(1, 400))
        plain = sqlite3.connect(path)
        if plain.execute("SELECT 1 FROM sqlite_master").fetchone() is None:
            continue  # killed before the tables were made
        assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        expected = stored_counts(plain, "crowd_readings")
        assert expected == [float(index) for index in range(len(expected))]
        assert len(expected) >= first + confirmed
        expected_min += confirmed
        assert stored_counts(plain, "crowd_zone_readings") == expected
        for zone, period_s in (("", 60), ("", 3600), ("stairs", 60), ("stairs", 3600)):
            sums = plain.execute(
                "SELECT sum(readings), sum(count_sum), min(first_us) FROM crowd_rollups"
                " WHERE zone = ? AND period_s = ?",
                (zone, period_s),
            ).fetchone()
            assert (
                sums == (len(expected) or None, sum(expected) or None, to_us(NOON)) or not expected
            )
        plain.close()

    assert expected_min > 0, "no kill came after something was confirmed"


def test_what_waits_is_younger_than_a_second():
    """What a power cut can take are the readings gathered for the next write."""
    assert PACE.flush_s <= 0.5
    assert Pace().flush_s <= 1.0
