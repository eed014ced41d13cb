"""Every network can be built, and is of the size that was published."""

from typing import Any

import pytest
import torch

from tests.rigs.tiny_clip import tiny_resnet, tiny_vit
from training.models.build import BlockCounter, build_counter
from training.models.config import (
    ClipEbcConfig,
    ClipZipConfig,
    CounterConfig,
    EbcConfig,
    Grid,
    RegressionConfig,
    Tower,
    VisualPrompts,
    ZipConfig,
    grid_of,
)
from training.models.output import BlockOutput
from training.models.published_bins import bins_by_name
from training.models.start import start_counter

BINS = bins_by_name("nwpu-8-4-fine")
SENTENCES = ("none", "one", "two", "three", "more")
PAIR = ("empty", "occupied")


def _grid(block_px: int) -> Grid:
    return grid_of(block_px, BINS)


def _configs(block_px: int) -> list[CounterConfig]:
    grid = _grid(block_px)
    zip_parts: dict[str, Any] = {"sentences": SENTENCES[1:], "empty_sentences": PAIR}
    return [
        EbcConfig(backbone="vgg11_ae", grid=grid),
        EbcConfig(backbone="vgg11_bn", grid=grid),
        EbcConfig(backbone="cannet", grid=grid),
        EbcConfig(backbone="resnet18_ae", grid=grid),
        EbcConfig(backbone="mobilenetv2_050", grid=grid),
        EbcConfig(backbone="mobilenetv4_conv_small_050", grid=grid),
        RegressionConfig(backbone="csrnet_bn", block_px=block_px),
        ZipConfig(backbone="mobilenetv4_conv_small_050", grid=grid),
        ZipConfig(backbone="mobilenetv2_100", grid=grid, zero_inflated=False),
        ClipEbcConfig(tower=tiny_resnet(), grid=grid, sentences=SENTENCES),
        ClipEbcConfig(tower=tiny_vit(VisualPrompts(count=2)), grid=grid, sentences=SENTENCES),
        ClipZipConfig(tower=tiny_resnet(), grid=grid, **zip_parts),
        ClipZipConfig(tower=tiny_vit(), grid=grid, **zip_parts),
        ClipZipConfig(tower=tiny_vit(), grid=grid, sentences=SENTENCES, zero_inflated=False),
    ]


def _label(config: CounterConfig) -> str:
    return f"{config.network}-{getattr(config, 'backbone', None) or config.tower.name}"  # type: ignore[union-attr]  # has one or the other


