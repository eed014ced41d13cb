"""Vision transformers of timm as trunks."""

import pytest
import timm
import torch
from open_clip.timm_model import TimmModel
from torch import Tensor

from tests.rigs.tiny_clip import timm_vit
from training.models.config import Tower, VisualPrompts
from training.models.towers import build_visual, dense_tower
from training.models.vit import TimmVitTower, is_timm_vit

TIMM_NAMES = {
    "patches": "vit_tiny_patch16_224",
    "convolutional stem": "vit_tiny_r_s16_p8_224",
    "normalized before": "vit_xsmall_patch16_clip_224",
    "MobileCLIP-B": "vit_base_mci_224",
}


def _visual(tower: Tower) -> TimmModel:
    torch.manual_seed(0)
    visual = build_visual(tower).eval()
    assert isinstance(visual, TimmModel)
    assert is_timm_vit(visual)
    # timm starts the class token so close to 0 that its place in the sum would not be seen.
    torch.nn.init.normal_(visual.trunk.cls_token, std=0.5)
    torch.nn.init.normal_(visual.trunk.pos_embed, std=0.5)
    return visual


@pytest.mark.parametrize("timm_name", TIMM_NAMES.values(), ids=TIMM_NAMES)
def test_features_are_timms_patch_tokens(timm_name: str) -> None:
    """Without prompts, features are what timm itself gives for each patch."""
    tower = timm_vit(timm_name)
    visual = _visual(tower)
    pictures = torch.randn(1, 3, 224, 224)

    with torch.inference_mode():
        expected = visual.trunk.forward_features(pictures)[:, 1:]
        dense = TimmVitTower(visual, tower, antialiases=False).eval()
        features = dense(pictures)

    side = 224 // dense.stride_px
    assert features.shape == (1, dense.channels, side, side)
    torch.testing.assert_close(features.flatten(2).transpose(1, 2), expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("timm_name", [TIMM_NAMES["patches"], TIMM_NAMES["MobileCLIP-B"]])
def test_positions_of_other_sizes_are_timms(timm_name: str) -> None:
    """Filtered positions are those of timm's own network for pictures of any size."""
    visual = _visual(timm_vit(timm_name))
    weights = {key: one.clone() for key, one in visual.trunk.state_dict().items()}
    free = timm.create_model(
        timm_name, num_classes=16, global_pool="token", dynamic_img_size=True
    ).eval()
    free.load_state_dict(weights)
    pictures = torch.randn(1, 3, 160, 256)

    with torch.inference_mode():
        expected = free.forward_features(pictures)[:, 1:]
        features = TimmVitTower(visual, timm_vit(timm_name), antialiases=True).eval()(pictures)

    torch.testing.assert_close(features.flatten(2).transpose(1, 2), expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("is_deep", [True, False])
def test_prompts_go_between_class_and_patches(is_deep: bool) -> None:
    """Layer by layer by timm's own layers: deep prompts are replaced, shallow ones carried."""
    tower = timm_vit(TIMM_NAMES["patches"], VisualPrompts(count=5, deep=is_deep))
    visual = _visual(tower)
    dense = TimmVitTower(visual, tower, antialiases=False).eval()
    pictures = torch.randn(2, 3, 224, 224)

    with torch.inference_mode():
        expected = _by_hand(visual, dense, pictures, is_deep)
        features = dense(pictures)

    torch.testing.assert_close(features.flatten(2).transpose(1, 2), expected, atol=1e-5, rtol=1e-4)


def _by_hand(visual: TimmModel, dense: TimmVitTower, pictures: Tensor, is_deep: bool) -> Tensor:
    assert dense.prompts is not None
    trunk, count = visual.trunk, dense.prompts.count
    tokens = trunk.norm_pre(trunk._pos_embed(trunk.patch_embed(pictures)))
    for index, layer in enumerate(trunk.blocks):
        if is_deep or index == 0:
            prompts = dense.prompts.tokens[index].expand(len(pictures), -1, -1)
            rest = tokens[:, 1:] if index == 0 else tokens[:, 1 + count :]
            tokens = torch.cat([tokens[:, :1], prompts, rest], dim=1)
        tokens = layer(tokens)
    patches: Tensor = trunk.norm(tokens)[:, 1 + count :]
    return patches


@pytest.mark.parametrize("is_prompted", [True, False])
def test_what_is_trained(is_prompted: bool) -> None:
    """With prompts they alone learn, and not even means of the stem move; without, all does."""
    tower = timm_vit(TIMM_NAMES["MobileCLIP-B"], VisualPrompts(count=4) if is_prompted else None)
    dense = TimmVitTower(_visual(tower), tower, antialiases=False).train()
    buffers = {name: one.clone() for name, one in dense.named_buffers()}
    assert any(name.endswith("running_mean") for name in buffers)

    with torch.no_grad():
        dense(torch.randn(2, 3, 224, 224))

    moved = {name for name, one in dense.named_buffers() if not torch.equal(one, buffers[name])}
    trained = {name for name, one in dense.named_parameters() if one.requires_grad}
    if is_prompted:
        assert trained == {f"prompts.tokens.{index}" for index in range(12)}
        assert not moved
        assert dense.prompts is not None
        assert dense.prompts.training
    else:
        assert trained == {name for name, _ in dense.named_parameters()}
        assert moved == set(buffers)


def test_a_larger_window_stores_more_positions() -> None:
    """Positions are fitted to the window once; other sizes are fitted when they come."""
    tower = timm_vit(TIMM_NAMES["patches"], window_px=320)

    dense = dense_tower(_visual(tower), tower, last_stride_removed=True, antialiases=False)

    assert isinstance(dense, TimmVitTower)
    assert dense.window_px == 320
    assert dense.positional_embedding.shape == (1 + 20 * 20, 192)
    with torch.inference_mode():
        assert dense.eval()(torch.zeros(1, 3, 320, 320)).shape == (1, 192, 20, 20)
        assert dense(torch.zeros(1, 3, 64, 128)).shape == (1, 192, 4, 8)


def test_what_cannot_be_is_refused() -> None:
    """No class token to put prompts behind, or a window of half a patch."""
    with torch.device("meta"):
        nameless = build_visual(Tower(name="ViT-B-16-SigLIP"))
        patched = build_visual(timm_vit(TIMM_NAMES["patches"]))
    assert isinstance(nameless, TimmModel)
    assert isinstance(patched, TimmModel)

    with pytest.raises(ValueError, match="needs one class token"):
        TimmVitTower(nameless, Tower(name="ViT-B-16-SigLIP"), antialiases=False)
    with pytest.raises(ValueError, match="patches of 16 px"):
        TimmVitTower(patched, timm_vit(TIMM_NAMES["patches"], window_px=232), antialiases=False)
