"""Vision transformers of CLIP models as trunks, tuned by prompts or as a whole.

Those of timm (MobileCLIP-B and its successors) may have a convolutional stem in place of patches,
with batch normalization in it, or no position for the class token.

The fused path that torch takes for `MultiheadAttention` while it does not train cannot be written
into an ONNX file, so the layers' own weights are applied here by the documented formula.
"""

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol, Self, cast

import torch
import torch.nn.functional as F
from open_clip.timm_model import TimmModel
from open_clip.transformer import VisionTransformer
from timm.layers.hybrid_embed import HybridEmbed
from timm.layers.patch_embed import PatchEmbed
from timm.models.vision_transformer import VisionTransformer as TimmTransformer
from torch import Tensor, nn

from training.models.config import Tower, VisualPrompts


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


class PromptTokens(nn.Module):
    """Learned tokens for some layers of a transformer.

    Args:
        prompts: How many, for which layers, with how much dropout.
        layers: Layers of the transformer.
        width: Length of a token.
        patch_px: Side of a patch; sets the range of the first values.

    Source:
        Jia et al., Visual Prompt Tuning (arXiv 2203.12119), deep and shallow. First values
        uniform within ±√(6 / (3·patch + width)) as published with CLIP-EBC, where VPT's own
        program has 3·patch².
    """

    def __init__(self, prompts: VisualPrompts, *, layers: int, width: int, patch_px: int) -> None:
        super().__init__()
        reach = math.sqrt(6 / (3 * patch_px + width))
        self.tokens = nn.ParameterList(
            nn.Parameter(torch.empty(prompts.count, width).uniform_(-reach, reach))
            for _ in range(layers if prompts.deep else 1)
        )
        self.dropout = nn.Dropout(prompts.dropout)
        self.count = prompts.count

    def of_layer(self, index: int, pictures: int) -> Tensor | None:
        """Give the tokens of a layer, shape (N, count, width); None if it has none of its own."""
        if index >= len(self.tokens):
            return None
        dropped: Tensor = self.dropout(self.tokens[index].expand(pictures, -1, -1))
        return dropped


def through_layers(
    layers: Sequence[Callable[[Tensor], Tensor]], tokens: Tensor, prompts: PromptTokens | None
) -> Tensor:
    """Send tokens through a transformer, each layer seeing its prompts after the class token.

    Args:
        layers: The transformer's layers, in order.
        tokens: Shape (N, 1 + patches, width), the class token first.
        prompts: Learned tokens; None: the layers see the picture alone.

    Returns:
        Shape (N, 1 + patches, width); prompts are taken out after every layer, and those of
        shallow prompting are put into the next one as they came out.
    """
    if prompts is None:
        for layer in layers:
            tokens = layer(tokens)
        return tokens
    carried: Tensor | None = None
    for index, layer in enumerate(layers):
        given = prompts.of_layer(index, tokens.shape[0])
        inserted = carried if given is None else given
        assert inserted is not None  # the first layer always has tokens of its own
        tokens = layer(torch.cat([tokens[:, :1], inserted, tokens[:, 1:]], dim=1))
        carried = tokens[:, 1 : 1 + prompts.count]
        tokens = torch.cat([tokens[:, :1], tokens[:, 1 + prompts.count :]], dim=1)
    return tokens


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


def is_timm_vit(visual: nn.Module) -> bool:
    """Say whether the image half of a CLIP model is a transformer that `TimmVitTower` takes."""
    return isinstance(visual, TimmModel) and isinstance(visual.trunk, TimmTransformer)


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
        trunk = cast("TimmTransformer", visual.trunk)
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
