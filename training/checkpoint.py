"""A trained network on disk: the network, how it was made, and nothing else.

The file is a dict saved by torch with the keys `format`, `version`, `network` (plain description
from which `build_counter` builds it), `weights` (state dict) and `metadata` (plain data: training
options, data and its hash, errors measured, commit). It is read with `weights_only`, so a file
that wants to run code is refused.
"""

import hashlib
import pickle
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from training.errors import CheckpointError
from training.models.build import build_counter
from training.models.config import CounterConfig, read_config
from training.models.output import Counter

FORMAT = "crowd-monitor-checkpoint"
VERSION = 1

_DAMAGE = (OSError, RuntimeError, EOFError, ValueError, LookupError, TypeError, AttributeError)
"""What torch and pickle raise on bytes that were never a checkpoint."""


@dataclass(frozen=True)
class Checkpoint:
    """A trained network and how it was made."""

    network: CounterConfig
    weights: dict[str, torch.Tensor]
    metadata: dict[str, Any] = field(default_factory=dict)
    """Plain data. Any: each command notes what it knows."""

    def build(self) -> Counter:
        """Build the network with its weights, in evaluation mode.

        Returns:
            The network, on the CPU.

        Raises:
            CheckpointError: If the weights do not fit the description.
        """
        counter = build_counter(self.network)
        try:
            counter.load_state_dict(self.weights)
        except RuntimeError as error:
            raise CheckpointError(
                f"the checkpoint's weights do not fit its own description: {error}"
            ) from error
        return counter.eval()


def save_checkpoint(checkpoint: Checkpoint, path: Path) -> None:
    """Write a checkpoint whole or not at all.

    Args:
        checkpoint: What to write.
        path: Where to; an older file there is replaced at the last moment.

    Raises:
        CheckpointError: If it cannot be written.
    """
    document = {
        "format": FORMAT,
        "version": VERSION,
        "network": checkpoint.network.model_dump(mode="json"),
        "weights": checkpoint.weights,
        "metadata": checkpoint.metadata,
    }
    partial = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save(document, partial)
        partial.replace(path)
    except (OSError, RuntimeError) as error:
        partial.unlink(missing_ok=True)
        raise CheckpointError(f"{path}: the checkpoint cannot be written ({error})") from error


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint.

    Args:
        path: File written by `save_checkpoint`.

    Returns:
        The checkpoint, tensors on the CPU.

    Raises:
        CheckpointError: If there is no file, it is damaged, wants to run code, or is another
            program's.
    """
    if not path.is_file():
        raise CheckpointError(f"{path}: no such checkpoint")
    try:
        document = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"{path}: holds more than plain data and tensors, so it was not opened; "
            "a Crowd Monitor checkpoint never does"
        ) from error
    except _DAMAGE as error:
        raise CheckpointError(f"{path}: cannot be read, damaged or no checkpoint") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise CheckpointError(
            f"{path}: a torch file, but not of this project; released weights go through "
            "`python -m exports import`"
        )
    if document.get("version") != VERSION:
        raise CheckpointError(
            f"{path}: checkpoint version {document.get('version')!r}, this program reads {VERSION}"
        )
    try:
        network = read_config(document["network"])
        return Checkpoint(network, dict(document["weights"]), dict(document["metadata"]))
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{path}: parts are missing or wrong ({error})") from error


def sha256_of(path: Path) -> str:
    """Hash a file, for manifests and reports: 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
