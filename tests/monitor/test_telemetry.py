"""ONNX Runtime, which calls home where it is not told otherwise, is told otherwise."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rigs.load import scaled_s

RUN = """
import {package}
import onnxruntime
onnxruntime.InferenceSession({model!r}, providers=["CPUExecutionProvider"])
"""


@pytest.mark.parametrize("package", ["monitor", "training", "exports"])
def test_nothing_is_gathered(package, tmp_path):
    """Beside the events it sends, it keeps a mark of the machine in the cache folder: neither."""
    model = str(Path("assets/models/crowd-small.onnx").resolve())
    private = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    told = {key: value for key, value in os.environ.items() if key != "ORT_DISABLE_TELEMETRY"}
    told.pop("CI", None)  # telemetry is off where this is set, too

    subprocess.run(
        [sys.executable, "-c", RUN.format(package=package, model=model)],
        env=told | private,
        check=True,
        timeout=scaled_s(120),
    )

    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == []
