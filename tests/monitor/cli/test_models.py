"""`crowd-monitor models`."""

import json
from collections.abc import Callable
from pathlib import Path

from typer.testing import Result

from monitor.cli.models import error_lines, facts_of, interval_line, training_lines
from monitor.core.manifest import Calibration, Manifest, read_manifest
from tests.rigs.tiny_model import tiny_manifest

Call = Callable[..., Result]


def test_info_says_data_and_error(call: Call, tiny_model: Path) -> None:
    """What the model was trained on, how wrong it is, and where it runs."""
    result = call("models", "info", tiny_model)

    assert result.exit_code == 0
    for part in ("bright blocks", "Nothing: 0 pictures (none)", "mean absolute error 1.5", "cpu"):
        assert part in result.stdout


def test_info_as_json_is_the_manifest(call: Call, tiny_model: Path) -> None:
    """The JSON is a manifest that can be read back."""
    result = call("models", "info", tiny_model, "--json")

    assert read_manifest(result.stdout, origin="out") == tiny_manifest()
    assert json.loads(result.stdout)["name"] == "bright blocks"


def test_info_of_no_model_is_a_failure(call: Call, tmp_path: Path) -> None:
    """A file that is no model is one sentence."""
    path = tmp_path / "x.onnx"
    path.write_bytes(b"no model")

    result = call("models", "info", path)

    assert result.exit_code == 1
    assert "x.onnx" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_nothing_is_claimed_that_was_not_measured() -> None:
    """A manifest without data, errors or calibration says so."""
    bare = Manifest(
        name="bare", method="zip", block_px=8, size_multiple=8, has_variance=False,
        software_version="0", checkpoint_sha256="0",
    )  # fmt: skip

    assert training_lines(bare) == ["not said in the model file"]
    assert error_lines(bare) == ["not measured"]
    assert interval_line(bare).startswith("none")


def test_the_interval_is_told_as_measured() -> None:
    """Promise and measurement stand side by side."""
    measured = tiny_manifest()
    unmeasured = measured.model_copy(update={"calibration": Calibration(variance_factor=1.0)})

    assert interval_line(measured) == "meant to hold in 90 % of pictures; held in 90 % of 50"
    assert interval_line(unmeasured).endswith("not measured")


def test_windows_are_told() -> None:
    """A model with a window says which; one without takes any size."""
    windowed = tiny_manifest().model_copy(update={"window_px": 224, "stride_px": 112})

    assert "windows of 224 px every 112 px" in dict(facts_of(windowed))["pictures"]
    assert "any size" in dict(facts_of(tiny_manifest()))["pictures"]
