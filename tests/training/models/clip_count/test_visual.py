"""The published tower prompts its layers as it should, and as the released program did."""

import pytest
import torch

from tests.rigs.tiny_clip import RESNET
from tests.rigs.tiny_count import ARCHITECTURE, tiny_config
from training.models.clip_count.visual import PublishedTower, build_tower, vit_sides
from training.models.config import Tower, VisualPrompts

DEEP = ARCHITECTURE | {"vision_cfg": ARCHITECTURE["vision_cfg"] | {"layers": 12, "width": 16}}


def published(*, released_faults=False) -> PublishedTower:
    """Twelve layers, ten of them prompted."""
    torch.manual_seed(0)
    tower = Tower(
        name="deep", architecture=DEEP, window_px=64, prompts=VisualPrompts(count=2, dropout=0.0)
    )
    made = build_tower(tiny_config("paper", tower=tower, released_faults=released_faults))
    assert isinstance(made, PublishedTower)
    return made


@pytest.mark.parametrize(
    ("released_faults", "unused"), [(False, []), (True, [9])], ids=["right", "released"]
)
def test_every_row_of_prompts_has_a_layer(released_faults, unused):
    """The released program gives row 0 to two layers and none to the last row."""
    made = published(released_faults=released_faults)

    made(torch.randn(1, 3, 64, 64)).square().sum().backward()

    assert made.table.grad is not None
    reached = made.table.grad.abs().sum(dim=(1, 2)) > 0
    assert [row for row in range(10) if not reached[row]] == unused


def test_prompts_come_and_go():
    """Ten layers see the class token, two prompts and 16 patches; the last two no prompts."""
    made, seen = published(), []
    for layer in made.vit.resblocks:
        layer.ln_1.register_forward_hook(lambda _, given, __: seen.append(given[0].shape[1]))

    features = made(torch.randn(1, 3, 64, 64))

    assert seen == [19] * 10 + [17] * 2
    assert features.shape == (1, 16, 4, 4)


def test_what_learns():
    """Prompts, their projection and the new last norm; CLIP's own weights stay."""
    learned = {name for name, one in published().named_parameters() if one.requires_grad}

    assert learned == {
        "table", "projection.weight", "projection.bias", "vit.ln_post.weight", "vit.ln_post.bias",
    }  # fmt: skip


def test_sides_of_towers():
    """Patch and picture of CLIP's transformers; other towers are refused by name."""
    assert vit_sides(Tower(name="ViT-B-32")) == (32, 224)
    assert vit_sides(Tower(name="ViT-L-14")) == (14, 224)
    with pytest.raises(ValueError, match="tiny is not CLIP's vision transformer"):
        vit_sides(Tower(name="tiny", architecture=RESNET))
