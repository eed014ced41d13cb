"""CLIP models that are not in open_clip's list: built from a description, weights in a file."""

import pickle
from pathlib import Path
from typing import cast

import open_clip
import torch

from training.errors import TrainingError
from training.models.config import Tower
from training.models.towers import tower_architecture


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
