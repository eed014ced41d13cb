"""Learned tokens beside a picture's own."""

import pytest
import torch

from training.models.config import VisualPrompts
from training.models.prompts import PromptTokens, through_layers


def test_prompts_start_within_their_range() -> None:
    """Uniform within ±√(6 / (3 · patch + width)), reaching close to its ends."""
    torch.manual_seed(0)
    tokens = PromptTokens(VisualPrompts(count=64), layers=2, width=48, patch_px=16).tokens[0]

    reach = (6 / (3 * 16 + 48)) ** 0.5
    assert reach * 0.98 < float(tokens.detach().abs().max()) <= reach
    assert abs(float(tokens.detach().mean())) < 0.02


def test_dropout_acts_while_training_alone() -> None:
    """Half of the numbers of each token are dropped in training, none in evaluation."""
    torch.manual_seed(0)
    prompts = PromptTokens(VisualPrompts(count=50, dropout=0.5), layers=1, width=40, patch_px=16)

    training = prompts.train().of_layer(0, 2)
    evaluating = prompts.eval().of_layer(0, 2)

    assert training is not None
    assert evaluating is not None
    assert float((training == 0).float().mean()) == pytest.approx(0.5, abs=0.05)
    assert int((evaluating == 0).sum()) == 0


@pytest.mark.parametrize("is_deep", [True, False])
def test_layers_see_class_then_prompts_then_patches(is_deep: bool) -> None:
    """Layers that add 1 to all they see: deep prompts come fresh, shallow ones grow on the way."""
    prompts = PromptTokens(VisualPrompts(count=2, deep=is_deep), layers=3, width=1, patch_px=1)
    for index, tokens in enumerate(prompts.tokens):
        tokens.data.fill_(100.0 * (index + 1))
    seen: list[list[float]] = []

    def layer(tokens: torch.Tensor) -> torch.Tensor:
        seen.append(tokens.flatten().tolist())
        return tokens + 1

    found = through_layers([layer] * 3, torch.tensor([[[0.0], [10.0]]]), prompts)

    second, third = (200.0, 300.0) if is_deep else (101.0, 102.0)
    assert seen == [
        [0, 100, 100, 10],
        [1, second, second, 11],
        [2, third, third, 12],
    ]
    assert found.flatten().tolist() == [3, 13]
