"""`python -m exports import`: a released file becomes a checkpoint or a model file of ours."""

from pathlib import Path

import pytest
import torch

from exports.__main__ import main
from monitor.inference.model import load_model
from tests.rigs import golden
from training.checkpoint import load_checkpoint


def released(path: Path) -> Path:
    """Write the smallest ZIP as its authors release it, with weights filled by rule."""
    bins, values = golden.zip_bins("sha", 16)
    weights = golden.fill("zip_p_bs16", lambda name: 1.0, torch.tensor(values))
    meta = golden.keys("zip_p_bs16")["meta"]
    assert isinstance(meta, dict)
    config = {
        "model_name": meta["model"],
        "block_size": 16,
        "bins": bins,
        "bin_centers": values,
        "zero_inflated": True,
    }
    torch.save({"config": config, "weights": weights}, path)
    return path


@golden.needs_golden
@pytest.mark.slow
def test_released_file_becomes_a_checkpoint_and_a_model_file(tmp_path: Path) -> None:
    """Both are written by one command, and the model file opens in the app."""
    source = released(tmp_path / "best_mae.pth")

    assert main(["import", str(source), str(tmp_path / "zip.ckpt")]) == 0
    assert main(["import", str(source), str(tmp_path / "zip.onnx")]) == 0

    assert load_checkpoint(tmp_path / "zip.ckpt").network.network == "zip"
    manifest = load_model(tmp_path / "zip.onnx").manifest
    assert (manifest.method, manifest.block_px, manifest.has_variance) == ("zip", 16, True)


@pytest.mark.parametrize("content", [None, b"", b"no checkpoint"])
def test_anything_else_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    """Missing, empty or foreign files: exit code 1, a message that names the file, no output."""
    source = tmp_path / "what.pth"
    if content is not None:
        source.write_bytes(content)

    assert main(["import", str(source), str(tmp_path / "out.ckpt")]) == 1

    assert "what.pth" in capsys.readouterr().err
    assert not (tmp_path / "out.ckpt").exists()
