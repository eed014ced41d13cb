"""Windowed, hybrid and reparameterized networks of timm in the size of a test.

timm has none of these kinds that is small, so its own makers are asked for fewer and narrower
layers. Once registered, the names work wherever timm's own names do.
"""

import warnings
from functools import partial
from typing import Any

import timm
from timm.models import fastvit, register_model, swin_transformer, vision_transformer_hybrid
from torch import nn

from tests.rigs.tiny_clip import TEXT
from training.models.config import Tower, VisualPrompts

SIDE_PX = 64
"""Side of the pictures of those that take one size alone."""

_ONE_SIZE = {"url": "", "input_size": (3, SIDE_PX, SIDE_PX), "fixed_input_size": True}
default_cfgs = {
    "tiny_swin": _ONE_SIZE,
    "tiny_mci": {**_ONE_SIZE, "num_classes": 0, "first_conv": "", "classifier": "head"},
    "tiny_fastvit": {"url": "", "num_classes": 0, "classifier": "head.fc"},
}
"""Where timm's registry looks for sizes, under this very name."""


def tiny_swin(**options: Any) -> nn.Module:  # timm's own options
    """Shifted windows of 4 × 4 patches, two stages."""
    shape = {"embed_dim": 16, "depths": (2, 2), "num_heads": (1, 2), "window_size": 4}
    made: nn.Module = swin_transformer.swin_tiny_patch4_window7_224(
        **{"img_size": SIDE_PX, **shape, **options}
    )
    return made


def tiny_mci(**options: Any) -> nn.Module:  # timm's own options
    """What MobileCLIP-B has: a transformer on a convolutional stem with batch normalization."""
    stem = vision_transformer_hybrid.ConvStem(
        channels=(8, 8, 32), stride=(4, 2, 2), kernel_size=(4, 2, 2), padding=0, act_layer=nn.GELU
    )
    make = vision_transformer_hybrid._create_vision_transformer_hybrid
    made: nn.Module = make(  # type: ignore[no-untyped-call]  # timm's own has no types
        "tiny_mci",
        backbone=stem,
        embed_args={"proj": False},
        img_size=SIDE_PX,
        embed_dim=32,
        depth=2,
        num_heads=2,
        no_embed_class=True,
        **options,
    )
    return made


def tiny_fastvit(**options: Any) -> nn.Module:  # timm's own options
    """What MobileCLIP-S has: branches that inference folds into one, attention at the end."""
    position = partial(fastvit.RepConditionalPosEnc, spatial_shape=(7, 7))
    shape = {"layers": (1, 1, 1, 1), "embed_dims": (8, 16, 32, 64)}
    made: nn.Module = fastvit.fastvit_mci0(
        **{**shape, "pos_embs": (None, None, None, position), **options}
    )
    return made


def register_tiny_models() -> None:
    """Make the names known to timm."""
    for maker in (tiny_swin, tiny_mci, tiny_fastvit):
        if not timm.is_model(maker.__name__):
            with warnings.catch_warnings():
                register_model(maker)


def tiny_timm_tower(timm_name: str, prompts: VisualPrompts | None = None) -> Tower:
    """The image half of a CLIP model that timm makes; of transformers the window is 64 px."""
    is_transformer = timm_name == "tiny_mci"
    vision = {
        "timm_model_name": timm_name,
        "timm_model_pretrained": False,
        "timm_pool": "token" if is_transformer else "avg",
        "timm_proj": None if is_transformer else "linear",
        "image_size": SIDE_PX,
    }
    return Tower(
        name=timm_name,
        architecture={"embed_dim": 16, "vision_cfg": vision, "text_cfg": TEXT},
        window_px=SIDE_PX if is_transformer else None,
        prompts=prompts,
    )
