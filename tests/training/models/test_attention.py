"""Attention and positions."""

import pytest
import torch
from open_clip.transformer import ResidualAttentionBlock
from torch import nn

from training.models.attention import attend, resize_positions, run_layer, to_map


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