@pytest.mark.parametrize("block_px", [8, 16, 32])
@pytest.mark.parametrize("index", range(14), ids=[_label(one) for one in _configs(8)])
def test_one_map_cell_a_block(index: int, block_px: int) -> None:
    """At every block size, pictures of a multiple give one finite number a block, none negative."""
    config = _configs(block_px)[index]
    counter = start_counter(config, weights=None).eval()
    height, width = counter.size_multiple * 2, counter.size_multiple * 3
    if counter.window_px is not None:
        height = width = counter.window_px

    with torch.inference_mode():
        output = counter(torch.randn(1, 3, height, width))

    grid = (1, height // block_px, width // block_px)
    assert counter.block_px == block_px
    assert output.density.shape == grid
    assert bool(output.density.isfinite().all())
    assert float(output.density.min()) >= 0
    _assert_variance(output, config)


def _assert_variance(output: BlockOutput, config: CounterConfig) -> None:
    if isinstance(config, RegressionConfig):
        assert output.variance is None
        return
    assert output.variance is not None
    assert output.variance.shape == output.density.shape
    assert float(output.variance.min()) >= 0


@pytest.mark.parametrize(
    ("backbone", "millions"),
    [
        ("vgg19_ae", 21.5),
        ("vgg16_ae", 16.2),
        ("csrnet", 16.3),
        ("cannet", 18.1),
        ("resnet18_ae", 18.3),
        ("resnet34_ae", 28.4),
        ("resnet50_ae", 30.1),
        ("resnet101_ae", 52.0),
        ("mobilenetv2_100", 1.8),
        ("densenet121", 7.5),
    ],
)
def test_ebc_has_the_published_size(backbone: str, millions: float) -> None:
    """Millions of weights to one digit, from the published program."""
    with torch.device("meta"):
        counter = build_counter(EbcConfig(backbone=backbone, grid=_grid(8)))

    total = sum(one.numel() for one in counter.parameters())
    assert total / 1e6 == pytest.approx(millions, abs=0.0501)


@pytest.mark.parametrize(
    ("tower", "trained", "deployed"),
    [
        ("RN50", 71.8, 71.8),
        ("RN101", 103.9, 103.9),
        ("RN50x4", 89.4, 89.4),
        ("ViT-B-16", 11.3, 97.1),
        ("ViT-B-32", 11.3, 98.8),
        ("ViT-L-14", 20.5, 323.6),
    ],
)
def test_clip_ebc_has_the_published_size(tower: str, trained: float, deployed: float) -> None:
    """Millions of weights trained, and of those kept without the text tower."""
    prompts = VisualPrompts(count=32) if tower.startswith("ViT") else None
    config = ClipEbcConfig(
        tower=Tower(name=tower, prompts=prompts, quick_gelu=True),
        grid=_grid(8),
        sentences=SENTENCES,
    )
    with torch.device("meta"):
        counter = build_counter(config)

    parameters = list(counter.parameters())
    kept = sum(one.numel() for one in parameters)
    learned = sum(one.numel() for one in parameters if one.requires_grad)
    assert kept / 1e6 == pytest.approx(deployed, abs=0.0501)
    assert learned / 1e6 == pytest.approx(trained, abs=0.0501)


@pytest.mark.parametrize(
    ("tower", "groups"),
    [
        ("RN50", 4),
        ("RN50x64", 8),
        ("convnext_large_d", 3),
        ("ViT-H-14", 1),
        ("ViT-g-14", 2),
        ("MobileCLIP-S2", 2),
    ],
)
def test_wide_towers_of_zip_convolve_in_groups(tower: str, groups: int) -> None:
    """The new layers' groups follow the published table, by tower."""
    block_px = 14 if tower.endswith("14") else 16
    config = ClipZipConfig(
        tower=Tower(name=tower),
        grid=_grid(block_px),
        sentences=SENTENCES[1:],
        empty_sentences=PAIR,
    )
    with torch.device("meta"):
        counter = build_counter(config)

    assert isinstance(counter, BlockCounter)
    first = counter.features.get_submodule("resize.0.block.stages.0.conv")
    assert first.groups == groups


@pytest.mark.parametrize(
    ("tower", "block_px"),
    [
        *(
            (tower, block_px)
            for tower in ("RN50x16", "ViT-L-14", "convnext_large_d", "MobileCLIP2-S4")
            for block_px in (8, 16, 32)
        ),
        *((f"MobileCLIP-{size}", 8) for size in ("S1", "S2", "B")),
        *((f"MobileCLIP2-{size}", 16) for size in ("S0", "S3", "B", "L-14")),
        ("ViT-B-32", 32),
    ],
)
def test_large_towers_give_one_cell_a_block(tower: str, block_px: int) -> None:
    """Whatever the tower's stride (14 to 64 pixels), shapes fit; nothing is computed."""
    config = ClipEbcConfig(tower=Tower(name=tower), grid=_grid(block_px), sentences=SENTENCES)

    with torch.device("meta"):
        counter = build_counter(config).eval()
        side = counter.window_px or 2 * counter.size_multiple
        output = counter(torch.empty(1, 3, side, side))

    assert output.density.shape == (1, side // block_px, side // block_px)


def test_clip_without_sentences_does_not_count() -> None:
    """A network whose sentences were never embedded says so by not being a number."""
    config = ClipEbcConfig(tower=tiny_resnet(), grid=_grid(8), sentences=SENTENCES)

    output = build_counter(config).eval()(torch.zeros(1, 3, 64, 64))

    assert bool(output.density.isnan().all())


def test_parts_that_do_not_fit() -> None:
    """A window where none belongs or that holds no whole blocks, or a block of another octave."""
    odd = ClipEbcConfig(tower=Tower(name="ViT-L-14"), grid=_grid(32), sentences=SENTENCES)
    wide = odd.model_copy(update={"tower": Tower(name="ViT-L-14", window_px=336)})
    with torch.device("meta"), pytest.raises(ValueError, match="must be a multiple of 224"):
        build_counter(wide)
    with pytest.raises(ValueError, match="takes pictures whole"):
        build_counter(EbcConfig(backbone="vgg16", grid=_grid(8), window_px=224))
    with pytest.raises(ValueError, match="blocks of 4 px"):
        build_counter(ZipConfig(backbone="mobilenetv4_conv_small_050", grid=_grid(4)))
