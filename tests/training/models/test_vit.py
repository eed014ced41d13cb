"""The vision transformer as a trunk.

Attention and positions.

Learned tokens beside a picture's own.
"""

import pytest
import torch
from open_clip.transformer import ResidualAttentionBlock, VisionTransformer
from torch import Tensor, nn

from tests.rigs.tiny_clip import tiny_vit
from training.models.config import Tower, VisualPrompts
from training.models.towers import build_visual
from training.models.vit import (
    PromptTokens,
    VitTower,
    attend,
    resize_positions,
    run_layer,
    through_layers,
    to_map,
)


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


def test_attention_is_torchs() -> None:
    """The exportable form gives what torch's own module gives."""
    torch.manual_seed(0)
    attention = nn.MultiheadAttention(24, 3, batch_first=True).eval()
    tokens = torch.randn(2, 7, 24)

    expected, _ = attention(tokens, tokens, tokens, need_weights=False)

    torch.testing.assert_close(attend(attention, tokens), expected, atol=1e-6, rtol=1e-5)


def test_layer_is_open_clips() -> None:
    """A whole layer, layer scale included, gives what open_clip's own forward gives."""
    torch.manual_seed(0)
    layer = ResidualAttentionBlock(24, 3, ls_init_value=0.3).eval()
    tokens = torch.randn(2, 7, 24)

    torch.testing.assert_close(run_layer(layer, tokens), layer(tokens), atol=1e-6, rtol=1e-5)


def test_positions_on_their_own_grid_stay() -> None:
    """Nothing is interpolated where nothing changes."""
    positions = torch.randn(1 + 6, 4)

    assert resize_positions(positions, (2, 3), (2, 3), antialias=True) is positions


def test_positions_on_another_grid() -> None:
    """A ramp from left to right stays one, twice as steep; the class token keeps its own."""
    ramp = torch.arange(8.0).repeat(4)
    positions = torch.cat([torch.tensor([[99.0]]), ramp[:, None]])

    resized = resize_positions(positions, (4, 8), (2, 4), antialias=False)

    assert float(resized[0, 0]) == 99
    rows = resized[1:, 0].view(2, 4)
    torch.testing.assert_close(rows[0], rows[1])
    assert float(rows[0].diff()[1]) == pytest.approx(2.0, abs=1e-5)


def test_antialiasing_averages_what_is_left_out() -> None:
    """Every third of alternating values alternates too, unless it is filtered before."""
    alternating = (torch.arange(9) % 2).float()
    positions = torch.cat([torch.zeros(1, 1), alternating[:, None]])

    sharp = resize_positions(positions, (1, 9), (1, 3), antialias=False)[1:, 0]
    smooth = resize_positions(positions, (1, 9), (1, 3), antialias=True)[1:, 0]

    assert sharp.tolist() == [1, 0, 1]
    assert float((smooth - 0.5).abs().max()) < 0.2


def test_map_of_tokens_is_by_rows() -> None:
    """Token r · columns + c stands at row r, column c."""
    tokens = torch.arange(6.0).view(1, 6, 1)

    assert to_map(tokens, (2, 3))[0, 0].tolist() == [[0, 1, 2], [3, 4, 5]]


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
