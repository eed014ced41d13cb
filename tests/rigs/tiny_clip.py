"""CLIP models small enough to be built in a blink, with random weights."""

from typing import Any

from training.models.config import Tower, VisualPrompts

TEXT: dict[str, Any] = {
    "context_length": 77,
    "vocab_size": 49408,
    "width": 16,
    "heads": 2,
    "layers": 1,
}
"""A text half that takes the tokens of the real ones."""

VIT: dict[str, Any] = {
    "embed_dim": 16,
    "vision_cfg": {
        "image_size": 64,
        "layers": 3,
        "width": 32,
        "head_width": 16,
        "patch_size": 16,
    },
    "text_cfg": TEXT,
}
"""A vision transformer of three layers."""

RESNET: dict[str, Any] = {
    "embed_dim": 16,
    "vision_cfg": {
        "image_size": 64,
        "layers": [1, 1, 1, 1],
        "width": 8,
        "head_width": 16,
        "patch_size": None,
    },
    "text_cfg": TEXT,
}
"""A residual network of one block a stage."""


def tiny_vit(prompts: VisualPrompts | None = None, *, window_px: int = 64) -> Tower:
    """A small vision transformer."""
    return Tower(name="tiny-vit", architecture=VIT, window_px=window_px, prompts=prompts)


def tiny_resnet() -> Tower:
    """A small residual network."""
    return Tower(name="tiny-resnet", architecture=RESNET)


def timm_vit(
    timm_name: str, prompts: VisualPrompts | None = None, *, window_px: int = 224
) -> Tower:
    """A vision transformer of timm, as MobileCLIP-B and its successors have one."""
    vision = {
        "timm_model_name": timm_name,
        "timm_model_pretrained": False,
        "timm_pool": "token",
        "timm_proj": None,
        "image_size": 224,
    }
    architecture = {"embed_dim": 16, "vision_cfg": vision, "text_cfg": TEXT}
    return Tower(name=timm_name, architecture=architecture, window_px=window_px, prompts=prompts)
