"""Records of networks."""

import json

import pytest

from monitor.core.bins import BinSet, parse_bins
from tests.rigs.tiny_clip import tiny_vit
from training.errors import CheckpointError
from training.models.config import (
    CLIP,
    IMAGENET,
    ClipEbcConfig,
    ClipZipConfig,
    CounterConfig,
    EbcConfig,
    PyramidConfig,
    RegressionConfig,
    Tower,
    VisualPrompts,
    ZipConfig,
    grid_of,
    read_config,
)

BINS = BinSet(parse_bins("0,1,2-3,4+"), (0.0, 1.0, 2.4, 5.5))
GRID = grid_of(8, BINS)
SENTENCES = ("a", "b", "c", "d")

CONFIGS: tuple[CounterConfig, ...] = (
    PyramidConfig(trunk="mobilenetv3_small_050", grid=GRID),
    EbcConfig(backbone="vgg19_ae", grid=GRID, colors=CLIP),
    RegressionConfig(backbone="vit_b_16", block_px=16, window_px=448),
    ZipConfig(backbone="mobilenetv4_conv_small", grid=GRID, norm="batch", activation="gelu"),
    ClipEbcConfig(tower=tiny_vit(VisualPrompts(deep=False)), grid=GRID, sentences=SENTENCES),
    ClipZipConfig(
        tower=Tower(name="RN50x4"),
        grid=GRID,
        sentences=SENTENCES[1:],
        empty_sentences=("none", "some"),
    ),
)


@pytest.mark.parametrize("config", CONFIGS, ids=lambda one: one.network)
def test_records_survive_a_checkpoint(config: CounterConfig) -> None:
    """What is written as JSON and read again is the same record, of the same kind."""
    document = json.loads(json.dumps(config.model_dump(mode="json")))

    assert read_config(document) == config


def test_bins_survive() -> None:
    """Bins that compute come back from the record as they went in."""
    assert GRID.bin_set() == BINS


def test_published_colors_are_the_defaults() -> None:
    """EBC and CLIP-EBC were published with ImageNet's colors, ZIP with CLIP's."""
    assert EbcConfig(backbone="vgg16", grid=GRID).colors == IMAGENET
    assert CONFIGS[4].model_dump()["colors"] == IMAGENET.model_dump()
    assert ZipConfig(backbone="x", grid=GRID).colors == CLIP
    assert CONFIGS[5].model_dump()["colors"] == CLIP.model_dump()


def test_all_faults_are_told_together() -> None:
    """Each wrong part is named once, in one message."""
    document = CONFIGS[1].model_dump(mode="json") | {"window_px": 0, "extra": 1}

    with pytest.raises(CheckpointError, match=r"window_px.*extra"):
        read_config(document)
    with pytest.raises(CheckpointError, match="network"):
        read_config({"network": "other"})


def test_sentences_must_fit_the_bins() -> None:
    """CLIP-EBC has one sentence a bin; ZIP one a positive bin and two on emptiness."""
    with pytest.raises(ValueError, match="3 sentences for 4 bins"):
        ClipEbcConfig(tower=tiny_vit(), grid=GRID, sentences=SENTENCES[:3])
    with pytest.raises(ValueError, match=r"\(4, 0\) sentences"):
        ClipZipConfig(tower=tiny_vit(), grid=GRID, sentences=SENTENCES)
    plain = ClipZipConfig(tower=tiny_vit(), grid=GRID, sentences=SENTENCES, zero_inflated=False)
    assert plain.empty_sentences == ()


def test_bins_of_a_record_are_checked() -> None:
    """Bins with a gap make no record."""
    document = GRID.model_dump(mode="json")
    del document["bins"][1]

    with pytest.raises(CheckpointError, match="do not touch"):
        read_config({"network": "ebc", "backbone": "vgg16", "grid": document})
