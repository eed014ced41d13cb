"""A file that holds an engine runs on TensorRT, and says so anywhere else."""

import pytest

from monitor.core.errors import ModelError
from monitor.inference.files import holds_engine, provider_for
from tests.rigs.plain_counter import write_engine
from tests.rigs.tiny_model import write_tiny_model


@pytest.fixture
def engine(tmp_path):
    return write_engine(tmp_path / "engine.onnx")


def test_engines_are_told_from_networks(engine, tmp_path):
    """By the file alone, without opening a session."""
    assert holds_engine(engine)
    assert not holds_engine(write_tiny_model(tmp_path / "network.onnx"))


@pytest.mark.parametrize("asked", ["auto", "tensorrt"])
def test_engine_runs_on_tensorrt(engine, asked):
    """Nobody has to say so."""
    assert provider_for(engine, asked, is_tensorrt_here=True) == "tensorrt"


@pytest.mark.parametrize(
    ("asked", "is_here", "words"),
    [("auto", False, "no TensorRT"), ("tensorrt", False, "cannot run"), ("cpu", True, "'cpu'")],
)
def test_engine_elsewhere_is_refused(engine, asked, is_here, words):
    """With what to do instead."""
    with pytest.raises(ModelError, match=rf"{words}.*model file that it was made from"):
        provider_for(engine, asked, is_tensorrt_here=is_here)


def test_networks_run_where_asked(tmp_path):
    """Nothing changes for every other file."""
    path = write_tiny_model(tmp_path / "network.onnx")

    assert provider_for(path, "auto", is_tensorrt_here=True) == "auto"
    assert provider_for(path, "cuda", is_tensorrt_here=False) == "cuda"
