"""Trunks from timm and torchvision that are not part of a CLIP model."""

from typing import cast

import timm
import torch
import torchvision
from torch import Tensor, nn
from torchvision.models.vision_transformer import EncoderBlock, VisionTransformer

from training.models.attention import attend, resize_positions, to_map
from training.models.towers import keep_size

VIT_WINDOW_PX = 224
"""Side of the pictures that torchvision's vision transformers were made for."""

_HALVABLE_STRIDE_PX = 32


class TimmTrunk(nn.Module):
    """The last map of features of a timm model.

    Args:
        name: As timm calls the model.
        last_stride_removed: Whether to keep the size in the last stage where it is known how
            (residual networks, MobileNetV2, DenseNet); other models stay as they are.

    Attributes:
        name: As given.
        stride_px: Pixels a feature stands for, along each side.
        channels: Channels of the features.
    """

    def __init__(self, name: str, *, last_stride_removed: bool = False) -> None:
        super().__init__()
        self.name = name
        if not timm.is_model(name.partition(".")[0]):
            raise ValueError(f"'{name}' is no backbone known here and no model of timm")
        self.encoder = timm.create_model(
            name, pretrained=False, features_only=True, out_indices=(-1,)
        )
        info = cast("timm.models.FeatureInfo", self.encoder.feature_info)
        self.channels = cast("int", info.channels()[-1])
        self.stride_px = cast("int", info.reduction()[-1])
        if last_stride_removed and self.stride_px == _HALVABLE_STRIDE_PX:
            last_stage = _last_stage(name, self.encoder)
            if last_stage is not None:
                keep_size(last_stage)
                self.stride_px //= 2

    def forward(self, pictures: Tensor) -> Tensor:
        """Give features (N, channels, H / stride, W / stride) of pictures (N, 3, H, W)."""
        features: Tensor = self.encoder(pictures)[-1]
        return features


class TorchvisionVit(nn.Module):
    """The features of the patches of torchvision's vision transformer.

    Args:
        name: `vit_b_16`, `vit_b_32`, `vit_l_16`, `vit_l_32` or `vit_h_14`.
        window_px: Side of the square pictures that positions are stored for.

    Attributes:
        stride_px: Side of a patch, pixels.
        channels: Channels of the features.
        window_px: As given.
    """

    def __init__(self, name: str, *, window_px: int = VIT_WINDOW_PX) -> None:
        super().__init__()
        whole = cast("VisionTransformer", torchvision.models.get_model(name, image_size=window_px))
        self.conv_proj = whole.conv_proj
        self.class_token = whole.class_token
        self.encoder = whole.encoder
        self.stride_px = whole.patch_size
        self.channels = whole.hidden_dim
        self.window_px = window_px
        self._grid = (window_px // self.stride_px,) * 2

    def forward(self, pictures: Tensor) -> Tensor:
        """Give features (N, channels, H / stride, W / stride) of pictures (N, 3, H, W)."""
        patches = self.conv_proj(pictures)
        grid = (patches.shape[2], patches.shape[3])
        of_class = self.class_token.expand(pictures.shape[0], -1, -1)
        positions = resize_positions(
            self.encoder.pos_embedding.squeeze(0), self._grid, grid, antialias=False
        )
        tokens = torch.cat([of_class, patches.flatten(2).transpose(1, 2)], dim=1) + positions
        for layer in self.encoder.layers:
            tokens = _run_layer(cast("EncoderBlock", layer), tokens)
        return to_map(self.encoder.ln(tokens[:, 1:]), grid)


def _run_layer(layer: EncoderBlock, tokens: Tensor) -> Tensor:
    tokens = tokens + attend(layer.self_attention, layer.ln_1(tokens))
    mixed: Tensor = layer.mlp(layer.ln_2(tokens))
    return tokens + mixed


def _last_stage(name: str, encoder: nn.Module) -> nn.Module | None:
    if "mobilenetv2" in name:
        return encoder.get_submodule("blocks.5")
    if "resnet" in name:
        return encoder.get_submodule("layer4")
    if "densenet" in name:
        return encoder.get_submodule("features_transition3")
    return None
