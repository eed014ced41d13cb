"""The vision transformer as a trunk."""

import pytest
import torch
from open_clip.transformer import VisionTransformer
from torch import Tensor

from tests.rigs.tiny_clip import tiny_vit
from training.models.config import Tower, VisualPrompts
from training.models.towers import build_visual
from training.models.vit import VitTower


@pytest.fixture
def visual() -> VisionTransformer:
    torch.manual_seed(0)
    built = build_visual(tiny_vit()).eval()
    assert isinstance(built, VisionTransformer)
    return built


def _tower(visual: VisionTransformer, tower: Tower) -> VitTower:
    return VitTower(visual, tower, antialiases=False).eval()


def test_features_are_open_clips_patch_tokens(visual: VisionTransformer) -> None:
    """Without prompts, features are what open_clip itself gives for each patch."""
    pictures = torch.randn(2, 3, 64, 64)
    visual.output_tokens, visual.pool_type = True, "tok"
    with torch.inference_mode():
        _, tokens = visual(pictures)
        features = _tower(visual, tiny_vit())(pictures)

    assert features.shape == (2, 32, 4, 4)
    torch.testing.assert_close(features.flatten(2).transpose(1, 2), tokens, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("is_deep", [True, False])
def test_prompts_go_between_class_and_patches(visual: VisionTransformer, is_deep: bool) -> None:
    """Layer by layer by open_clip's own layers: deep prompts are replaced, shallow ones carried."""
    torch.manual_seed(1)
    tower = _tower(visual, tiny_vit(VisualPrompts(count=5, deep=is_deep)))
    pictures = torch.randn(2, 3, 64, 64)

    with torch.inference_mode():
        expected = _by_hand(visual, tower, pictures, is_deep)
        features = tower(pictures)

    torch.testing.assert_close(features, expected, atol=1e-5, rtol=1e-4)


def _by_hand(visual: VisionTransformer, tower: VitTower, pictures: Tensor, is_deep: bool) -> Tensor:
    assert tower.prompts is not None
    patches = visual.conv1(pictures).flatten(2).transpose(1, 2)
    of_class = visual.class_embedding.expand(len(pictures), 1, -1)
    tokens = visual.ln_pre(torch.cat([of_class, patches], dim=1) + visual.positional_embedding)
    count = tower.prompts.count
    for index, layer in enumerate(visual.transformer.resblocks):
        if is_deep or index == 0:
            prompts = tower.prompts.tokens[index].expand(len(pictures), -1, -1)
            rest = tokens[:, 1:] if index == 0 else tokens[:, 1 + count :]
            tokens = torch.cat([tokens[:, :1], prompts, rest], dim=1)
        tokens = layer(tokens)
    features: Tensor = visual.ln_post(tokens)[:, 1 + count :]
    return features.transpose(1, 2).reshape(len(pictures), -1, 4, 4)


def test_only_prompts_are_trained(visual: VisionTransformer) -> None:
    """With prompts the tower is frozen; without, all of it is trained."""
    prompted = _tower(visual, tiny_vit(VisualPrompts(count=4)))
    trained = {name for name, one in prompted.named_parameters() if one.requires_grad}

    assert trained == {f"prompts.tokens.{index}" for index in range(3)}
    whole = build_visual(tiny_vit())
    assert isinstance(whole, VisionTransformer)
    assert all(one.requires_grad for one in _tower(whole, tiny_vit()).parameters())


def test_positions_fit_the_window(visual: VisionTransformer) -> None:
    """A larger window stores more positions; other sizes are fitted when they come."""
    tower = _tower(visual, tiny_vit(window_px=96))

    assert tower.positional_embedding.shape == (1 + 36, 32)
    with torch.inference_mode():
        assert tower(torch.zeros(1, 3, 96, 96)).shape == (1, 32, 6, 6)
        assert tower(torch.zeros(1, 3, 64, 128)).shape == (1, 32, 4, 8)


def test_window_must_hold_whole_patches(visual: VisionTransformer) -> None:
    """A window that is no multiple of the patch is a mistake."""
    with pytest.raises(ValueError, match="patches of 16 px"):
        _tower(visual, tiny_vit(window_px=90))
