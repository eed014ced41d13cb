"""Vision transformers of timm inside CLIP models as trunks: MobileCLIP-B and its successors.

Some have a convolutional stem in place of patches, with batch normalization in it, and some no
position for the class token; otherwise they are what `training.models.vit` has of open_clip.
"""

from collections.abc import Callable, Sequence
from typing import Self, cast

import torch
from open_clip.timm_model import TimmModel
from timm.layers.hybrid_embed import HybridEmbed
from timm.layers.patch_embed import PatchEmbed
from timm.models.vision_transformer import VisionTransformer
from torch import Tensor, nn

from training.models.attention import resize_positions, to_map
from training.models.config import Tower
from training.models.prompts import PromptTokens, through_layers


def is_timm_vit(visual: nn.Module) -> bool:
    """Say whether the image half of a CLIP model is a transformer that `TimmVitTower` takes."""
    return isinstance(visual, TimmModel) and isinstance(visual.trunk, VisionTransformer)


class TimmVitTower(nn.Module):
    """A vision transformer of timm that gives the features of its patches.

    With prompts, everything but the prompts is frozen, running means of the stem included.

    Args:
        visual: The image half of a CLIP model; its layers are taken over, its class output is
            left behind.
        tower: Window and prompts.
        antialiases: Whether positions are filtered before they are made fewer.

    Attributes:
        stride_px: Side of a patch, pixels.
        channels: Channels of the features.
        window_px: Side of the square window that the positions are stored for, pixels.

    Raises:
        ValueError: If the transformer has no class token or no learned positions, or the window
            does not hold whole patches.
    """

    def __init__(self, visual: TimmModel, tower: Tower, *, antialiases: bool) -> None:
        super().__init__()
        trunk = cast("VisionTransformer", visual.trunk)
        if trunk.cls_token is None or trunk.reg_token is not None or trunk.pos_embed is None:
            raise ValueError(
                f"{tower.name}: a vision transformer here needs one class token and learned "
                "positions"
            )
        self.stride_px = cast("int", trunk.feature_info[-1]["reduction"])
        self.channels = trunk.embed_dim
        self.window_px = tower.window_px or cast("int", visual.image_size[0])
        if self.window_px % self.stride_px:
            raise ValueError(f"window of {self.window_px} px, patches of {self.stride_px} px")
        self._antialiases = antialiases
        self._grid = (self.window_px // self.stride_px,) * 2
        self._positions_of_class = 0 if trunk.no_embed_class else 1
        self.stem = _stem(trunk.patch_embed)
        self.class_token = trunk.cls_token
        stored = resize_positions(
            trunk.pos_embed.detach().squeeze(0),
            cast("tuple[int, int]", tuple(trunk.patch_embed.grid_size)),
            self._grid,
            antialias=antialiases,
            of_class=self._positions_of_class,
        )
        self.positional_embedding = nn.Parameter(stored.clone())
        self.norm_pre = trunk.norm_pre
        self.blocks = trunk.blocks
        self.norm = trunk.norm
        self.prompts: PromptTokens | None = None
        if tower.prompts is not None:
            self.requires_grad_(requires_grad=False)
            self.prompts = PromptTokens(
                tower.prompts,
                layers=len(self.blocks),
                width=self.channels,
                patch_px=self.stride_px,
            )
            self.train(self.training)

    def train(self, mode: bool = True) -> Self:
        """Change between training and evaluation; what is frozen stays in evaluation."""
        super().train(mode and self.prompts is None)
        if self.prompts is not None:
            self.training = mode
            self.prompts.train(mode)
        return self

    def forward(self, pictures: Tensor) -> Tensor:
        """Give features (N, channels, H / stride, W / stride) of pictures (N, 3, H, W)."""
        patches = self.stem(pictures)
        grid = (patches.shape[2], patches.shape[3])
        positions = resize_positions(
            self.positional_embedding,
            self._grid,
            grid,
            antialias=self._antialiases,
            of_class=self._positions_of_class,
        )
        of_class = self.class_token.expand(pictures.shape[0], -1, -1)
        of_patches = patches.flatten(2).transpose(1, 2)  # (n, c, h, w) -> (n, h · w, c)
        if self._positions_of_class:
            tokens = torch.cat([of_class, of_patches], dim=1) + positions
        else:
            tokens = torch.cat([of_class, of_patches + positions], dim=1)
        layers = cast("Sequence[Callable[[Tensor], Tensor]]", list(self.blocks))
        tokens = through_layers(layers, self.norm_pre(tokens), self.prompts)
        return to_map(self.norm(tokens[:, 1:]), grid)


def _stem(embedding: nn.Module) -> nn.Module:
    """Take what makes patches out of timm's wrappers, which insist on one size of pictures."""
    if isinstance(embedding, HybridEmbed):
        return nn.Sequential(embedding.backbone, embedding.proj)
    assert isinstance(embedding, PatchEmbed)  # timm has no other for this transformer
    return embedding.proj
