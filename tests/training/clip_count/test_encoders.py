"""Prompts become features that know all their words.

The published tower prompts its layers as it should, and as the released program did.
"""

import open_clip
import pytest
import torch

from tests.rigs.tiny_clip import RESNET
from tests.rigs.tiny_count import ARCHITECTURE, tiny_config
from training.clip_count.encoders import (
    PromptEncoder,
    PromptTokens,
    PublishedTower,
    build_tower,
    vit_sides,
)
from training.models.config import Tower, VisualPrompts
from training.models.towers import build_clip

TOWER = Tower(name="tiny", architecture=ARCHITECTURE)


def encoder(context, *, reads_early=False, seed=0) -> PromptEncoder:
    """One with weights of the size that CLIP's have, so that words matter."""
    torch.manual_seed(seed)
    return PromptEncoder(TOWER, context_tokens=context, reads_early=reads_early).eval()


def encode(made, *prompts):
    """Features of prompts."""
    with torch.no_grad():
        return made(PromptTokens(TOWER, places=made.places)(prompts))


@pytest.mark.parametrize("context", [0, 2])
def test_prompts_of_one_word_differ(context):
    """The feature is read at the end of the prompt, after the word that tells prompts apart."""
    cars, people = encode(encoder(context), "cars", "people")[:, 0]

    assert (cars - people).abs().max() > 1e-3


def test_released_fault_makes_words_alike_and_must_be_asked_for():
    """Read two places early, the last two tokens are unseen: the word, and the end."""
    made = encoder(2, reads_early=True)

    cars, people, red_cars, red_people = encode(made, "cars", "people", "red cars", "red people")

    torch.testing.assert_close(cars[0], people[0], rtol=0, atol=0)
    torch.testing.assert_close(red_cars[0], red_people[0], rtol=0, atol=1e-6)
    assert (cars[0] - red_cars[0]).abs().max() > 1e-4


def test_without_context_it_is_clips_own_feature():
    """open_clip's encode_text gives the same vectors for the same weights."""
    torch.manual_seed(3)
    clip = build_clip(TOWER).eval()
    made = encoder(0, seed=4)
    made.take_weights(clip)
    tokens = open_clip.SimpleTokenizer()(["red cars", "people"], context_length=12)

    with torch.no_grad():
        ours, theirs = made(tokens)[:, 0], clip.encode_text(tokens)

    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


def test_rows_without_a_word_are_zero():
    """Two words and the end are three tokens; the start and the filling are none."""
    rows = encode(encoder(2), "red cars")[0]

    is_token = rows.abs().sum(dim=1) > 0
    assert is_token.tolist() == [True, False, True, True, True] + [False] * 6


def test_long_prompts_keep_their_end():
    """A prompt that is too long loses words, but not the token that the feature is read at."""
    made = encoder(2)

    tokens = PromptTokens(TOWER, places=made.places)(["red " * 40])

    assert tokens.shape == (1, 10)
    assert int(tokens[0, -1]) == 49407  # CLIP's end token


def test_only_the_context_is_learned():
    """The transformer stays as CLIP trained it."""
    made = encoder(2)

    made(PromptTokens(TOWER, places=made.places)(["cars"]))[:, 0].sum().backward()

    assert [name for name, one in made.named_parameters() if one.requires_grad] == ["context"]
    assert made.context.grad is not None
    assert made.context.grad.abs().sum() > 0


def test_text_halves_of_other_kinds_are_refused():
    """A text half that is not read at its end token cannot be shifted."""
    other = RESNET | {"text_cfg": RESNET["text_cfg"] | {"pool_type": "last"}}

    with pytest.raises(ValueError, match="not CLIP's own"):
        PromptEncoder(Tower(name="other", architecture=other), context_tokens=0)


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
