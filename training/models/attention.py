"""Transformer layers and positional embeddings, in a form that can be exported.

The fused path that torch takes for `MultiheadAttention` while it does not train cannot be written
into an ONNX file, so the layers' own weights are applied here by the documented formula.
"""

from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Layer(Protocol):
    """A pre-norm transformer layer of open_clip."""

    ln_1: nn.Module
    attn: nn.MultiheadAttention
    ls_1: nn.Module
    ln_2: nn.Module
    mlp: nn.Module
    ls_2: nn.Module


def attend(attention: nn.MultiheadAttention, tokens: Tensor, *, is_causal: bool = False) -> Tensor:
    """Let tokens attend to one another.

    Args:
        attention: Self-attention with one packed projection; its dropout is not applied.
        tokens: Shape (N, T, C).
        is_causal: Whether a token sees itself and the tokens before it alone, as in text.

    Returns:
        Shape (N, T, C).

    Source:
        Vaswani et al. (arXiv 1706.03762), equation 1.
    """
    pictures, count, width = tokens.shape
    heads, head_width = attention.num_heads, attention.head_dim
    packed = F.linear(tokens, attention.in_proj_weight, attention.in_proj_bias)
    split = packed.view(pictures, count, 3, heads, head_width)
    query, key, value = split.permute(2, 0, 3, 1, 4).unbind(0)  # (3, n, heads, t, head) -> 3 ×
    mixed = F.scaled_dot_product_attention(query, key, value, is_causal=is_causal)
    joined = mixed.transpose(1, 2).reshape(pictures, count, width)
    projected: Tensor = attention.out_proj(joined)
    return projected


def run_layer(layer: Layer, tokens: Tensor, *, is_causal: bool = False) -> Tensor:
    """Run one pre-norm transformer layer of open_clip over tokens (N, T, C); as `attend`."""
    attended: Tensor = layer.ls_1(attend(layer.attn, layer.ln_1(tokens), is_causal=is_causal))
    tokens = tokens + attended
    mixed: Tensor = layer.ls_2(layer.mlp(layer.ln_2(tokens)))
    return tokens + mixed


def resize_positions(
    positions: Tensor,
    grid_before: tuple[int, int],
    grid: tuple[int, int],
    *,
    antialias: bool,
    of_class: int = 1,
) -> Tensor:
    """Fit the positional embedding of patches to another grid, bicubically.

    Args:
        positions: Shape (of_class + rows · columns, C): the class token's, then the patches' by
            rows.
        grid_before: Rows and columns that it was made for.
        grid: Rows and columns wanted.
        antialias: Whether to filter before making it smaller.
        of_class: Positions of the class token, which stay as they are: 1, or 0 if it has none.

    Returns:
        Shape (of_class + rows · columns, C) for the grid wanted; the same tensor if nothing
        changes.
    """
    if grid == grid_before:
        return positions
    kept, of_patches = positions[:of_class], positions[of_class:]
    as_map = of_patches.transpose(0, 1).reshape(1, -1, *grid_before)
    resized = F.interpolate(
        as_map, size=grid, mode="bicubic", align_corners=False, antialias=antialias
    )
    return torch.cat([kept, resized.flatten(2).squeeze(0).transpose(0, 1)])


def to_map(tokens: Tensor, grid: tuple[int, int]) -> Tensor:
    """Lay patch tokens (N, rows · columns, C) out as a map (N, C, rows, columns)."""
    return tokens.transpose(1, 2).reshape(tokens.shape[0], tokens.shape[2], *grid)
