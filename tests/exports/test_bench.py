"""What is measured is what was asked for; how long it takes is nobody's promise."""

import json

import numpy as np
import pytest
import torch
from torch import nn

from exports.__main__ import main
from exports.bench import Contender, load_of, measure, torch_contenders
from exports.errors import ExportError
from exports.model_file import write_model
from monitor.inference.model import load_model
from tests.rigs.plain_counter import plain_graph, plain_manifest, write_plain
from training.models.output import BlockOutput, Counter


@pytest.fixture
def model(tmp_path):
    return load_model(write_plain(tmp_path / "plain.onnx"))


def test_pictures_are_filled_up_as_the_app_does(model):
    """37×41 becomes 40×48 with blocks of 8; the batch is one array."""
    load = load_of(model, (37, 41), 3)

    assert [one.shape for one in load.frames] == [(3, 40, 48, 3)]


def test_windows_of_all_pictures_go_together(tmp_path):
    """Two pictures of 2 × 3 windows are twelve windows at once."""
    path = tmp_path / "w.onnx"
    manifest = plain_manifest().model_copy(update={"window_px": 64, "stride_px": 64})
    write_model(plain_graph(), manifest, path)

    load = load_of(load_model(path), (128, 192), 2)

    assert [one.shape for one in load.frames] == [(12, 64, 64, 3)]


def test_contenders_take_turns(model):
    """One turn that is not timed, then as many as asked for, in one order."""
    order = []
    contenders = [Contender(name, "cpu", lambda _, name=name: order.append(name)) for name in "ab"]

    found = measure(contenders, load_of(model, (64, 64), 2), turns=3, threads=1)

    assert order == ["a", "b"] * 4
    assert [(one.contender, one.batch, one.turns, one.size) for one in found] == [
        ("a", 2, 3, "64x64"),
        ("b", 2, 3, "64x64"),
    ]
    assert found[0].relative == 1.0


def test_command_writes_what_it_measured(tmp_path, capsys):
    """Two files by two sizes and two batches, with the machine that it was measured on."""
    one, two = write_plain(tmp_path / "one.onnx"), write_plain(tmp_path / "two.onnx", seed=1)
    out = tmp_path / "speeds.json"
    words = ["--sizes", "64x48", "80x80", "--batch", "1", "2", "--threads", "1", "--turns", "2"]

    assert main(["bench", str(one), str(two), *words, "--provider", "cpu", "--json", str(out)]) == 0

    document = json.loads(out.read_text())
    results = document["results"]
    assert [(r["contender"], r["size"], r["batch"]) for r in results] == [
        (name, size, batch)
        for size in ("64x48", "80x80")
        for batch in (1, 2)
        for name in ("one.onnx", "two.onnx")
    ]
    assert all(r["median_ms"] > 0 and r["threads"] == 1 for r in results)
    assert np.isclose(results[0]["frames_per_s"], 1000 / results[0]["median_ms"])
    assert document["machine"]["onnxruntime"]
    assert "two.onnx" in capsys.readouterr().out


class MeanCounter(Counter):
    """Counts light: enough to be timed."""

    def __init__(self):
        super().__init__()
        self.block_px = self.size_multiple = 8
        self.mean, self.std = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)

    def forward(self, pictures):
        """Count; see `Counter`."""
        return BlockOutput(nn.functional.avg_pool2d(pictures, 8).mean(dim=1))


def test_torch_without_a_compiler_is_measured_as_it_is(monkeypatch):
    """The network in torch is a contender; what cannot be compiled is told, not fatal."""

    def refuse(_):
        raise RuntimeError("no compiler")

    monkeypatch.setattr(torch, "compile", lambda _: refuse)
    frames = np.full((2, 16, 24, 3), 255, np.uint8)

    found, missing = torch_contenders(MeanCounter(), provider="cpu", threads=0, example=frames)

    assert [one.name for one in found] == ["torch eager"]
    assert "torch.compile does not work here (RuntimeError)" in missing
    (density,) = found[0].run(frames)
    assert density.shape == (2, 2, 3)
    assert torch.allclose(density, torch.ones(2, 2, 3))


@pytest.mark.parametrize(
    "words", [["--sizes", "big"], ["--turns", "0"], ["--threads", "-1"], ["--batch", "0"]]
)
def test_nonsense_is_one_sentence(tmp_path, capsys, words):
    """Exit code 1 and the option's name."""
    path = write_plain(tmp_path / "one.onnx")

    assert main(["bench", str(path), "--provider", "cpu", *words]) == 1

    assert capsys.readouterr().err.startswith("error:")


def test_nothing_to_measure_is_refused(model):
    """Pictures without sides."""
    with pytest.raises(ExportError, match="nothing to measure"):
        load_of(model, (0, 64), 1)
