"""The network: a picture and prompts in, one density map a prompt out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import open_clip
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.models.clip_count.decoder import DensityDecoder
from training.models.clip_count.interaction import Interaction
from training.models.clip_count.positions import line_code, plane_code
from training.models.clip_count.text import PromptEncoder, PromptTokens
from training.models.clip_count.visual import build_tower, take_visual_weights
from training.models.config import ClipCountConfig
from training.models.output import BlockOutput, Counter

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
