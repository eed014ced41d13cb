"""CLIP-Count networks small enough to be built in a blink, with random weights."""

import torch

from tests.rigs.tiny_clip import TEXT, VIT
from training.clip_count.network import ClipCounter
from training.models.config import ClipCountConfig, Tower, VisualPrompts

ARCHITECTURE = VIT | {
    "text_cfg": TEXT | {"context_length": 12, "layers": 2},
}
"""A short context, for speed; three layers of vision, two of text."""


def tiny_config(variant="improved", *, context=2, window_px=64, **changes) -> ClipCountConfig:
    """A small network; the paper's variant sees its window of 96 px at 64."""
    tower = Tower(
        name="tiny",
        architecture=ARCHITECTURE,
        window_px=64,
        prompts=VisualPrompts(count=3, dropout=0.1),
    )
    is_paper = variant == "paper"
    usual = {
        "tower": tower,
        "variant": variant,
        "window_px": 96 if is_paper else window_px,
        "cell_px": 1 if is_paper else 4,
        "context_tokens": context,
        "decoder_widths": (16, 16, 16, 16),
    }
    return ClipCountConfig(**(usual | changes))


def tiny_counter(variant="improved", *, seed=0, **changes) -> ClipCounter:
    """Build one, in evaluation mode."""
    torch.manual_seed(seed)
    return ClipCounter(tiny_config(variant, **changes)).eval()
