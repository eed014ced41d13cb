"""What a checkpoint says of itself reaches the manifest in the contract's words."""

import pytest

from exports.describe import bins_of, method_of, sentences_of
from tests.rigs.tiny_clip import tiny_resnet
from training.models.config import (
    ClipEbcConfig,
    ClipZipConfig,
    CounterConfig,
    EbcConfig,
    PyramidConfig,
    RegressionConfig,
    ZipConfig,
    grid_of,
)
from training.models.published_bins import bins_by_name

GRID = grid_of(8, bins_by_name("nwpu-8-4-fine"))
SENTENCES = ("none", "one", "two", "three", "more")


@pytest.mark.parametrize(
    ("network", "method", "sentences"),
    [
        (PyramidConfig(trunk="mobilenetv4_conv_small_050", grid=GRID), "ebc", ()),
        (EbcConfig(backbone="vgg11", grid=GRID), "ebc", ()),
        (RegressionConfig(backbone="vgg11", block_px=8), "regression", ()),
        (ZipConfig(backbone="mobilenetv4_conv_small_050", grid=GRID), "zip", ()),
        (
            ClipEbcConfig(tower=tiny_resnet(), grid=GRID, sentences=SENTENCES),
            "clip-ebc",
            SENTENCES,
        ),
        (
            ClipZipConfig(
                tower=tiny_resnet(),
                grid=GRID,
                sentences=SENTENCES[1:],
                empty_sentences=("empty", "occupied"),
            ),
            "zip",
            ("empty", "occupied", *SENTENCES[1:]),
        ),
    ],
    ids=lambda value: getattr(value, "network", ""),
)
def test_each_network_is_named_by_its_method(
    network: CounterConfig, method: str, sentences: tuple[str, ...]
) -> None:
    """Method, bins and sentences are the network's own; a regression has no bins."""
    assert method_of(network) == method
    assert bins_of(network) == (() if method == "regression" else GRID.bins)
    assert sentences_of(network) == sentences
