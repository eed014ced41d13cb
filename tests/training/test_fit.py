"""One seed gives one result, a killed run goes on as if nothing had happened, and it learns."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tests.rigs.labelled import write_common
from tests.rigs.tiny_clip import VIT
from training.checkpoint import load_checkpoint
from training.evaluate import main as evaluate
from training.fit import main as fit
from training.small_clip import train_small_clip, write_clip

OPTIONS = [
    "--crop-px", "64", "--batch", "2", "--workers", "0", "--accelerator", "cpu",
    "--warm-up-steps", "2", "--seed", "3",
]  # fmt: skip
FAMILIES = {
    "ebc": ["--model", "ebc-mobilenet-half"],
    "zip": ["--model", "zip:P", "--block", "32", "--optimizer", "adam", "--period-steps", "2"],
    "clip-ebc": [
        "--model", "clip-ebc:{tower}", "--vpt", "4", "--vpt-dropout", "0.3", "--count-loss", "dm",
        "--crops-per-picture", "2",
    ],
}  # fmt: skip


pytestmark = pytest.mark.slow


@pytest.fixture
def data(tmp_path):
    return write_common(tmp_path / "dots", [3, 8, 5, 0, 4, 6])


def words(data, out, *more, family="ebc"):
    """The words of the command line; the tower is a small one of our own."""
    tower = data.parent / "tower.json"
    tower.write_text(json.dumps(VIT))
    named = [word.format(tower=tower) for word in FAMILIES[family]]
    return ["--data", str(data), "--out", str(out), *OPTIONS, *named, *more]


def train(data, out, *more, family="ebc"):
    """Run the command; gives its exit code."""
    return fit(words(data, out, *more, family=family))


def weights_of(path):
    """The weights in a file of the trainer's own, or of ours."""
    document = torch.load(path, weights_only=False)
    return document["state_dict"] if "state_dict" in document else document["weights"]


def assert_same(one, other):
    assert one.keys() == other.keys()
    for name, value in one.items():
        assert torch.equal(value, other[name]), name


def reports(capsys):
    """Lines on validations that a run has said, without a mark for the best."""
    lines = capsys.readouterr().out.splitlines()
    return [one.removesuffix("  (best)") for one in lines if one.startswith("step ")]


@pytest.mark.parametrize(
    ("family", "each", "wanted"),
    [*((one, 1, ["step 3", "step 6"]) for one in FAMILIES), ("ebc", 2, ["step 6"])],
)
def test_one_seed_one_result_and_resume_changes_nothing(
    data, tmp_path, capsys, family, each, wanted
):
    """Six steps at once, and three, a stop, and three more, end in the same weights, bit by bit.

    With dropout too: chance is drawn from the number of the step. The end is judged both ways,
    also where the stop comes between two validations.
    """
    steps = ["--steps-per-epoch", "3", "--validate-every", str(each), "--steps", "6"]
    assert train(data, tmp_path / "whole", *steps, family=family) == 0
    judged = reports(capsys)

    script = f"""
import lightning as L, sys
from training import fit
class Stop(L.Callback):
    def on_train_epoch_start(self, trainer, module):
        if trainer.current_epoch == 1:
            import os, signal
            os.kill(os.getpid(), signal.SIGKILL)
make = fit._trainer
def with_stop(*arguments):
    trainer = make(*arguments)
    trainer.callbacks.append(Stop())
    return trainer
fit._trainer = with_stop
sys.exit(fit.main({words(data, tmp_path / "killed", *steps, family=family)!r}))
"""
    killed = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert train(data, tmp_path / "killed", *steps, "--resume", family=family) == 0
    assert [one.partition(":")[0] for one in judged] == wanted
    assert reports(capsys) == judged[-1:]

    assert_same(
        weights_of(tmp_path / "whole" / "last.ckpt"), weights_of(tmp_path / "killed" / "last.ckpt")
    )


