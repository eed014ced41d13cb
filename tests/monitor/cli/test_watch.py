"""What the window of a site is connected to."""

import pytest

from monitor.cli.watch import note_of
from monitor.core.clock import SystemClock
from monitor.engine.engine import Engine
from monitor.inference.model import load_model
from tests.rigs.counters import FixedCounter
from tests.rigs.tiny_model import tiny_manifest, write_tiny_model


@pytest.fixture
def engine():
    return Engine([], FixedCounter(3.0), clock=SystemClock())


def test_the_note_is_that_of_the_model_that_counts_now(engine, tmp_path):
    """Its name and what it was trained on; of what is no model file nothing is said."""
    assert note_of(engine) == ""

    engine.use_counter(load_model(write_tiny_model(tmp_path / "tiny.onnx"), provider="cpu"))

    assert note_of(engine).startswith(f"{tiny_manifest().name} (")
    assert "Trained on" in note_of(engine)
