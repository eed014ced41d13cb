"""CLIP's vision transformer tuned by deep prompts, in either variant."""

import math
from typing import cast

import torch
from open_clip.transformer import VisionTransformer
from torch import Tensor, nn

from training.models.attention import Layer, run_layer, to_map
from training.models.config import ClipCountConfig, Tower, VisualPrompts
from training.models.towers import build_visual, tower_architecture
from training.models.vit import VitTower

PUBLISHED_LAYERS = 10
"""Layers from the first on that have prompts in the published model."""

_NORM_EPSILON = 1e-6


class PublishedTower(nn.Module):
    """The tower as published: prompts in ten layers, through a shared projection, and a new norm.

    The prompts of the first layer pass the tower's first norm as patches do; those of later
    layers do not. After the last prompted layer the patches go on alone.

    Args:
        vit: A tower without prompts; frozen here but for its last norm, which is a new one.
        prompts: How many, with how much dropout.
        shifts_rows: Layer i takes row i - 1 of the table, the fault of the released program.
    """

    def __init__(self, vit: VitTower, prompts: VisualPrompts, *, shifts_rows: bool = False) -> None:
        super().__init__()
        vit.requires_grad_(requires_grad=False)
        width = vit.channels
        vit.ln_post = nn.LayerNorm(width, eps=_NORM_EPSILON)
        self.vit = vit
        self.stride_px, self.channels = vit.stride_px, width
        self.count = prompts.count
        layers = min(PUBLISHED_LAYERS, len(vit.resblocks))
        reach = math.sqrt(6 / (3 * vit.stride_px**2 + width))
        self.table = nn.Parameter(torch.empty(layers, prompts.count, width).uniform_(-reach, reach))
        self.projection = nn.Linear(width, width)
        nn.init.kaiming_normal_(self.projection.weight, a=0, mode="fan_out")
        self.dropout = nn.Dropout(prompts.dropout)
        self._shifts_rows = shifts_rows

    def forward(self, pictures: Tensor) -> Tensor:
        """Give features (N, channels, H / patch, W / patch) of pictures (N, 3, H, W)."""
        vit = self.vit
        patches = vit.conv1(pictures)
        grid = (patches.shape[2], patches.shape[3])
        of_class = vit.class_embedding.expand(len(pictures), 1, -1)
        tokens = torch.cat([of_class, patches.flatten(2).transpose(1, 2)], dim=1)
        tokens = tokens + vit.positional_embedding
        for index, layer in enumerate(vit.resblocks):
            tokens = self._run(cast("Layer", layer), tokens, index)
        return to_map(vit.ln_post(tokens[:, 1:]), grid)

    def _run(self, layer: Layer, tokens: Tensor, index: int) -> Tensor:
        if index >= len(self.table):
            return run_layer(layer, tokens)
        row = max(0, index - 1) if self._shifts_rows else index
        inserted = self.dropout(self.projection(self.table[row])).expand(len(tokens), -1, -1)
        tokens = torch.cat([tokens[:, :1], inserted, tokens[:, 1:]], dim=1)
        tokens = run_layer(layer, self.vit.ln_pre(tokens) if index == 0 else tokens)
        return torch.cat([tokens[:, :1], tokens[:, 1 + self.count :]], dim=1)


def vit_sides(tower: Tower) -> tuple[int, int]:
    """Give the sides of a tower's patches and of the pictures that it was made for, pixels.

    Args:
        tower: Any tower.

    Returns:
        Patch and picture.

    Raises:
        ValueError: If it is not CLIP's own vision transformer.
    """
    vision = tower_architecture(tower)["vision_cfg"]
    if "timm_model_name" in vision or not isinstance(vision["layers"], int):
        raise ValueError(f"{tower.name} is not CLIP's vision transformer, which CLIP-Count needs")
    return int(vision["patch_size"]), int(vision["image_size"])


def build_tower(config: ClipCountConfig) -> PublishedTower | VitTower:
    """Build the prompted tower of a network, with weights as they start.

    Args:
        config: Which network.

    Returns:
        The tower; all but prompts, their projection and a new norm is frozen.

    Raises:
        ValueError: If the tower is no vision transformer.
    """
    tower = config.tower
    visual = build_visual(tower)
    if not isinstance(visual, VisionTransformer):
        raise ValueError(f"{tower.name} is no vision transformer, which CLIP-Count needs")
    if config.variant == "improved":
        vit = VitTower(visual, tower, antialiases=True)
        if tower.prompts is None:
            vit.requires_grad_(requires_grad=False)
        return vit
    bare = VitTower(visual, tower.model_copy(update={"prompts": None}), antialiases=False)
    prompts = tower.prompts or VisualPrompts(count=20, dropout=0.1)
    return PublishedTower(bare, prompts, shifts_rows=config.released_faults)


def take_visual_weights(
    tower: PublishedTower | VitTower, visual: VisionTransformer, config: ClipCountConfig
) -> None:
    """Copy the frozen weights of a CLIP model's image half; what is learned stays as it is."""
    vit = tower.vit if isinstance(tower, PublishedTower) else tower
    bare = config.tower.model_copy(update={"prompts": None})
    antialiases = config.variant == "improved"
    given = VitTower(visual, bare, antialiases=antialiases).state_dict()
    if isinstance(tower, PublishedTower):
        given = {name: one for name, one in given.items() if not name.startswith("ln_post.")}
    vit.load_state_dict({**vit.state_dict(), **given})
