"""Two processes that train together do what one would do with the whole batch."""

import json
import subprocess
import sys

import pytest
import torch

from tests.rigs.labelled import write_common
from tests.rigs.tiny_clip import VIT
from training.checkpoint import load_checkpoint

pytestmark = pytest.mark.slow

# Batch normalization that spans processes runs on GPUs alone: none, or held as it begins.
NETWORKS = {
    "ebc": ["--model", "ebc:vgg11_ae", "--count-loss", "dm"],
    "zip": ["--model", "zip:P", "--block", "16", "--freeze-norm"],
    "clip-ebc": [
        "--model", "clip-ebc:{tower}", "--vpt", "4", "--count-loss", "dm", "--freeze-norm",
    ],
}  # fmt: skip

OPTIONS = [
    "--crop-px", "64", "--workers", "0",
    "--accelerator", "cpu", "--steps", "2", "--steps-per-epoch", "2", "--clip-norm", "0",
    "--warm-up-steps", "0", "--learning-rate", "1e-4", "--average-decay", "0", "--seed", "3",
]  # fmt: skip

# The command, with a witness of the gradients that the optimizer is given.
SCRIPT = """
import sys
import lightning as L
import torch
from training import fit

class Witness(L.Callback):
    def on_before_optimizer_step(self, trainer, module, optimizer):
        if trainer.is_global_zero:
            learned = [one for one in module.named_parameters() if one[1].requires_grad]
            gradients = {name: one.grad for name, one in learned}
            torch.save(gradients, f"{sys.argv[1]}/step-{trainer.global_step}.pt")

make = fit._trainer
def with_witness(*arguments):
    trainer = make(*arguments)
    trainer.callbacks.append(Witness())
    return trainer
fit._trainer = with_witness
sys.exit(fit.main(sys.argv[2:]))
"""


def train(tmp_path, data, name, *more):
    """Run the command in processes of its own; gives its folder and the gradients of two steps."""
    out = tmp_path / name
    out.mkdir()
    script = tmp_path / "witness.py"
    script.write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, script, out, "--data", data, "--out", out / "run", *OPTIONS, *more],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return out / "run", [torch.load(out / f"step-{step}.pt") for step in (0, 1)], done.stdout


def worst_difference(one, other):
    """Largest distance between two gradients of a weight, relative to their length."""
    assert one.keys() == other.keys()
    assert all(float(gradient.norm()) > 0 for gradient in other.values())
    return max(float((one[name] - other[name]).norm() / other[name].norm()) for name in one)


@pytest.mark.parametrize("family", NETWORKS)
def test_two_processes_are_one_with_the_double_batch(tmp_path, family):
    """Same crops, same gradients, same scores of the same held-out pictures."""
    data = write_common(tmp_path / "dots", [3, 8, 5, 9, 4, 6, 7], held_out=3)
    tower = tmp_path / "tower.json"
    tower.write_text(json.dumps(VIT))
    network = [word.format(tower=tower) for word in NETWORKS[family]]

    alone, expected, _ = train(tmp_path, data, "alone", *network, "--batch", "4")
    together, found, said = train(
        tmp_path, data, "together", *network, "--batch", "2", "--devices", "2", "--strategy", "ddp"
    )

    # Sums in another order differ by rounding; Adam's division by the size of each gradient
    # enlarges that in the weights that the second step begins with.
    assert worst_difference(found[0], expected[0]) < 1e-4
    assert worst_difference(found[1], expected[1]) < 1e-2
    notes = [load_checkpoint(run / "model.ckpt").metadata for run in (alone, together)]
    assert notes[1]["relative_error"] == pytest.approx(notes[0]["relative_error"], rel=1e-3)
    assert said.count("step 2:") == 1, "only one process speaks"
