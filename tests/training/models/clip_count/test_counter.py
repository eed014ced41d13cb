"""The whole network: sizes, what learns, what prompts change."""

import pytest
import torch
from pydantic import ValidationError

from tests.rigs.tiny_count import ARCHITECTURE, tiny_config, tiny_counter
from training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from training.models.build import build_counter
from training.models.clip_count.counter import (
    DENSITY_SCALE,
    ClipCounter,
    Prompted,
    similarity,
)
from training.models.config import ClipCountConfig, Tower, read_config
from training.models.own_clip import build_clip

VARIANTS = ("improved", "paper")


def ask(counter, pictures, prompt):
    """The full answer to one prompt."""
    text = counter.encode([prompt]).expand(len(pictures), -1, -1)
    return counter.ask(counter.look(pictures), text)


@pytest.mark.parametrize("variant", VARIANTS)
def test_sizes(variant):
    """A window of pixels becomes cells, cells become blocks, and both hold the same objects."""
    counter = tiny_counter(variant)
    side = counter.window_px
    assert side is not None

    found = ask(counter, torch.randn(2, 3, side, side), "red cars")

    cells = side // counter.config.cell_px
    assert found.cells.shape == (2, cells, cells)
    assert found.blocks.shape == (2, side // 8, side // 8)
    assert found.patches.shape == (2, 16, 4, 4)
    assert found.blocks.min() >= 0
    torch.testing.assert_close(
        found.blocks.sum(dim=(1, 2)), found.cells.sum(dim=(1, 2)) / DENSITY_SCALE
    )


@pytest.mark.parametrize("variant", VARIANTS)
def test_prompts_change_the_count(variant):
    """Two prompts of one word each give two answers."""
    counter = tiny_counter(variant)
    pictures = torch.randn(1, 3, counter.window_px, counter.window_px)

    with torch.no_grad():
        cars, people = (ask(counter, pictures, one).cells for one in ("cars", "people"))

    assert (cars - people).abs().max() > 1e-5


DEAD = {
    "improved": set(),
    # With one key it does not matter what is asked of it.
    "paper": {
        f"interaction.{scale}.{part}"
        for scale in ("coarse", "fine")
        for part in (
            "norm_text.weight", "norm_text.bias", "attend_text.query.weight",
            "attend_text.query.bias",
        )
    },
}  # fmt: skip


@pytest.mark.parametrize("variant", VARIANTS)
def test_gradients_reach_everything_that_is_meant_to_learn(variant):
    """Both losses together move every parameter; those of the one published key are known."""
    counter = tiny_counter(variant).double()  # what is zero on paper is 1e-17 here
    pictures = torch.randn(2, 3, counter.window_px, counter.window_px).double()
    found = ask(counter, pictures, "red cars")
    text = counter.encode(["red cars"]).expand(2, -1, -1)

    (found.cells.square().sum() + similarity(found.patches, text[:, 0]).square().sum()).backward()

    learned = {name: one for name, one in counter.named_parameters() if one.requires_grad}
    reached = {
        name
        for name, one in learned.items()
        if one.grad is not None and one.grad.abs().max() > 1e-12
    }
    assert learned.keys() - reached == DEAD[variant]
    frozen = {name.split(".")[0] for name, one in counter.named_parameters() if one not in learned}
    assert all(one.grad is None for one in counter.parameters() if not one.requires_grad)
    assert {"text", "tower"} <= frozen


def test_frozen_are_clips_weights_alone():
    """What CLIP brings stays; prompts, context, projections, interaction and decoder learn."""
    counter = tiny_counter()

    frozen = {name for name, one in counter.named_parameters() if not one.requires_grad}

    assert "tower.conv1.weight" in frozen
    assert "text.token_embedding.weight" in frozen
    assert not any(
        name.startswith(("interaction", "decoder", "project", "none")) for name in frozen
    )
    assert "text.context" not in frozen
    assert not any("prompts" in name for name in frozen)


def test_the_tower_is_clips_own():
    """Taken weights give the features that CLIP's vision transformer has before its output."""
    torch.manual_seed(1)
    tower = Tower(name="tiny", architecture=ARCHITECTURE, window_px=64)
    clip = build_clip(tower).eval()
    counter = ClipCounter(tiny_config(tower=tower)).eval()
    counter.take_clip(clip)
    pictures = torch.randn(1, 3, 64, 64)

    with torch.no_grad():
        found = counter.look(pictures)
        theirs = clip.visual.forward_intermediates(
            pictures, indices=1, normalize_intermediates=True
        )

    torch.testing.assert_close(found, theirs["image_intermediates"][-1], rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(counter.project.weight, clip.visual.proj.T)


def test_fixed_prompts_answer_as_typed_ones():
    """Baked prompts need no text half, and several share one look at the picture."""
    counter = tiny_counter()
    pictures = torch.randn(2, 3, 64, 64)

    with torch.no_grad():
        both = Prompted(counter, ["cars", "people"])(pictures).density
        cars = Prompted(counter, ["cars"])(pictures).density
        typed = ask(counter, pictures, "people").blocks

    assert both.shape == (2, 2, 8, 8)
    torch.testing.assert_close(both[:, 0], cars)
    torch.testing.assert_close(both[:, 1], typed)


def test_similarity_is_the_cosine():
    """Patches that point as the prompt does score 1, opposite ones -1."""
    patches = torch.tensor([[3.0, 0.0], [0.0, -2.0]]).view(1, 2, 1, 2)

    found = similarity(patches, torch.tensor([[0.0, 5.0]]))

    torch.testing.assert_close(found.view(-1), torch.tensor([0.0, -1.0]))


def test_a_checkpoint_brings_all_back(tmp_path):
    """Description and weights survive, text half included."""
    counter = tiny_counter()
    save_checkpoint(Checkpoint(counter.config, counter.state_dict()), tmp_path / "model.ckpt")

    again = load_checkpoint(tmp_path / "model.ckpt").build()

    pictures = torch.randn(1, 3, 64, 64)
    torch.testing.assert_close(again(pictures).density, counter(pictures).density)


def test_descriptions_that_cannot_be():
    """The released faults are the paper's alone, and blocks are whole."""
    with pytest.raises(ValidationError, match="variant 'paper' alone"):
        tiny_config(released_faults=True)
    with pytest.raises(ValidationError, match="whole blocks"):
        tiny_config(window_px=68)
    with pytest.raises(ValueError, match="coarser than half a patch"):
        build_counter(tiny_config(cell_px=32, block_px=32))
    document = tiny_config("paper", released_faults=True).model_dump(mode="json")
    assert isinstance(read_config(document), ClipCountConfig)


def test_published_sizes_add_up():
    """ViT-B-16 as published has 16.36 million parameters to learn, dead ones aside."""
    tower = Tower(name="ViT-B-16", window_px=224, prompts={"count": 20, "dropout": 0.1})
    config = ClipCountConfig(tower=tower, variant="paper", cell_px=1, context_tokens=2)

    with torch.device("meta"):
        counter = ClipCounter(config)

    learned = sum(one.numel() for one in counter.parameters() if one.requires_grad)
    published = 16_363_969
    dead_convolution, unused_norms = 512 * 512 * 9 + 512, 2_048
    assert learned == published - dead_convolution - unused_norms
