"""CLIP's vision transformer as a trunk, tuned by prompts or as a whole."""

from functools import partial
from typing import cast

import torch
from open_clip.transformer import VisionTransformer
from torch import Tensor, nn

from training.models.attention import Layer, resize_positions, run_layer, to_map
from training.models.config import Tower
from training.models.prompts import PromptTokens, through_layers


class VitTower(nn.Module):
    """A vision transformer of CLIP that gives the features of its patches.

    With prompts, everything but the prompts is frozen.

    Args:
        visual: The network; its layers are taken over, its class output is left behind.
        tower: Window and prompts.
        antialiases: Whether positions are filtered before they are made fewer.

    Attributes:
        stride_px: Side of a patch, pixels.
        channels: Channels of the features.
        window_px: Side of the square window that the positions are stored for, pixels.
    """

    def __init__(self, visual: VisionTransformer, tower: Tower, *, antialiases: bool) -> None:
        super().__init__()
        self.stride_px = cast("int", visual.patch_size[0])
        self.channels = cast("int", visual.conv1.out_channels)
        self.window_px = tower.window_px or cast("int", visual.image_size[0])
        if self.window_px % self.stride_px:
            raise ValueError(f"window of {self.window_px} px, patches of {self.stride_px} px")
        self._antialiases = antialiases
        self._grid = (self.window_px // self.stride_px,) * 2
        self.conv1 = visual.conv1
        self.class_embedding = visual.class_embedding
        stored = resize_positions(
            visual.positional_embedding.detach(),
            cast("tuple[int, int]", tuple(visual.grid_size)),
            self._grid,
            antialias=antialiases,
        )
        self.positional_embedding = nn.Parameter(stored.clone())
        self.ln_pre = visual.ln_pre
        self.resblocks = visual.transformer.resblocks
        self.ln_post = visual.ln_post
        self.prompts: PromptTokens | None = None
        if tower.prompts is not None:
            self.requires_grad_(requires_grad=False)
            self.prompts = PromptTokens(
                tower.prompts,
                layers=len(self.resblocks),
                width=self.channels,
                patch_px=self.stride_px,
            )

    def forward(self, pictures: Tensor) -> Tensor:
        """Give features (N, channels, H / stride, W / stride) of pictures (N, 3, H, W)."""
        patches = self.conv1(pictures)
        grid = (patches.shape[2], patches.shape[3])
        positions = resize_positions(
            self.positional_embedding, self._grid, grid, antialias=self._antialiases
        )
        of_class = self.class_embedding.expand(pictures.shape[0], 1, -1)
        tokens = torch.cat([of_class, patches.flatten(2).transpose(1, 2)], dim=1) + positions
        layers = [partial(run_layer, cast("Layer", layer)) for layer in self.resblocks]
        tokens = through_layers(layers, self.ln_pre(tokens), self.prompts)
        return to_map(self.ln_post(tokens[:, 1:]), grid)
