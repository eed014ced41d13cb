"""CLIP models: image towers as trunks, text towers to embed sentences with, and own descriptions.

Image towers give dense features instead of one vector a picture. Only the half that is asked for
is built, and never with weights from the network; see `training.models.start` for those. The text
half is used once to embed sentences, then left behind.
"""

import copy
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias, cast

import open_clip
import torch
import torch.nn.functional as F
from open_clip.model import _build_text_tower, _build_vision_tower
from open_clip.modified_resnet import ModifiedResNet
from open_clip.timm_model import TimmModel
from open_clip.transformer import VisionTransformer
from torch import Tensor, nn

from training.errors import TrainingError
from training.models.config import Tower
from training.models.vit import TimmVitTower, VitTower, is_timm_vit

_RESNET_STRIDE_PX = 32


class ResnetTower(nn.Module):
    """CLIP's residual network without its attention pooling.

    Args:
        visual: The network; its layers are taken over.
        last_stride_removed: Whether the last stage keeps the size, which leaves a stride of 16.

    Attributes:
        stride_px: Pixels a feature stands for, along each side.
        channels: Channels of the features.
    """

    def __init__(self, visual: ModifiedResNet, *, last_stride_removed: bool) -> None:
        super().__init__()
        for number in (1, 2, 3):
            for part in ("conv", "bn", "act"):
                self.add_module(f"{part}{number}", getattr(visual, f"{part}{number}"))
        self.avgpool = visual.avgpool
        for number in (1, 2, 3, 4):
            self.add_module(f"layer{number}", getattr(visual, f"layer{number}"))
        if last_stride_removed:
            keep_size(visual.layer4)
        self.stride_px = _RESNET_STRIDE_PX // (2 if last_stride_removed else 1)
        self.channels = cast("int", visual.attnpool.c_proj.in_features)

    def forward(self, pictures: Tensor) -> Tensor:
        """Give features (N, channels, H / stride, W / stride) of pictures (N, 3, H, W)."""
        features = pictures
        for layer in self.children():
            features = layer(features)
        return features


class StagedTower(nn.Module):
    """A convolutional trunk of timm in a CLIP model: stem, stages, perhaps a last convolution.

    Args:
        visual: ConvNeXt or FastViT (MobileCLIP) as open_clip wraps it.

    Attributes:
        stride_px: Pixels a feature stands for, along each side.
        channels: Channels of the features.
        has_final_conv: Whether there is a last convolution: FastViT has one, ConvNeXt has none.
    """

    def __init__(self, visual: TimmModel) -> None:
        super().__init__()
        self.stem = visual.trunk.stem
        self.stages = visual.trunk.stages
        self.has_final_conv = hasattr(visual.trunk, "final_conv")
        self.final_conv = visual.trunk.final_conv if self.has_final_conv else nn.Identity()
        self.stride_px = cast("int", visual.trunk.feature_info[-1]["reduction"])
        self.channels = cast("int", visual.trunk.head_hidden_size)

    def forward(self, pictures: Tensor) -> Tensor:
        """Give features (N, channels, H / stride, W / stride) of pictures (N, 3, H, W)."""
        features: Tensor = self.final_conv(self.stages(self.stem(pictures)))
        return features


DenseTower: TypeAlias = ResnetTower | StagedTower | VitTower | TimmVitTower
"""A trunk cut from a CLIP model."""


def tower_architecture(tower: Tower) -> dict[str, Any]:
    """Look a tower's configuration up, in open_clip's free form.

    Args:
        tower: What is asked for.

    Returns:
        A copy that may be changed.

    Raises:
        ValueError: If open_clip does not know the name and no configuration was given.
    """
    known = tower.architecture or open_clip.get_model_config(tower.name)
    if known is None:
        raise ValueError(f"open_clip knows no model '{tower.name}'; see open_clip.list_models()")
    return cast("dict[str, Any]", copy.deepcopy(known))


def embedding_width(tower: Tower) -> int:
    """Length of the vectors in which pictures and sentences are compared."""
    return cast("int", tower_architecture(tower)["embed_dim"])


def build_visual(tower: Tower) -> nn.Module:
    """Build the image half of a CLIP model with weights as they start, nothing downloaded."""
    architecture = tower_architecture(tower)
    vision = architecture["vision_cfg"]
    vision["timm_model_pretrained"] = False
    # open_clip has no public way to build one half alone; both published programs build both.
    visual: nn.Module = _build_vision_tower(architecture["embed_dim"], vision, tower.quick_gelu)
    return visual


def is_transformer(tower: Tower) -> bool:
    """Say whether a tower is a vision transformer, which has a window and may have prompts."""
    with torch.device("meta"):
        visual = build_visual(tower)
    return isinstance(visual, VisionTransformer) or is_timm_vit(visual)


