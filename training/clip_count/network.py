"""The network: a picture and prompts in, one density map a prompt out.

Patches look at one another and then at the prompt, coarse first, then twice as fine; convolutions
make a density map of the features at both scales.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import open_clip
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.clip_count.encoders import (
    PromptEncoder,
    PromptTokens,
    build_tower,
    take_visual_weights,
)
from training.models.config import ClipCountConfig
from training.models.output import BlockOutput, Counter

_NORM_GROUPS = 8


class DensityDecoder(nn.Module):
    """Convolutions that widen the map step by step; the fine features come in after the first.

    Args:
        channels: Channels of the features of either scale.
        widths: Channels after each stage, two stages or more.
        side: Rows, and columns, of the map given.

    Source:
        CLIP-Count's decoder: each stage 3×3 convolution, group norm, GELU, bilinear doubling,
        but the last stage goes to the map's own size at once. No stage grows beyond that size,
        which the published one never reaches.
    """

    def __init__(self, channels: int, widths: Sequence[int], *, side: int) -> None:
        super().__init__()
        self.side = side
        into = (channels, *widths[:-1])
        self.stages = nn.ModuleList(
            _stage(one, other, kernel=3) for one, other in zip(into, widths, strict=True)
        )
        self.lateral = _stage(channels, widths[0], kernel=1)
        self.head = nn.Conv2d(widths[-1], 1, 1)

    def forward(self, coarse: Tensor, fine: Tensor) -> Tensor:
        """Give a map of scores.

        Args:
            coarse: Shape (N, C, s, s).
            fine: Shape (N, C, 2s, 2s); 2s is at most `side`.

        Returns:
            Shape (N, side, side), any real numbers.
        """
        features = _resize(self.stages[0](coarse), fine.shape[-1]) + self.lateral(fine)
        for index, stage in enumerate(self.stages[1:], start=2):
            doubled = min(2 * features.shape[-1], self.side)
            features = stage(features)
            features = _resize(features, self.side if index == len(self.stages) else doubled)
        scores: Tensor = self.head(features)
        return scores.squeeze(1)


def _resize(features: Tensor, side: int) -> Tensor:
    if features.shape[-1] == side:
        return features
    return F.interpolate(features, size=(side, side), mode="bilinear", align_corners=False)


def _stage(channels_in: int, channels_out: int, *, kernel: int) -> nn.Sequential:
    convolution = nn.Conv2d(channels_in, channels_out, kernel, padding=kernel // 2)
    nn.init.xavier_normal_(convolution.weight)
    assert convolution.bias is not None  # made so above
    nn.init.zeros_(convolution.bias)
    groups = math.gcd(_NORM_GROUPS, channels_out)
    return nn.Sequential(convolution, nn.GroupNorm(groups, channels_out), nn.GELU())


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


_BASE = 10000.0


def line_code(places: int, width: int) -> Tensor:
    """Code places on a line, shape (places, width); even columns sine, odd ones cosine.

    Args:
        places: How many.
        width: Length of a vector, an even number.

    Returns:
        Values between -1 and 1.

    Source:
        Vaswani et al. (arXiv 1706.03762), section 3.5.
    """
    rates = torch.exp(torch.arange(0, width, 2) * (-math.log(_BASE) / width))
    angles = torch.arange(places)[:, None] * rates
    return torch.stack([angles.sin(), angles.cos()], dim=2).flatten(1)


def plane_code(side: int, width: int) -> Tensor:
    """Code the places of a square, shape (side · side, width), row by row.

    The first half of a vector is the code of its row, the second that of its column, so that
    places one above the other are neighbors too.

    Args:
        side: Rows, and columns.
        width: Length of a vector, a multiple of 4.

    Returns:
        Values between -1 and 1.
    """
    line = line_code(side, width // 2)
    rows = line[:, None].expand(side, side, -1)
    columns = line[None, :].expand(side, side, -1)
    return torch.cat([rows, columns], dim=2).reshape(side * side, width)


DENSITY_SCALE = 60.0
"""What the network gives per cell is this many times the objects in it, as published: numbers of
the order of 1 are learned better than hundredths."""

_HEAD_WIDTH = 64
"""Length of a head's part of a token."""
_SHARPNESS = 14.0
"""What cosines are multiplied by before the decoder sees them, the inverse of the temperature of
contrast: what contrast tells apart by tenths must not drown among features of the order of 1."""
_RARE = 1e-3
"""Objects in a cell that a fresh network expects: next to none, as most cells are empty."""


