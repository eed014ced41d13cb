"""A network is taught by questions: contrast first, then density, repeatably."""

from dataclasses import dataclass

import pytest
import torch

from tests.rigs.tiny_count import tiny_config, tiny_counter
from training.clip_count.data import PromptBatch
from training.clip_count.module import PromptModule
from training.config import DataChoice, FitConfig
from training.data.crops import CropBatch
from training.models.output import BlockTarget


@dataclass
class FakeTrainer:
    """Says how far training is."""

    global_step: int


def batch(side) -> PromptBatch:
    """Two crops, one asked for what is in it and one for what is not."""
    torch.manual_seed(0)
    pictures = torch.randint(0, 256, (2, 3, side, side), dtype=torch.uint8)
    points = (torch.tensor([[9.0, 9.0], [30.0, 40.0]]), torch.zeros(0, 2))
    blocks = torch.zeros(2, side // 8, side // 8)
    blocks[0, 1, 1] = blocks[0, 5, 3] = 1
    return PromptBatch(CropBatch(pictures, BlockTarget(blocks, points)), ("cars", "red cars"))


def learned(variant, step, monkeypatch, **options):
    """Names of parameters that a step at that time moves, and the parts of its loss."""
    counter = tiny_counter(variant)
    usual = {"data": (DataChoice(folder="none"),), "contrast_steps": 10, "contrast_weight": 0.0}
    config = FitConfig(**(usual | options))
    module = PromptModule(counter, tiny_config(variant), config, ("cars", "red cars"))
    module._trainer = FakeTrainer(step)  # Lightning's own place for it
    parts: dict[str, float] = {}

    def note(name, value, **_):
        parts[name] = float(value.detach())

    monkeypatch.setattr(module, "log", note)
    module.train()

    module.training_step(batch(counter.window_px), 0).backward()

    moved = {
        name.split(".")[0]
        for name, one in counter.named_parameters()
        if one.grad is not None and one.grad.abs().sum() > 0
    }
    return moved, parts


@pytest.mark.parametrize("variant", ["improved", "paper"])
def test_contrast_comes_first_and_alone(variant, monkeypatch):
    """Before the density has its turn, decoder and interaction stay as they are."""
    moved, parts = learned(variant, 9, monkeypatch)

    own = "project" if variant == "improved" else "project_contrast"
    assert moved == {"text", "tower", own}
    assert set(parts) == {"loss", "loss/contrast"}


@pytest.mark.parametrize("variant", ["improved", "paper"])
def test_density_follows(variant, monkeypatch):
    """Then everything but the paper's contrast projection learns."""
    moved, parts = learned(variant, 10, monkeypatch, count_loss="none", multi_scale=False)

    own = {"none"} if variant == "improved" else set()
    assert moved == {"text", "tower", "project", "interaction", "decoder"} | own
    assert set(parts) == {"loss", "loss/density"}
    assert parts["loss"] == pytest.approx(parts["loss/density"])


def test_terms_add_up(monkeypatch):
    """Density, errors of blocks, contrast and order, each by its weight."""
    options = {"contrast_weight": 0.5, "rank_weight": 2.0, "masked": 0.2}
    _, parts = learned("improved", 10, monkeypatch, **options)

    assert set(parts) == {"loss", "loss/density", "loss/blocks", "loss/contrast", "loss/rank"}
    total = sum(value for name, value in parts.items() if name != "loss")
    assert parts["loss"] == pytest.approx(total, rel=1e-5)
