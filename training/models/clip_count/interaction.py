"""Patches that look at one another and then at the prompt, coarse first, then twice as fine."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_MLP_RATIO = 4
_DROPOUT = 0.1
_DEPTH_DROPOUT = 0.1
"""Chance with which a picture skips a residual branch while training."""


class Attention(nn.Module):
    """Attention of one set of tokens to another, or to itself.

    Args:
        width: Length of tokens.
        heads: Heads.
        dropout: Share of output elements dropped while training.
    """

    def __init__(self, width: int, heads: int, *, dropout: float = _DROPOUT) -> None:
        super().__init__()
        if width % heads:
            raise ValueError(f"tokens of {width} cannot be shared out among {heads} heads")
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.project = nn.Sequential(nn.Linear(width, width), nn.Dropout(dropout))

    def forward(self, tokens: Tensor, others: Tensor, *, is_there: Tensor | None = None) -> Tensor:
        """Attend.

        Args:
            tokens: Shape (N, T, C): who looks.
            others: Shape (N, K, C): what is looked at.
            is_there: Shape (N, K), bool: what may be looked at, one at least; None: everything.

        Returns:
            Shape (N, T, C).
        """
        query = self._by_heads(self.query(tokens))
        key, value = (self._by_heads(one) for one in self.key_value(others).chunk(2, dim=-1))
        mask = None if is_there is None else is_there[:, None, None]
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        projected: Tensor = self.project(mixed.transpose(1, 2).reshape(tokens.shape))
        return projected

    def _by_heads(self, tokens: Tensor) -> Tensor:
        pictures, count, width = tokens.shape
        split = tokens.view(pictures, count, self.heads, width // self.heads)
        return split.transpose(1, 2)


class SkipBranch(nn.Module):
    """Drop a residual branch for some pictures while training, and enlarge it for the others.

    Source:
        Huang et al., Deep Networks with Stochastic Depth (arXiv 1603.09382).
    """

    def __init__(self, chance: float = _DEPTH_DROPOUT) -> None:
        super().__init__()
        self._chance = chance

    def forward(self, branch: Tensor) -> Tensor:
        """Keep or drop each picture's branch (N, T, C)."""
        if not self.training or self._chance == 0:
            return branch
        kept = torch.rand(len(branch), 1, 1, device=branch.device) >= self._chance
        return branch * kept / (1 - self._chance)


class InteractionBlock(nn.Module):
    """Self-attention of patches, attention to the prompt, and a two-layer network.

    Args:
        width: Length of tokens.
        heads: Heads of both attentions.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.norm_self = nn.LayerNorm(width)
        self.attend_self = Attention(width, heads)
        self.norm_text = nn.LayerNorm(width)
        self.attend_text = Attention(width, heads)
        self.norm_mix = nn.LayerNorm(width)
        self.mix = nn.Sequential(
            nn.Linear(width, _MLP_RATIO * width),
            nn.GELU(),
            nn.Dropout(_DROPOUT),
            nn.Linear(_MLP_RATIO * width, width),
            nn.Dropout(_DROPOUT),
        )
        self.skip = SkipBranch()

    def forward(self, patches: Tensor, text: Tensor, is_there: Tensor | None) -> Tensor:
        """Let patches (N, T, C) see one another and the prompt's tokens (N, K, C)."""
        normed = self.norm_self(patches)
        patches = patches + self.skip(self.attend_self(normed, normed))
        seen = self.attend_text(self.norm_text(patches), text, is_there=is_there)
        patches = patches + self.skip(seen)
        mixed: Tensor = patches + self.skip(self.mix(self.norm_mix(patches)))
        return mixed


class Interaction(nn.Module):
    """Patches and prompt at two scales.

    Args:
        width: Length of tokens.
        heads: Heads of the attentions.
        coarse_code: Shape (side², width): where the coarse patches lie.
        fine_code: Shape ((2 · side)², width) for the fine ones; None: they are told nothing, as
            published.
    """

    coarse_code: Tensor
    fine_code: Tensor | None

    def __init__(
        self, width: int, heads: int, *, coarse_code: Tensor, fine_code: Tensor | None
    ) -> None:
        super().__init__()
        self.coarse = InteractionBlock(width, heads)
        self.refine = nn.Conv2d(width, width, 3, padding=1)
        self.fine = InteractionBlock(width, heads)
        self.register_buffer("coarse_code", coarse_code, persistent=False)
        self.register_buffer("fine_code", fine_code, persistent=False)

    def forward(
        self, patches: Tensor, text: Tensor, is_there: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Mix.

        Args:
            patches: Shape (N, C, side, side).
            text: Shape (N, K, C): tokens of the prompt.
            is_there: Shape (N, K), bool: which of them are tokens; None: all.

        Returns:
            Coarse features (N, C, side, side) and fine ones (N, C, 2 · side, 2 · side).
        """
        coarse = self.coarse(_tokens(patches) + self.coarse_code, text, is_there)
        coarse_map = _map(coarse)
        refined = coarse_map + F.gelu(self.refine(coarse_map))
        doubled = F.interpolate(refined, scale_factor=2.0, mode="bilinear", align_corners=False)
        fine = _tokens(doubled)
        if self.fine_code is not None:
            fine = fine + self.fine_code
        return coarse_map, _map(self.fine(fine, text, is_there))


def _tokens(features: Tensor) -> Tensor:
    return features.flatten(2).transpose(1, 2)  # (n, c, h, w) -> (n, h·w, c)


def _map(tokens: Tensor) -> Tensor:
    side = round(tokens.shape[1] ** 0.5)
    return tokens.transpose(1, 2).reshape(tokens.shape[0], tokens.shape[2], side, side)