def dense_tower(
    visual: nn.Module, tower: Tower, *, last_stride_removed: bool, antialiases: bool
) -> DenseTower:
    """Turn the image half of a CLIP model into a trunk that gives dense features.

    Args:
        visual: What `build_visual` or open_clip gave; its layers are taken over.
        tower: Window and prompts of a vision transformer.
        last_stride_removed: For residual networks: keep the size in the last stage.
        antialiases: For vision transformers: filter positions before making them fewer.

    Returns:
        The trunk, with `stride_px` and `channels`.

    Raises:
        ValueError: If the tower is of a kind without dense features, or prompts or a window were
            asked for where there can be none.
    """
    if isinstance(visual, VisionTransformer):
        return VitTower(visual, tower, antialiases=antialiases)
    if is_timm_vit(visual):
        return TimmVitTower(cast("TimmModel", visual), tower, antialiases=antialiases)
    if tower.prompts is not None or tower.window_px is not None:
        raise ValueError(f"{tower.name} is no vision transformer: no prompts, no window")
    if isinstance(visual, ModifiedResNet):
        return ResnetTower(visual, last_stride_removed=last_stride_removed)
    if isinstance(visual, TimmModel) and hasattr(visual.trunk, "stages"):
        return StagedTower(visual)
    raise ValueError(f"{tower.name} gives no dense features that are known here")


def keep_size(stage: nn.Module) -> None:
    """Take the stride out of a stage of layers, in place, so that it keeps the size of its map."""
    for name, module in list(stage.named_modules()):
        if isinstance(module, nn.AvgPool2d):
            parent, _, leaf = name.rpartition(".")
            setattr(stage.get_submodule(parent), leaf, nn.Identity())
        elif isinstance(module, nn.Conv2d) and module.stride != (1, 1):
            module.stride = (1, 1)


def build_clip(tower: Tower) -> open_clip.CLIP:
    """Build a whole CLIP model with random weights from a tower's description."""
    architecture = tower_architecture(tower)
    return cast(
        "open_clip.CLIP",
        open_clip.CLIP(
            architecture["embed_dim"],
            architecture["vision_cfg"],
            architecture["text_cfg"],
            quick_gelu=tower.quick_gelu,
        ),
    )


def load_clip(tower: Tower, path: Path) -> open_clip.CLIP:
    """Build a whole CLIP model with weights from a file.

    Args:
        tower: Its description.
        path: A state dict saved by torch, such as `python -m training.small_clip` writes.

    Returns:
        The model, in evaluation mode.

    Raises:
        TrainingError: If the file cannot be read or holds the weights of another model.
    """
    model = build_clip(tower)
    try:
        weights = torch.load(path, map_location="cpu", weights_only=True)
        model.load_state_dict(weights)
    except OSError as error:
        raise TrainingError(f"{path}: cannot be read ({error.strerror or error})") from error
    except (RuntimeError, TypeError, AttributeError, EOFError, pickle.UnpicklingError) as error:
        raise TrainingError(
            f"{path}: does not hold the weights of {tower.name} as a state dict of torch"
        ) from error
    return cast("open_clip.CLIP", model.eval())


_SENTENCES_A_BATCH = 64


class TextTower(nn.Module):
    """Embeds sentences; never trained, never kept.

    Args:
        encoder: A text half of open_clip, or a whole CLIP model.
        tower: Says how sentences become tokens.
    """

    def __init__(self, encoder: nn.Module, tower: Tower) -> None:
        super().__init__()
        self.encoder = encoder.eval().requires_grad_(requires_grad=False)
        self._tower = tower

    def forward(self, sentences: Sequence[str]) -> Tensor:
        """Give unit vectors (sentences, width) for sentences."""
        tokens = tokenize(self._tower, sentences)
        encode = getattr(self.encoder, "encode_text", self.encoder)
        with torch.no_grad():
            starts = range(0, len(tokens), _SENTENCES_A_BATCH)
            vectors = [encode(tokens[start : start + _SENTENCES_A_BATCH]) for start in starts]
        return F.normalize(torch.cat(vectors).float(), dim=1)


def tokenize(tower: Tower, sentences: Sequence[str]) -> Tensor:
    """Turn sentences into tokens (sentences, context length), int64, as the tower expects."""
    architecture = tower_architecture(tower)
    if tower.architecture is None:
        tokenizer = open_clip.get_tokenizer(tower.name)
    else:
        length = architecture["text_cfg"].get(
            "context_length", open_clip.CLIPTextCfg.context_length
        )
        tokenizer = open_clip.SimpleTokenizer(context_length=length)
    return cast("Tensor", tokenizer(list(sentences)))


def random_text_tower(tower: Tower) -> TextTower:
    """Build the text half of a CLIP model with random weights; nothing is downloaded."""
    architecture = tower_architecture(tower)
    # As in towers.py: open_clip has no public way to build one half alone.
    encoder: nn.Module = _build_text_tower(
        architecture["embed_dim"], architecture["text_cfg"], tower.quick_gelu
    )
    return TextTower(encoder, tower)
