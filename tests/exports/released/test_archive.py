"""Opening released files safely."""

import io
import json
import pickle
import tarfile
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from exports.errors import ExportError
from exports.released.archive import open_archive

WEIGHTS = {"classifier.weight": torch.ones(2, 3)}


class _Hostile:
    """Leaves a mark on the disk when it is unpickled by an unsafe loader."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> tuple[object, tuple[str, ...]]:
        return Path.touch, (Path(self._mark),)  # type: ignore[return-value]  # any callable does


@pytest.mark.parametrize("writer", ["torch", "pickle"])
def test_a_file_that_wants_to_run_code_is_refused(tmp_path: Path, writer: str) -> None:
    """Nothing runs, and the message says why the file was refused."""
    path, mark = tmp_path / "best_mae_0.pth", tmp_path / "mark"
    content = {"weights": WEIGHTS, "extra": _Hostile(mark)}
    if writer == "torch":
        torch.save(content, path)
    else:
        path.write_bytes(pickle.dumps(content["extra"]))

    with pytest.raises(ExportError, match="could run code") as refusal:
        open_archive(path)

    assert not mark.exists()
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "content",
    [
        WEIGHTS,
        {"weights": WEIGHTS, "config": {"bins": [(0.0, float("inf"))]}},
        {"model_state_dict": WEIGHTS, "epoch": 7, "best_scores": np.float64(50.2)},
        {"state_dict": {f"module.{key}": value for key, value in WEIGHTS.items()}},
        {f"model.{key}": value for key, value in WEIGHTS.items()},
    ],
    ids=["bare", "zip", "resumable with numpy scores", "parallel", "wrapped"],
)
def test_all_published_forms_are_read(tmp_path: Path, content: object) -> None:
    """Weights are found wherever the programs put them, wrappers taken off."""
    path = tmp_path / "file.pth"
    torch.save(content, path)

    archive = open_archive(path)

    assert list(archive.weights) == ["classifier.weight"]
    torch.testing.assert_close(archive.weights["classifier.weight"], torch.ones(2, 3))


def test_safetensors_with_description(tmp_path: Path) -> None:
    """The description lies beside the weights."""
    path = tmp_path / "model.safetensors"
    save_file({f"model.{key}": value for key, value in WEIGHTS.items()}, path)
    (tmp_path / "config.json").write_text(json.dumps({"reduction": 8}))

    archive = open_archive(path)

    assert list(archive.weights) == ["classifier.weight"]
    assert archive.config == {"reduction": 8}


def test_what_is_no_checkpoint(tmp_path: Path) -> None:
    """A missing file, noise, an unpacked archive and a file without weights: one sentence each."""
    noise, empty, packed = (tmp_path / name for name in ("noise.pth", "empty.pth", "released.tgz"))
    noise.write_bytes(b"\x00\x01 nothing of use")
    torch.save({"epoch": 3}, empty)
    with tarfile.open(packed, "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("best_mae_0.pth"), io.BytesIO())
    broken = tmp_path / "model.safetensors"
    broken.write_bytes(b"12")

    for path, message in (
        (tmp_path / "absent.pth", "no such file"),
        (noise, "is no checkpoint"),
        (empty, "no weights"),
        (packed, "unpack it"),
        (broken, "cannot be read as safetensors"),
    ):
        with pytest.raises(ExportError, match=message):
            open_archive(path)
