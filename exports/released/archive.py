"""Opens a released file without ever running code that may be in it."""

import hashlib
import json
import pickle
import pickletools
import re
import tarfile
import warnings
import zipfile
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from exports.errors import ExportError

_WEIGHT_KEYS = ("weights", "model_state_dict", "state_dict", "model")
_WRAPPERS = ("module.", "model.", "_orig_mod.")  # what wrapping a network puts before its names
_GLOBAL = re.compile(r"GLOBAL ([\w.]+)")  # in torch's own message
_HARMLESS = [
    # Resumable checkpoints keep scores as numpy numbers; making one runs nothing else.
    np._core.multiarray.scalar,  # type: ignore[attr-defined]  # not declared, named by pickles
    np.dtype,
    type(np.dtype(np.float64)),
    type(np.dtype(np.float32)),
    type(np.dtype(np.int64)),
]


@dataclass(frozen=True)
class Archive:
    """What a released file holds."""

    path: Path
    """Where it lies."""
    weights: dict[str, Tensor]
    """Weights by their published names, wrappers taken off."""
    config: Mapping[str, Any] | None  # the authors' free-form description
    """What the file says of its network; None: nothing."""
    sha256: str
    """Hash of the file."""


def open_archive(path: Path) -> Archive:
    """Read weights, and a description where there is one, from a released file.

    Args:
        path: A `.pth` file, or a `.safetensors` file with its `config.json` beside it.

    Returns:
        What it holds; tensors are in the main memory.

    Raises:
        ExportError: If there is no such file, it is of another kind, it holds no weights, or
            reading it would run code.
    """
    if not path.is_file():
        raise ExportError(f"{path}: there is no such file")
    content = _read_safetensors(path) if path.suffix == ".safetensors" else _read_pickle(path)
    config = content.get("config") if isinstance(content, dict) else None
    weights = _unwrapped(_find_weights(content))
    if not weights:
        raise ExportError(f"{path}: holds no weights; give the file of the network itself")
    return Archive(path, weights, config if isinstance(config, dict) else None, _sha256(path))


def _read_safetensors(path: Path) -> dict[str, object]:
    try:
        weights = load_file(path)
    except (SafetensorError, OSError) as error:
        raise ExportError(f"{path}: cannot be read as safetensors ({error})") from error
    described = path.parent / "config.json"
    config: object = None
    if described.is_file():
        try:
            config = json.loads(described.read_text(encoding="utf-8"))
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise ExportError(f"{described}: is no valid JSON ({error})") from error
    return {"weights": weights, "config": config}


def _read_pickle(path: Path) -> object:
    if tarfile.is_tarfile(path) and path.suffix in {".tgz", ".tar", ".gz"}:
        raise ExportError(f"{path}: is an archive; unpack it and give the .pth file inside")
    try:
        with torch.serialization.safe_globals(_HARMLESS), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on forms of pickle that nothing here depends on
            return cast("object", torch.load(path, map_location="cpu", weights_only=True))
    except pickle.UnpicklingError as error:
        if not _is_pickle(path):
            raise ExportError(f"{path}: is no checkpoint of torch") from error
        asked = _GLOBAL.search(str(error))
        raise ExportError(
            f"{path}: refused, because reading it could run code that is in it"
            f"{f' (it asks for {asked[1]})' if asked else ''}; a released best_*.pth holds weights "
            "and plain values alone"
        ) from error
    except (RuntimeError, EOFError, OSError, ValueError, KeyError) as error:
        raise ExportError(f"{path}: is no checkpoint of torch, or not all of one") from error


def _is_pickle(path: Path) -> bool:
    if zipfile.is_zipfile(path):
        return True
    try:
        with path.open("rb") as file:
            deque(pickletools.genops(file), maxlen=0)  # reads all of it, runs nothing
            return True
    except ValueError:
        return False


def _find_weights(content: object) -> dict[str, Tensor]:
    if not isinstance(content, dict):
        return {}
    for key in _WEIGHT_KEYS:
        inner = content.get(key)
        if isinstance(inner, dict):
            return _find_weights(inner)
    return {key: value for key, value in content.items() if isinstance(value, Tensor)}


def _unwrapped(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    for wrapper in _WRAPPERS:
        if weights and all(key.startswith(wrapper) for key in weights):
            return _unwrapped({key[len(wrapper) :]: value for key, value in weights.items()})
    return weights


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
