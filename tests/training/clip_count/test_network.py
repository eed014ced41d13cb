"""The whole network: sizes, what learns, what prompts change.

The decoder's map has the size asked for, at every size of tower.

Patches see one another and the words that are there.

Codes of places are what the formula says.
"""

import math

import pytest
import torch
from pydantic import ValidationError
from torch import nn

from tests.rigs.tiny_count import ARCHITECTURE, tiny_config, tiny_counter
from training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from training.clip_count.network import (
    DENSITY_SCALE,
    Attention,
    ClipCounter,
    DensityDecoder,
    Interaction,
    Prompted,
    SkipBranch,
    line_code,
    plane_code,
    similarity,
)
from training.models.build import build_counter
from training.models.config import ClipCountConfig, Tower, read_config
from training.models.towers import build_clip

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


@pytest.mark.parametrize(
    ("coarse", "side"),
    [
        pytest.param(14, 384, id="published: 14, 28, 56, 112, 384"),
        pytest.param(24, 96, id="ViT-B-16 at 384 px, cells of 4"),
        pytest.param(12, 96, id="ViT-B-32"),
        pytest.param(28, 98, id="odd ratio"),
        pytest.param(4, 8, id="no room to grow"),
    ],
)
def test_decoder_sizes(coarse, side):
    """Bilinear steps reach the side from any grid."""
    decoder = DensityDecoder(8, (16, 8, 8, 8), side=side)

    scores = decoder(torch.randn(2, 8, coarse, coarse), torch.randn(2, 8, 2 * coarse, 2 * coarse))

    assert scores.shape == (2, side, side)


def test_published_stages_double():
    """The stages of the published decoder see 14, 28, 56 and 112 rows."""
    decoder, seen = DensityDecoder(8, (16, 8, 8, 8), side=384), []
    for stage in decoder.stages:
        stage.register_forward_hook(lambda _, given, __: seen.append(given[0].shape[-1]))

    decoder(torch.randn(1, 8, 14, 14), torch.randn(1, 8, 28, 28))

    assert seen == [14, 28, 56, 112]


def test_both_scales_reach_the_map():
    """Neither the coarse nor the fine features are lost."""
    decoder = DensityDecoder(8, (16, 8), side=16)
    coarse = torch.randn(1, 8, 4, 4, requires_grad=True)
    fine = torch.randn(1, 8, 8, 8, requires_grad=True)

    decoder(coarse, fine).sum().backward()

    assert coarse.grad is not None
    assert fine.grad is not None
    assert coarse.grad.abs().sum() > 0
    assert fine.grad.abs().sum() > 0


def test_attention_is_torchs():
    """The same weights in torch's own layer give the same answer, masked tokens left out."""
    torch.manual_seed(0)
    ours = Attention(16, 4, dropout=0.0).eval()
    theirs = nn.MultiheadAttention(16, 4, batch_first=True).eval()
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.cat([ours.query.weight, ours.key_value.weight]))
        theirs.in_proj_bias.copy_(torch.cat([ours.query.bias, ours.key_value.bias]))
        theirs.out_proj.load_state_dict(ours.project[0].state_dict())
    tokens, others = torch.randn(2, 5, 16), torch.randn(2, 3, 16)
    is_there = torch.tensor([[True, False, True], [True, True, False]])

    found = ours(tokens, others, is_there=is_there)

    expected = theirs(tokens, others, others, key_padding_mask=~is_there)[0]
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


def test_one_key_is_seen_alike_by_all_patches():
    """Why the improved variant has several: with one, every patch gets the same vector."""
    attention = Attention(16, 4).eval()

    one = attention(torch.randn(1, 9, 16), torch.randn(1, 1, 16))[0]
    several = attention(torch.randn(1, 9, 16), torch.randn(1, 4, 16))[0]

    assert one.std(dim=0).max() < 1e-6
    assert several.std(dim=0).max() > 1e-3


def test_tokens_that_are_not_there_change_nothing():
    """Filling may hold anything."""
    made = Interaction(16, 2, coarse_code=plane_code(4, 16), fine_code=plane_code(8, 16)).eval()
    patches, text = torch.randn(1, 16, 4, 4), torch.randn(1, 3, 16)
    is_there = torch.tensor([[True, True, False]])
    changed = text.clone()
    changed[:, 2] = 9.0

    one, other = made(patches, text, is_there), made(patches, changed, is_there)

    torch.testing.assert_close(one, other)
    assert one[0].shape == (1, 16, 4, 4)
    assert one[1].shape == (1, 16, 8, 8)


def test_skipping_keeps_the_mean():
    """Branches are dropped while training alone, and the others enlarged to make up for it."""
    torch.manual_seed(0)
    skip, branch = SkipBranch(0.25), torch.ones(4000, 1, 1)

    kept = skip.train()(branch)

    assert kept.unique().tolist() == [0.0, pytest.approx(4 / 3)]
    assert float(kept.mean()) == pytest.approx(1.0, abs=0.05)  # 4 standard errors of 0.009
    torch.testing.assert_close(skip.eval()(branch), branch)


def test_line_code_is_the_formula():
    """Entry 2k: sin(place / 10000^(2k / width)); entry 2k + 1: its cosine."""
    code = line_code(7, 8)

    for place in range(7):
        for k in range(4):
            angle = place / 10000 ** (2 * k / 8)
            assert math.isclose(code[place, 2 * k], math.sin(angle), abs_tol=1e-6)
            assert math.isclose(code[place, 2 * k + 1], math.cos(angle), abs_tol=1e-6)


def test_plane_code_tells_rows_from_columns():
    """One row has one first half, one column one second half; transposing swaps the halves."""
    code = plane_code(5, 16).view(5, 5, 16)

    torch.testing.assert_close(code[2, :, :8], code[2, :1, :8].expand(5, 8))
    torch.testing.assert_close(code[:, 3, 8:], code[:1, 3, 8:].expand(5, 8))
    torch.testing.assert_close(code.transpose(0, 1)[..., :8], code[..., 8:])
    assert len(torch.unique(code.view(25, 16).round(decimals=4), dim=0)) == 25
