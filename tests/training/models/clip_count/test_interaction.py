"""Patches see one another and the words that are there."""

import pytest
import torch
from torch import nn

from training.models.clip_count.interaction import Attention, Interaction, SkipBranch
from training.models.clip_count.positions import plane_code


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
