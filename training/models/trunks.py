"""Trunks from timm and torchvision that are not part of a CLIP model, and decoders cut from VGG.

The layers of a trunk stand where torchvision has them, so that its weights can be taken over.
"""

from collections.abc import Sequence
from typing import Any, cast

import timm
import torch
import torch.nn.functional as F
import torchvision
from timm.layers.format import Format
from torch import Tensor, nn
from torchvision.models.vgg import cfgs as VGG_PLANS
from torchvision.models.vgg import make_layers
from torchvision.models.vision_transformer import EncoderBlock, VisionTransformer

from training.models.towers import keep_size
from training.models.vit import attend, resize_positions, to_map

VIT_WINDOW_PX = 224
"""Side of the pictures that torchvision's vision transformers were made for."""

_HALVABLE_STRIDE_PX = 32


class TimmTrunk(nn.Module):
    """The last map of features of a timm model.

    Args:
        name: As timm calls the model.
        last_stride_removed: Whether to keep the size in the last stage where it is known how
            (residual networks, MobileNetV2, DenseNet); other models stay as they are.
        window_px: Side of the square pictures that a model of one size shall take; None: as it
            was made for.

    Attributes:
        name: As given.
        stride_px: Pixels a feature stands for, along each side.
        channels: Channels of the features.
        window_px: Side of the square pictures that it takes; None: any size is taken whole.

    Raises:
        ValueError: If timm has no such model, it has no size to choose, or it does not give one
            feature for every so many pixels.
    """

    def __init__(
        self, name: str, *, last_stride_removed: bool = False, window_px: int | None = None
    ) -> None:
        super().__init__()
        self.name = name
        native_px = timm_window_px(name)
        if window_px is not None and native_px is None:
            raise ValueError(f"{name} takes pictures whole, not in windows")
        self.window_px = window_px or native_px
        self.encoder = timm_encoder(name, window_px=self.window_px)
        info = cast("timm.models.FeatureInfo", self.encoder.feature_info)
        self.channels = cast("int", info.channels()[-1])
        self.stride_px = cast("int", info.reduction()[-1])
        self._has_channels_last = getattr(self.encoder, "output_fmt", None) == Format.NHWC
        self._check_map()
        if last_stride_removed and self.stride_px == _HALVABLE_STRIDE_PX:
            last_stage = _last_stage(name, self.encoder)
            if last_stage is not None:
                keep_size(last_stage)
                self.stride_px //= 2

    def forward(self, pictures: Tensor) -> Tensor:
        """Give features (N, channels, H / stride, W / stride) of pictures (N, 3, H, W)."""
        return self._map_of(self.encoder, pictures)

    def _map_of(self, encoder: nn.Module, pictures: Tensor) -> Tensor:
        features: Tensor = encoder(pictures)[-1]
        if self._has_channels_last:
            return features.permute(0, 3, 1, 2)  # (n, h, w, c) -> (n, c, h, w)
        return features

    def _check_map(self) -> None:
        """Refuse models whose features do not lie one to so many pixels; computes nothing."""
        side = self.window_px or _HALVABLE_STRIDE_PX * 4
        with torch.device("meta"):
            try:
                encoder = timm_encoder(self.name, window_px=self.window_px).eval()
                found = self._map_of(encoder, torch.empty(1, 3, side, side)).shape
            except (AssertionError, RuntimeError) as error:
                raise ValueError(
                    f"{self.name} cannot take pictures of {side} px: {str(error).splitlines()[0]}"
                ) from error
        wanted = (1, self.channels, side // self.stride_px, side // self.stride_px)
        if found != wanted or side % self.stride_px:
            raise ValueError(
                f"{self.name} gives features of shape {tuple(found)} for pictures of {side} px, "
                f"not one for every {self.stride_px} px: it cannot be a trunk"
            )


def timm_window_px(name: str) -> int | None:
    """Say which side the pictures of a timm model must have.

    Args:
        name: As timm calls the model.

    Returns:
        Pixels; None: any side will do.

    Raises:
        ValueError: If timm has no such model.
    """
    if not timm.is_model(name.partition(".")[0]):
        raise ValueError(f"'{name}' is no backbone known here and no model of timm")
    published = timm.get_pretrained_cfg(name)
    if published is None or not published.fixed_input_size:
        return None
    return published.input_size[-1]


def timm_encoder(name: str, *, window_px: int | None, pretrained: bool = False) -> nn.Module:
    """Make the part of a timm model that gives its last map of features.

    Args:
        name: As timm calls the model.
        window_px: Side of the pictures of a model of one size; None for other models.
        pretrained: Whether to fetch published weights.

    Returns:
        The network; it gives a list with one map.

    Raises:
        ValueError: If the model cannot be made for such a window.
    """
    is_as_made = window_px == timm_window_px(name)
    size: dict[str, Any] = {} if is_as_made else {"img_size": window_px}  # timm's own options
    # How timm says that a model has no such option, or no maps; a failed download is another thing.
    refusals = (TypeError, AttributeError, IndexError, *(() if pretrained else (RuntimeError,)))
    try:
        encoder: nn.Module = timm.create_model(
            name, pretrained=pretrained, features_only=True, out_indices=(-1,), **size
        )
    except refusals as error:
        wanted = "a trunk" if is_as_made else f"a trunk for windows of {window_px} px"
        raise ValueError(f"{name} cannot be made into {wanted}: {error}") from error
    return encoder


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
    if "resnet" in name and hasattr(encoder, "layer4"):  # the second generation has none
        return encoder.get_submodule("layer4")
    if "densenet" in name:
        return encoder.get_submodule("features_transition3")
    return None


PLAN_OF_DEPTH = {"vgg11": "A", "vgg13": "B", "vgg16": "D", "vgg19": "E"}
"""Which of torchvision's plans belongs to which depth."""

TRUNK_CHANNELS = 512
"""Channels that every trunk here ends with."""

_CSRNET_STAGES = 3  # poolings before CSRNet's trunk ends, hence its stride of 8
_CSRNET_CONVOLUTIONS = 10  # of VGG-16
_CSRNET_DECODER = (512, 512, 512, 256, 128, 64)
_CONTEXT_SIDES = (1, 2, 3, 6)  # cells that the context module averages over, along each side
_EPSILON = 1e-6  # keeps the context module's mean defined where all weights vanish


def vgg_trunk(depth: str, *, has_norm: bool) -> nn.Sequential:
    """Make VGG's convolutions without the last pooling: stride 16, 512 channels.

    Args:
        depth: `vgg11`, `vgg13`, `vgg16` or `vgg19`.
        has_norm: Whether each convolution is followed by batch normalization.

    Returns:
        Layers at the indices where torchvision has them.
    """
    return cast(
        "nn.Sequential", make_layers(VGG_PLANS[PLAN_OF_DEPTH[depth]][:-1], batch_norm=has_norm)
    )


def csrnet_trunk(*, has_norm: bool) -> nn.Sequential:
    """Make the first ten convolutions of VGG-16: stride 8, 512 channels."""
    plan: list[str | int] = []
    convolutions = 0
    for entry in VGG_PLANS[PLAN_OF_DEPTH["vgg16"]]:
        if convolutions == _CSRNET_CONVOLUTIONS:
            break
        plan.append(entry)
        convolutions += entry != "M"
    if plan.count("M") != _CSRNET_STAGES:
        raise AssertionError("ten convolutions of VGG-16 lie after three poolings")
    return cast("nn.Sequential", make_layers(plan, batch_norm=has_norm))


def csrnet_decoder(*, has_norm: bool) -> nn.Sequential:
    """Make CSRNet's dilated decoder.

    Args:
        has_norm: Whether each convolution is followed by batch normalization.

    Returns:
        Layers from 512 channels to 64 that keep the size.

    Source:
        CSRNet, configuration B (arXiv 1802.10062).
    """
    return _convolutions(TRUNK_CHANNELS, _CSRNET_DECODER, dilation=2, has_norm=has_norm)


def dm_count_decoder() -> nn.Sequential:
    """Make the two convolutions after the enlargement in BL and DM-Count.

    Returns:
        Layers from 512 channels to 128 that keep the size.

    Source:
        DM-Count (arXiv 2009.13077), without its last layer, the density.
    """
    return _convolutions(TRUNK_CHANNELS, (256, 128), dilation=1, has_norm=False)


def average_cells(features: Tensor, side_cells: int) -> Tensor:
    """Average features over a coarse grid of cells, as adaptive average pooling does.

    Written as products with two matrices of weights, because adaptive pooling of maps of any size
    cannot be written into an ONNX file.

    Args:
        features: Shape (N, C, h, w).
        side_cells: Cells along each side; neighbors overlap where a side is no multiple.

    Returns:
        Shape (N, C, side_cells, side_cells).
    """
    rows = _cell_weights(features.shape[2], side_cells, features)
    columns = _cell_weights(features.shape[3], side_cells, features)
    return rows @ features @ columns.transpose(0, 1)


class ContextModule(nn.Module):
    """Adds to every place what its surroundings look like, at several sizes, weighted by contrast.

    Source:
        CANNet (arXiv 1811.10452), equations 2 to 5, as in the published EBC program: one network
        of weights for all sizes, and a 1×1 convolution back to the trunk's width.
    """

    def __init__(self, channels: int = TRUNK_CHANNELS) -> None:
        super().__init__()
        self.scales = nn.ModuleList(
            nn.Conv2d(channels, channels, 1, bias=False) for _ in _CONTEXT_SIDES
        )
        self.weight_net = nn.Conv2d(channels, channels, 1)
        self.bottleneck = nn.Conv2d(2 * channels, channels, 1)

    def forward(self, features: Tensor) -> Tensor:
        """Give features of the same shape (N, C, h, w), with context."""
        size = (features.shape[2], features.shape[3])
        weighted = torch.zeros_like(features)
        weights = torch.zeros_like(features)
        for side_cells, scale in zip(_CONTEXT_SIDES, self.scales, strict=True):
            coarse = scale(average_cells(features, side_cells))
            surroundings = F.interpolate(coarse, size=size, mode="bilinear", align_corners=False)
            weight = torch.sigmoid(self.weight_net(features - surroundings))
            weighted = weighted + weight * surroundings
            weights = weights + weight
        context = weighted / (weights + _EPSILON)
        return F.relu(self.bottleneck(torch.cat([context, features], dim=1)))


def _cell_weights(length: int, side_cells: int, like: Tensor) -> Tensor:
    cells = torch.arange(side_cells, device=like.device).unsqueeze(1)
    places = torch.arange(length, device=like.device).unsqueeze(0)
    starts = (cells * length) // side_cells
    stops = ((cells + 1) * length + side_cells - 1) // side_cells
    inside = ((places >= starts) & (places < stops)).to(like.dtype)
    return inside / inside.sum(dim=1, keepdim=True)


def _convolutions(
    channels_in: int, widths: Sequence[int], *, dilation: int, has_norm: bool
) -> nn.Sequential:
    layers: list[nn.Module] = []
    for width in widths:
        layers.append(nn.Conv2d(channels_in, width, 3, padding=dilation, dilation=dilation))
        if has_norm:
            layers.append(nn.BatchNorm2d(width))
        layers.append(nn.ReLU(inplace=True))
        channels_in = width
    return nn.Sequential(*layers)
