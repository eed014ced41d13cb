"""Laying pictures out on the ground: beside the counting, once for each size."""

import threading

import numpy as np
import pytest

from monitor.core.prediction import Prediction
from monitor.engine import scene as surveying
from monitor.engine.scene import GroundGridWorker
from monitor.scene.crowd import CrowdMeter
from monitor.scene.crowding import GroundGrid
from monitor.scene.ground_fit import from_rectangle
from tests.rigs.load import scaled_s
from tests.rigs.waiting import wait_until

SIZE_HW = (96, 128)
BLOCK_PX = 16
SQUARE = ((0.2, 0.4), (0.8, 0.4), (1.0, 1.0), (0.0, 1.0))


@pytest.fixture
def plane():
    """A square of four metres, seen from above."""
    return from_rectangle(SQUARE, (4.0, 4.0), aspect=128 / 96, head_height_m=0.0)


@pytest.fixture
def gate(monkeypatch):
    """Holds every survey until it is set; notes who works."""
    held = threading.Event()
    held.workers = []

    def lay_out(plane, size_hw, block_px):
        held.workers.append(threading.current_thread().name)
        assert held.wait(scaled_s(30))
        return GroundGrid(plane, size_hw, block_px)

    monkeypatch.setattr(surveying, "kept_grid", lay_out)
    yield held
    held.set()


def test_whoever_counts_does_not_wait(plane, gate):
    """Neither at the first picture nor at the next; the work is done once, elsewhere."""
    surveyor = GroundGridWorker("Gate")

    asked = [surveyor.grid(plane, SIZE_HW, BLOCK_PX) for _ in range(3)]

    assert asked == [None] * 3
    assert gate.workers == ["crowd-survey-Gate"]
    gate.set()
    wait_until(lambda: not surveyor.is_working, "the ground is laid out")
    assert surveyor.grid(plane, SIZE_HW, BLOCK_PX) is surveyor.grid(plane, SIZE_HW, BLOCK_PX)
    assert len(gate.workers) == 1


def test_a_grid_that_was_laid_out_before_is_there_at_once(plane):
    """While zones are drawn no reading is without people per m²."""
    first = GroundGridWorker("Gate")
    wait_until(lambda: first.grid(plane, SIZE_HW, BLOCK_PX) is not None, "the ground is laid out")

    assert GroundGridWorker("Gate").grid(plane, SIZE_HW, BLOCK_PX) is first.grid(
        plane, SIZE_HW, BLOCK_PX
    )


def test_another_size_is_laid_out_anew(plane, gate):
    """A camera that changes its resolution, even in the middle of the work."""
    surveyor = GroundGridWorker("Gate")
    surveyor.grid(plane, SIZE_HW, BLOCK_PX)

    assert surveyor.grid(plane, (192, 256), BLOCK_PX) is None
    gate.set()

    wait_until(
        lambda: (
            (found := surveyor.grid(plane, (192, 256), BLOCK_PX)) is not None
            and found.is_sure.shape == (12, 16)
        ),
        "the new size is laid out",
    )


def test_a_plane_that_cannot_be_right_is_told_each_time(plane, monkeypatch):
    """By the error of the grid, not by silence."""

    def refuse(*_):
        raise ValueError("the ground plane reaches too far")

    monkeypatch.setattr(surveying, "kept_grid", refuse)
    surveyor = GroundGridWorker("Gate")

    for _ in range(2):
        with pytest.raises(ValueError, match="too far"):
            surveyor.grid(plane, SIZE_HW, BLOCK_PX)


def test_people_are_counted_before_their_density_is_known(plane, gate):
    """Nobody is left out meanwhile; people per m² are unknown, not zero."""
    surveyor = GroundGridWorker("Gate")
    meter = CrowdMeter(plane=plane, grid_of=surveyor.grid)
    density = np.full((6, 8), 0.25, np.float32)
    prediction = Prediction(density, BLOCK_PX, SIZE_HW, None, 0.01)

    early = meter.read(prediction, 0.0)
    gate.set()
    wait_until(lambda: not surveyor.is_working, "the ground is laid out")
    late = meter.read(prediction, 0.5)

    assert (early.whole.count, early.whole.crowding) == (12.0, None)
    assert late.whole.crowding.mean_m2 > 0
