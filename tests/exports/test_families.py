"""Networks of every family become files that count the same, at sizes they were not traced at."""

import numpy as np
import onnxruntime
import pytest
import torch

from exports.graph import WholeCounter
from exports.trace import InputShape, trace
from tests.rigs.tiny_clip import tiny_resnet, tiny_vit
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

GRID = grid_of(8, bins_by_name("nwpu-8-4-fine"))
SENTENCES = ("none", "one", "two", "three", "more")
TOLERANCE_PEOPLE = 1e-3  # sums in another order; counts per block are up to 4


@pytest.mark.slow
@pytest.mark.parametrize(
    "config",
    [
        EbcConfig(backbone="cannet", grid=GRID),
        ZipConfig(backbone="mobilenetv4_conv_small_050", grid=GRID),
        ClipEbcConfig(tower=tiny_vit(VisualPrompts(count=3)), grid=GRID, sentences=SENTENCES),
        ClipZipConfig(
            tower=tiny_resnet(),
            grid=GRID,
            sentences=SENTENCES[1:],
            empty_sentences=("empty", "occupied"),
        ),
    ],
    ids=lambda config: config.network,
)
def test_file_counts_what_the_network_counts(config: CounterConfig) -> None:
    """Density and variance of the file are the network's; sides stay free but for windows."""
    torch.manual_seed(0)
    counter = start_counter(config, weights=None).eval()
    side = counter.window_px or 2 * counter.size_multiple
    sizes = [(side, side)] if counter.window_px else [(side, 2 * side), (3 * side, side)]

    window_px = counter.window_px
    model = trace(counter, InputShape((window_px, window_px) if window_px else None))
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )

    draw = np.random.default_rng(0)
    for height, width in sizes:
        frames = draw.integers(0, 256, (2, height, width, 3), dtype=np.uint8)
        with torch.inference_mode():
            expected = WholeCounter(counter)(torch.from_numpy(frames))
        found = session.run(None, {"frames": frames})
        assert len(found) == len(expected) == 2
        for ours, theirs in zip(found, expected, strict=True):
            np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-3, atol=TOLERANCE_PEOPLE)