def test_run_is_not_overwritten_and_nothing_is_not_resumed(data, tmp_path, capsys):
    """Work of hours is never lost by a repeated command."""
    assert train(data, tmp_path / "run", "--resume", "--steps", "1") == 1
    assert "nothing to resume" in capsys.readouterr().err
    assert train(data, tmp_path / "run", "--steps", "1", "--steps-per-epoch", "1") == 0

    assert train(data, tmp_path / "run", "--steps", "1") == 1
    assert "a run is there already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "said", "code"),
    [
        (["--model", "yolo"], "no model is called 'yolo'", 1),
        (["--bins", "0,2+"], "do not touch", 1),
        (["--crop-px", "100"], "crop_px", 2),
        (["--crop-px", "72"], "needs a multiple of 32", 1),
        (["--model", "zip:P", "--block", "16", "--margin-px", "8"], "blocks of 16 px", 1),
        (["--model", "zip:P", "--least-pixels", "9000"], "leave it away", 1),
        (["--model", "zip:P", "--detail", "8"], "leave it away", 1),
        (["--accelerator", "abacus"], "cannot train as asked", 1),
        (["--init", "gone.ckpt", "--model", "zip:P"], "leave --model away", 1),
        (["--steps", "10", "--steps-per-epoch", "4"], "last weights are judged", 2),
    ],
)
def test_wrong_use_is_one_sentence(data, tmp_path, capsys, more, said, code):
    """No traceback, an exit code, and what to mend."""
    try:
        found = train(data, tmp_path / "run", *more)
    except SystemExit as stop:
        found = stop.code

    assert found == code
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("option", [("--margin-px", "8"), ("--pasted", "0.5")])
def test_a_counter_of_named_things_refuses_what_it_would_not_heed(data, tmp_path, capsys, option):
    """CLIP-Count takes its crops in its own way; an option without effect would deceive."""
    model, _ = train_small_clip(steps=2, seed=0)
    write_clip(model, tmp_path)
    named = ["--model", f"clip-count:{tmp_path / 'clip.json'}", "--crop-px", "48"]
    weights = ["--pretrained", str(tmp_path / "clip.pt")]

    assert train(data, tmp_path / "run", *named, *weights, *option) == 1
    assert "leave --margin-px and --pasted away" in capsys.readouterr().err.replace("\n", " ")


def test_checkpoint_carries_everything_and_is_scored(data, tmp_path, capsys):
    """After a few steps: config, data hash and bins are in the file; evaluate reads it back."""
    assert train(data, tmp_path / "run", "--steps", "2", "--steps-per-epoch", "2") == 0
    path = tmp_path / "run" / "model.ckpt"

    checkpoint = load_checkpoint(path)

    notes = checkpoint.metadata
    assert notes["options"]["seed"] == 3
    assert len(notes["data_sha256"]) == 64
    assert notes["data"][0] | {"split": ""} == {
        "name": "dots", "licence": "made for tests", "pictures": 4, "held_out": 2, "split": "",
    }  # fmt: skip
    assert sum(notes["bin_shares"]) == pytest.approx(1)
    table = tmp_path / "scores.csv"
    assert evaluate([str(path), "--data", str(data), "--calibrate", "--csv", str(table)]) == 0
    assert "MAE" in capsys.readouterr().out
    assert len(Path(table).read_text().splitlines()) == 1 + 2
    calibrated = load_checkpoint(path)
    assert calibrated.metadata["errors"][0]["pictures"] == 2
    assert calibrated.metadata["calibration"]["variance_factor"] > 0
    assert_same(checkpoint.weights, calibrated.weights)


def test_it_learns_dots(tmp_path):
    """On dark dots, 300 short steps bring the error far below that of guessing the mean."""
    counts = [2, 12, 5, 9, 0, 15, 7, 3, 11, 6, 1, 14, 4, 13, 8, 10]
    data = write_common(tmp_path / "dots", counts, held_out=6)
    held = counts[-6:]
    guess = sum(abs(one - sum(held) / 6) for one in held) / 6

    code = train(
        data, tmp_path / "run", "--steps", "300", "--steps-per-epoch", "100",
        "--validate-every", "1", "--batch", "6", "--average-decay", "0",
        "--learning-rate", "0.004",
    )  # fmt: skip

    assert code == 0
    relative = load_checkpoint(tmp_path / "run" / "model.ckpt").metadata["relative_error"]
    assert relative * sum(held) / 6 < 0.6 * guess


def test_frozen_normalization_keeps_its_statistics(data, tmp_path):
    """Going on from a checkpoint with frozen normalization: weights move, statistics do not."""
    assert train(data, tmp_path / "first", "--steps", "2", "--average-decay", "0") == 0
    first = tmp_path / "first" / "model.ckpt"
    options = [one for one in OPTIONS if one not in ("--model", "ebc-mobilenet-half")]
    went_on = ["--init", str(first), "--freeze-norm", "--steps", "4", "--average-decay", "0"]

    assert fit(["--data", str(data), "--out", str(tmp_path / "on"), *options, *went_on]) == 0

    before, after = weights_of(first), weights_of(tmp_path / "on" / "model.ckpt")
    statistics = [name for name in before if name.endswith(("running_mean", "running_var"))]
    assert statistics
    for name in statistics:
        assert torch.equal(before[name], after[name]), name
    assert not torch.equal(before["head.2.weight"], after["head.2.weight"])