@dataclass(frozen=True)
class PromptOutput:
    """A network's answer for N pictures, each with one prompt."""

    blocks: Tensor
    """Shape (N, h, w): objects per block, none negative."""
    cells: Tensor
    """Shape (N, h', w'): `DENSITY_SCALE` times the objects per cell."""
    patches: Tensor
    """Shape (N, D, s, s): what patches look like, in the space of prompts, any length."""


class ClipCounter(Counter):
    """Counts what prompts name.

    Args:
        config: Its parts.

    Attributes:
        config: As given.
        text: The text half; frozen but for the learned context.
    """

    def __init__(self, config: ClipCountConfig) -> None:
        super().__init__()
        self.config = config
        self.block_px, self.window_px = config.block_px, config.window_px
        self.size_multiple = config.block_px
        self.mean, self.std = config.colors.mean, config.colors.std
        self.text = PromptEncoder(
            config.tower,
            context_tokens=config.context_tokens,
            reads_early=config.released_faults,
        )
        self._tokens = PromptTokens(config.tower, places=self.text.places)
        self.tower = build_tower(config)
        self._seen_px = config.tower.window_px or config.window_px
        is_improved = config.variant == "improved"
        self.side = self._seen_px // self.tower.stride_px
        width, channels = self.text.width, self.tower.channels
        self.project = nn.Linear(channels, width)
        # As published, contrast has a projection of its own; improved, the two share one, so that
        # what contrast teaches reaches the density.
        self.project_contrast = None if is_improved else nn.Linear(channels, width)
        if not is_improved:
            nn.init.xavier_normal_(self.project.weight)
        self.none = nn.Parameter(torch.randn(1, 1, width) * 0.02) if is_improved else None
        cells = config.window_px // config.cell_px
        if 2 * self.side > cells:
            raise ValueError(f"cells of {config.cell_px} px are coarser than half a patch")
        self.interaction = Interaction(
            width,
            max(1, width // _HEAD_WIDTH),
            coarse_code=(plane_code if is_improved else _flat_code)(self.side, width),
            fine_code=plane_code(2 * self.side, width) if is_improved else None,
        )
        self.decoder = DensityDecoder(
            width + (1 if is_improved else 0), config.decoder_widths, side=cells
        )
        if is_improved:
            nn.init.constant_(
                cast("Tensor", self.decoder.head.bias), math.log(math.expm1(_RARE * DENSITY_SCALE))
            )

    def encode(self, prompts: Sequence[str]) -> Tensor:
        """Give the vectors of prompts, shape (prompts, tokens, width); see `PromptEncoder`."""
        vectors: Tensor = self.text(self._tokens(prompts).to(self.project.weight.device))
        return vectors

    def look(self, pictures: Tensor) -> Tensor:
        """Give the features (N, C, s, s) of normalized pictures (N, 3, window, window)."""
        if pictures.shape[-1] != self._seen_px:
            size = (self._seen_px, self._seen_px)
            pictures = F.interpolate(pictures, size=size, mode="bilinear", align_corners=False)
        features: Tensor = self.tower(pictures)
        return features

    def place(self, features: Tensor) -> Tensor:
        """Bring features (N, C, s, s) into the space of prompts, shape (N, D, s, s)."""
        return _linear(self.project_contrast or self.project, features)

    def ask(self, features: Tensor, text: Tensor) -> PromptOutput:
        """Count what prompts name.

        Args:
            features: From `look`, shape (N, C, s, s).
            text: From `encode`, shape (N, tokens, width): one prompt a picture.

        Returns:
            The answer.
        """
        projected = _linear(self.project, features)
        if self.project_contrast is None:
            coarse, fine = self._mix_improved(projected, text)
            patches = projected
        else:
            coarse, fine = self.interaction(projected, text[:, :1], None)
            patches = self.place(features)
        scores = self.decoder(coarse, fine)
        cells = F.softplus(scores) if self.none is not None else torch.sigmoid(scores)
        per_block = self.config.block_px // self.config.cell_px
        means = F.avg_pool2d(cells[:, None], per_block).squeeze(1)
        blocks = means * (per_block * per_block / DENSITY_SCALE)
        return PromptOutput(blocks, cells, patches)

    def forward(self, pictures: Tensor) -> BlockOutput:
        """Count what the network's own prompt names; see `Counter` and `Prompted`."""
        text = self.encode([self.config.prompt]).expand(len(pictures), -1, -1)
        return BlockOutput(density=self.ask(self.look(pictures), text).blocks)

    def take_clip(self, model: open_clip.CLIP) -> None:
        """Copy the weights of a whole CLIP model into the frozen parts.

        The improved variant's projection begins as CLIP's own, so that patches and prompts can be
        compared from the first step.
        """
        visual = cast("nn.Module", model.visual)
        take_visual_weights(self.tower, visual, self.config)
        self.text.take_weights(model)
        projection = getattr(visual, "proj", None)
        if self.project_contrast is None and projection is not None:
            with torch.no_grad():
                self.project.weight.copy_(projection.T)
                self.project.bias.zero_()

    def _mix_improved(self, patches: Tensor, text: Tensor) -> tuple[Tensor, Tensor]:
        assert self.none is not None  # the variant has it
        is_token = text.abs().sum(dim=2) > 0
        keys = torch.cat([self.none.expand(text.shape[0], -1, -1), text], dim=1)
        is_there = torch.cat([torch.ones_like(is_token[:, :1]), is_token], dim=1)
        coarse, fine = self.interaction(patches, keys, is_there)
        likeness = similarity(patches, text[:, 0]) * _SHARPNESS
        doubled = F.interpolate(likeness, scale_factor=2.0, mode="bilinear", align_corners=False)
        return torch.cat([coarse, likeness], dim=1), torch.cat([fine, doubled], dim=1)


class Prompted(Counter):
    """A counter whose prompts are fixed: the text half is asked once and left behind.

    Args:
        counter: The network; shared, not copied.
        prompts: What to count, one or more.

    Attributes:
        prompts: As given.
    """

    text: Tensor

    def __init__(self, counter: ClipCounter, prompts: Sequence[str]) -> None:
        super().__init__()
        self.block_px, self.window_px = counter.block_px, counter.window_px
        self.size_multiple = counter.size_multiple
        self.mean, self.std = counter.mean, counter.std
        self.prompts = tuple(prompts)
        self.counter = counter
        with torch.no_grad():
            self.register_buffer("text", counter.encode(prompts).detach(), persistent=False)

    def forward(self, pictures: Tensor) -> BlockOutput:
        """Count; see `Counter`. With several prompts the density is (N, prompts, h, w)."""
        features = self.counter.look(pictures)
        maps = [
            self.counter.ask(features, one.expand(len(pictures), -1, -1)).blocks
            for one in self.text[:, None]
        ]
        return BlockOutput(density=maps[0] if len(maps) == 1 else torch.stack(maps, dim=1))


def similarity(patches: Tensor, prompts: Tensor) -> Tensor:
    """Compare patches (N, D, s, s) with prompts (N, D): cosines, shape (N, 1, s, s)."""
    cosines = F.normalize(patches, dim=1) * F.normalize(prompts, dim=1)[:, :, None, None]
    return cosines.sum(dim=1, keepdim=True)


def _linear(layer: nn.Linear, features: Tensor) -> Tensor:
    applied: Tensor = layer(features.permute(0, 2, 3, 1))  # (n, c, h, w) -> (n, h, w, c)
    return applied.permute(0, 3, 1, 2)


def _flat_code(side: int, width: int) -> Tensor:
    return line_code(side * side, width)
