"""Networks filled by a rule from names and shapes, and the published programs' outputs for them.

`shared/golden` beside the repository says how the files were made.
"""

import json
import math
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from monitor.core.arrays import RgbImage
from training.models.output import Counter

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "golden"

needs_golden = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the published programs' outputs are not on this machine"
)

TOLERANCE_PEOPLE = 2e-4
"""As suggested with the files: float32 against float32 of another order of sums."""

LOG_OF_SCALE = math.log(50)


def unit_values(name: str, count: int) -> NDArray[np.float64]:
    """Pseudo-random values in [-1, 1) from a name, in exact integer arithmetic."""
    low_32_bits = 0xFFFFFFFF
    place = np.arange(1, count + 1, dtype=np.uint64)
    mixed = (place * 0x9E3779B1 + zlib.crc32(name.encode())) & low_32_bits
    mixed ^= mixed >> np.uint64(16)
    mixed = (mixed * 0x7FEB352D) & low_32_bits
    mixed ^= mixed >> np.uint64(15)
    mixed = (mixed * 0x846CA68B) & low_32_bits
    mixed ^= mixed >> np.uint64(16)
    return np.asarray(mixed / 2**31 - 1, dtype=np.float64)


def filled(name: str, shape: tuple[int, ...], gain: float, centers: Tensor | None = None) -> Tensor:
    """The weight that the rule gives to a name and shape."""
    leaf = name.rsplit(".", 1)[-1]
    if leaf == "num_batches_tracked":
        return torch.zeros(shape, dtype=torch.int64)
    if leaf == "bin_centers":
        assert centers is not None
        return centers.reshape(shape)
    if not shape:
        return torch.tensor(LOG_OF_SCALE, dtype=torch.float32)
    values = unit_values(name, math.prod(shape)).reshape(shape)
    return torch.from_numpy(_scaled(name, leaf, values, gain).astype(np.float32))


def _scaled(name: str, leaf: str, values: NDArray[np.float64], gain: float) -> NDArray[np.float64]:
    embeddings = ("class_embedding", "positional_embedding", "token_embedding.weight")
    if leaf == "running_mean":
        return 0.1 * values
    if leaf == "running_var":
        return 1 + 0.2 * abs(values)
    if leaf.endswith("text_feats"):
        return values / np.linalg.norm(values, axis=-1, keepdims=True)
    if leaf in {"bias", "in_proj_bias"}:
        return 0.05 * values
    if name.endswith(embeddings) or leaf.startswith("vpt_"):
        return 0.5 * values
    if leaf == "gamma":
        return 0.3 + 0.1 * values
    if values.ndim == 1:
        return 1 + 0.2 * values
    fan_in = values.shape[0] if leaf == "text_projection" else math.prod(values.shape[1:])
    return values * math.sqrt(3 * gain / fan_in)


def picture(height: int, width: int) -> RgbImage:
    """The picture that all networks were given."""
    y, x = np.mgrid[0:height, 0:width]
    channels = [(7 * x + 13 * y + 50 * c + 3 * ((x * y) // 97)) % 256 for c in range(3)]
    return np.stack(channels, axis=-1).astype(np.uint8)


def normalized(image: RgbImage, counter: Counter) -> Tensor:
    """A picture (H, W, 3) as a network takes it, (1, 3, H, W)."""
    scaled = torch.from_numpy(image.copy()).float() / 255
    colors = (scaled - torch.tensor(counter.mean)) / torch.tensor(counter.std)
    return colors.permute(2, 0, 1).unsqueeze(0)


@cache
def keys(name: str) -> dict[str, object]:
    """A list of published names and shapes, as the file has it."""
    document: dict[str, object] = json.loads((FOLDER / f"keys_{name}.json").read_text())
    return document


def shapes(name: str) -> dict[str, tuple[int, ...]]:
    """Published names and shapes of a network."""
    entries = keys(name)["keys"]
    assert isinstance(entries, list)
    return {entry[0]: tuple(entry[1]) for entry in entries}


def fill(
    name: str, gain: Callable[[str], float], centers: Tensor | None = None
) -> dict[str, Tensor]:
    """A published network's weights, filled by the rule."""
    return {key: filled(key, shape, gain(key), centers) for key, shape in shapes(name).items()}


def load(name: str) -> dict[str, NDArray[np.float64]]:
    """The arrays of a golden file."""
    with np.load(FOLDER / f"golden_{name}.npz") as file:
        return dict(file)


@cache
def zip_bins(data_set: str, block_px: int) -> tuple[list[tuple[float, float]], list[float]]:
    """Bins and their values as ZIP's files hold them."""
    document = json.loads((FOLDER / "zip_bins.json").read_text())[data_set][str(block_px)]
    bins = [(float(low), float(high)) for low, high in document["bins"]]
    return bins, [float(value) for value in document["centers"]]
