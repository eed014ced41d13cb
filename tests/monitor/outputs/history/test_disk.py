"""Real disks that are full or write-protected: a state that passes by itself, and nothing lost."""

import os
import subprocess
from contextlib import contextmanager
from datetime import timedelta

import pytest

from monitor.outputs.history.database import open_database
from monitor.settings.outputs import parse_address
from tests.rigs.history import LIMIT_S, NOON, read_of, ring_of
from tests.rigs.waiting import wait_until

READINGS = 4000


@contextmanager
def small_disk(place, size):
    """Mount a disk in memory; skips the test where that is not allowed."""
    if os.name != "posix" or os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    place.mkdir()
    made = run_mount("-t", "tmpfs", "-o", f"size={size}", "crowd-test", str(place))
    if made.returncode != 0:
        pytest.skip(f"a small disk cannot be mounted here: {made.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def run_mount(*arguments):
    return subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)


def counts_of(history):
    points = history.readings_between(
        "Gate 1", NOON, NOON + timedelta(seconds=READINGS), points_max=READINGS
    )
    return [one.count for one in points]


def test_a_disk_that_fills_up_and_is_freed(tmp_path, open_history):
    """The disk is full for as long as it is; then every reading and every alarm is there."""
    place = tmp_path / "disk"
    with small_disk(place, "400k"):
        history = open_history(parse_address(f"sqlite:///{place}/history.sqlite", {}))
        for index in range(READINGS):
            history.on_reading(read_of(index))
        history.on_event(ring_of(0))
        wait_until(lambda: history.health.is_failing, "the disk is full", within_s=LIMIT_S)
        full = history.health
        assert run_mount("-o", "remount,size=50m", str(place)).returncode == 0
        wait_until(lambda: history.health.waiting == 0, "all is written", within_s=LIMIT_S)

        assert counts_of(history) == [float(index) for index in range(READINGS)]
        assert history.events_between(NOON, NOON + timedelta(seconds=1)) == (ring_of(0),)
        assert (history.health.lost, history.health.is_failing) == (0, False)
        assert history.stop(LIMIT_S)
    assert "the disk is full" in full.message
    assert full.lost == 0


def test_a_write_protected_disk_that_is_released(tmp_path, open_history):
    """As after an error of the disk, when the system protects it, and a person mends it."""
    place = tmp_path / "disk"
    with small_disk(place, "10m"):
        address = parse_address(f"sqlite:///{place}/history.sqlite", {})
        open_database(address).dispose()
        assert run_mount("-o", "remount,ro", str(place)).returncode == 0
        history = open_history(address)
        history.on_reading(read_of(7))
        wait_until(lambda: history.health.is_failing, "it is noticed", within_s=LIMIT_S)
        protected = history.health
        assert run_mount("-o", "remount,rw", str(place)).returncode == 0
        wait_until(lambda: history.health.written == 1, "it is written", within_s=LIMIT_S)

        assert counts_of(history) == [7.0]
        assert history.stop(LIMIT_S)
    assert "check its" in protected.message
    assert (protected.waiting, protected.lost) == (1, 0)
