"""Networks on trunks of every kind become files that count what they count, at awkward sizes."""

from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from exports.convert import Wish, from_checkpoint, from_file, make
from exports.model_file import read_model
from exports.verify import TOLERANCES, compare, difference_of, torch_counter
from monitor.inference.model import load_model
from tests.rigs.tiny_clip import tiny_vit
from tests.rigs.tiny_timm import register_tiny_models, tiny_timm_tower
from training.checkpoint import Checkpoint
from training.models.config import (
    ClipEbcConfig,
    ClipZipConfig,
    CounterConfig,
    EbcConfig,
    VisualPrompts,
    ZipConfig,
    grid_of,
)
from training.models.published_bins import bins_by_name
from training.models.start import start_counter

pytestmark = pytest.mark.slow

BINS = bins_by_name("nwpu-8-4-fine")
GRID = grid_of(8, BINS)
SENTENCES = ("none", "one", "two", "three", "more")
SIZES_HW = ((1, 1), (31, 33), (63, 129), (165, 70))
"""One pixel, smaller than a window, odd and wide, upright."""


def clip_ebc(timm_name: str, prompts: VisualPrompts | None = None) -> ClipEbcConfig:
    tower = tiny_timm_tower(timm_name, prompts)
    return ClipEbcConfig(tower=tower, grid=GRID, sentences=SENTENCES)


def clip_zip(timm_name: str) -> ClipZipConfig:
    return ClipZipConfig(
        tower=tiny_timm_tower(timm_name),
        grid=grid_of(16, BINS),
        sentences=SENTENCES[1:],
        empty_sentences=("empty", "occupied"),
    )


FAMILIES: dict[str, CounterConfig] = {
    "EBC, shifted windows (Swin)": EbcConfig(backbone="tiny_swin", grid=GRID),
    "ZIP, shifted windows (Swin)": ZipConfig(backbone="tiny_swin", grid=GRID),
    "EBC, plain transformer": EbcConfig(backbone="test_vit", grid=GRID, window_px=64),
    "CLIP-EBC, MobileCLIP-B": clip_ebc("tiny_mci"),
    "CLIP-EBC, MobileCLIP-B with prompts": clip_ebc("tiny_mci", VisualPrompts(count=3)),
    "CLIP-ZIP, MobileCLIP-B": clip_zip("tiny_mci"),
    "CLIP-EBC, MobileCLIP-S": clip_ebc("tiny_fastvit"),
    "CLIP-ZIP, MobileCLIP-S": clip_zip("tiny_fastvit"),
    "CLIP-EBC, ConvNeXt": clip_ebc("test_convnext"),
    "CLIP-ZIP, ConvNeXt": clip_zip("test_convnext"),
    "CLIP-ZIP, CLIP's transformer": ClipZipConfig(
        tower=tiny_vit(), grid=GRID, sentences=SENTENCES, zero_inflated=False
    ),
}


def started(config: CounterConfig) -> Checkpoint:
    """Make a checkpoint with random weights and random statistics of batches."""
    register_tiny_models()
    torch.manual_seed(0)
    counter = start_counter(config, weights=None)
    for module in counter.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.running_mean, -0.2, 0.2)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
    return Checkpoint(config, counter.state_dict())


def passes(compared, precision):
    """Stand in for the table that a person sees: pass what the command passes."""
    return difference_of(compared, precision) < TOLERANCES[precision]


def write(checkpoint: Checkpoint, folder: Path) -> tuple[Path, Path]:
    """Write a checkpoint in full precision, and that file in sixteen bits."""
    full, half, wish = folder / "full.onnx", folder / "half.onnx", Wish(precision="fp16")
    source = from_checkpoint(checkpoint, Wish(), name="full", sha256="0" * 64)
    make(source, Wish(), full, report=passes)
    make(from_file(full, wish, name="half"), wish, half, report=passes)
    return full, half


def noise(height: int, width: int):
    return np.random.default_rng(height).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("family", FAMILIES)
def test_files_count_what_the_network_counts(family, tmp_path, monkeypatch):
    """Blocks, variances and counts, in full precision and in sixteen bits."""
    # The file's own proof on fewer pictures: this test compares at sizes of its own.
    monkeypatch.setattr("exports.convert.sizes_for", lambda _: ((48, 67),))
    checkpoint = started(FAMILIES[family])

    full, half = write(checkpoint, tmp_path)

    counter, images = checkpoint.build(), [noise(*size) for size in SIZES_HW]
    for path, precision in ((full, "fp32"), (half, "fp16")):
        model = load_model(path, provider="cpu")
        compared = compare(torch_counter(counter, model), model.count_blocks, images)
        assert passes(compared, precision)
        worst = TOLERANCES[precision] * BINS.values[-1]
        assert max(one.worst_block for one in compared) < worst
        assert max(one.worst_variance for one in compared) < worst * BINS.values[-1]
        onnx.checker.check_model(str(path), full_check=True)
    graph, _ = read_model(full)
    names = " ".join(one.name for one in graph.graph.initializer)
    makers = {name: node.op_type for node in graph.graph.node for name in node.output}
    readers = Counter(name for node in graph.graph.node for name in node.input)
    for node in graph.graph.node:
        if node.op_type == "BatchNormalization":  # stands before a layer, not behind one alone
            (given,) = node.input[:1]
            assert makers.get(given) != "Conv" or readers[given] > 1
    assert {node.domain for node in graph.graph.node} <= {"", "ai.onnx"}
    assert not [one for one in ("token_embedding", "log_scale") if one in names]


@pytest.mark.parametrize("family", ["EBC, shifted windows (Swin)", "CLIP-EBC, ConvNeXt"])
def test_4k_counts_the_same(family, tmp_path):
    """A picture of 2160 rows upright of its kind: whole, and in hundreds of windows."""
    checkpoint = started(FAMILIES[family])
    width = 257 if checkpoint.network.network == "ebc" else 3840

    full, _ = write(checkpoint, tmp_path)

    model = load_model(full, provider="cpu")
    count = torch_counter(checkpoint.build(), model)
    compared = compare(count, model.count_blocks, [noise(2160, width)])
    assert compared[0].relative < TOLERANCES["fp32"]
