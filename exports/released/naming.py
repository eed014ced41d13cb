"""What the published programs call the parts of a network: our names to theirs.

Names are made in this one direction, so that what a file lacks and what it has too much can both
be told in the file's own names.
"""

import re
from collections.abc import Iterator, Mapping

from torch import nn

from training.models.blocks import ChannelNorm, ResidualBlock


def block_names(block: ResidualBlock, *, norm: str = "norm") -> dict[str, str]:
    """Give the published names of a residual block's weights.

    Args:
        block: The block.
        norm: What its normalizations are called: `norm` in ZIP, `bn` in CLIP-EBC.

    Returns:
        For every weight of ours, counted from the block, the published name, likewise.
    """
    inside = ".1" if any(isinstance(one, ChannelNorm) for one in block.modules()) else ""
    names: dict[str, str] = {}
    for key in block.state_dict():
        part, leaf = key.rsplit(".", 1)
        if part.startswith("shortcut."):
            first = 1 if _pools(block.shortcut) else 0
            names[key] = (
                f"downsample.{first}.{leaf}"
                if part.endswith("conv")
                else f"downsample.{first + 1}{inside}.{leaf}"
            )
            continue
        _, index, role = part.split(".")
        number = int(index) + 1
        if role == "norm":
            names[key] = f"{norm}{number}{inside}.{leaf}"
        else:
            conv = _convolution_name(block.stages[int(index)], number, role)
            names[key] = f"{conv}.{leaf}"
    return names


def under(prefix: str, published: str, names: Mapping[str, str]) -> dict[str, str]:
    """Put prefixes before our names and the published ones."""
    return {f"{prefix}{ours}": f"{published}{theirs}" for ours, theirs in names.items()}


def same_names(module: nn.Module) -> dict[str, str]:
    """Give the names of a part that both programs call the same."""
    return {key: key for key in module.state_dict()}


def replaced(names: Mapping[str, str], pattern: str, replacement: str) -> dict[str, str]:
    """Replace a pattern in the published names."""
    return {ours: re.sub(pattern, replacement, theirs, count=1) for ours, theirs in names.items()}


def steps_of(sequence: nn.Module) -> Iterator[tuple[int, nn.Module]]:
    """Go through the numbered steps of a part."""
    for name, step in sequence.named_children():
        yield int(name), step


def _pools(shortcut: nn.Module) -> bool:
    return any(isinstance(one, nn.AvgPool2d) for one in shortcut.children())


def _convolution_name(stage: nn.Module, number: int, role: str) -> str:
    parts = dict(stage.named_children())
    if "mix" not in parts:
        return f"conv{number}"
    conv = parts["conv"]
    is_depthwise = isinstance(conv, nn.Conv2d) and conv.groups == conv.in_channels
    if is_depthwise:
        return f"conv{number}.{'depthwise' if role == 'conv' else 'pointwise'}"
    return f"conv{number}" if role == "conv" else f"conv{number}_1x1"
