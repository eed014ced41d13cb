"""Released networks count what the published programs count with the same weights.

The weights are filled by a rule from their published names and shapes, written to a file, and
read by the importer; the numbers compared are the published programs' own.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from exports.released.choices import Choices
from exports.released.importer import import_released
from monitor.core.arrays import FloatMap, RgbImage
from monitor.core.tiling import Tile, TilePlan, run_tiled
from tests.rigs import golden
from training.models.config import ClipEbcConfig
from training.models.heads import ClassHead, Similarity
from training.models.output import BlockOutput, Counter
from training.models.towers import tokenize

pytestmark = [golden.needs_golden, pytest.mark.slow]

ZIP_GAINS = {"p": 1.2, "t": 1.05}
ZIP_HEAD_GAIN, ZIP_VIT_HEAD_GAIN, VGG_GAIN = 8.0, 3.0, 2.0
SIZES = {16: ((192, 256), (200, 300)), 8: ((192, 256),), 32: ((192, 256),)}
WINDOW_PX = 224


@pytest.mark.parametrize("block_px", [8, 16, 32])
@pytest.mark.parametrize("size", ["p", "t"])
def test_zip_without_clip(tmp_path: Path, size: str, block_px: int) -> None:
    """The small sizes agree at every block size, also on pictures that are no multiple."""
    counter = _zip_counter(tmp_path / "best_mae.pth", size, block_px)
    file = golden.load(f"zip_{size}")

    for height, width in SIZES[block_px]:
        output = _count(counter, golden.picture(height, width))

        prefix = f"bs{block_px}_{height}x{width}"
        _assert_agrees(output, file[f"{prefix}_density"])
        assert output.zero_logits is not None
        assert output.logits is not None
        _assert_close(output.zero_logits, file[f"{prefix}_pi_logits"])
        _assert_close(output.logits, file[f"{prefix}_bin_logits"])


@pytest.fixture(scope="module")
def smallest(tmp_path_factory: pytest.TempPathFactory) -> Counter:
    return _zip_counter(tmp_path_factory.mktemp("zip") / "best_mae.pth", "p", 16)


@pytest.mark.parametrize(("height", "width"), [(720, 1280), (300, 500)])
def test_smallest_zip_on_whole_pictures(smallest: Counter, height: int, width: int) -> None:
    """A picture is counted whole, blocks beyond its edge included."""
    output = _count(smallest, golden.picture(height, width))

    _assert_agrees(output, golden.load("zip_p")[f"bs16_{height}x{width}_density"])


@pytest.mark.parametrize("stride_px", [224, 112])
def test_smallest_zip_in_windows(smallest: Counter, stride_px: int) -> None:
    """In windows placed as the published program places them, overlaps are averaged."""
    density = _count_in_windows(smallest, 16, stride_px, {})

    published = golden.load("zip_p")[f"bs16_300x500_slide224_stride{stride_px}_density"]
    np.testing.assert_allclose(density, published[0, 0], atol=golden.TOLERANCE_PEOPLE)


def test_smallest_zip_on_a_picture_made_larger(smallest: Counter) -> None:
    """A picture below the window is enlarged bicubically after normalization, as published."""
    file = golden.load("zip_p")
    height, width = (int(side) for side in file["bs16_150x400_upscaled_size"])

    pictures = golden.normalized(golden.picture(150, 400), smallest)
    larger = F.interpolate(pictures, (height, width), mode="bicubic", align_corners=False)
    with torch.inference_mode():
        output = smallest(larger)

    patch = larger[:, :, 100:116, 200:216]
    _assert_close(patch, file["bs16_150x400_upscaled_patch"])
    _assert_agrees(output, file["bs16_150x400_upscaled_density"])


@pytest.fixture(scope="module")
def zip_vit_path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    bins, values = golden.zip_bins("sha", 16)
    heads = ("pi_head", "lambda_head")
    weights = golden.fill(
        "zip_b_sha_vit_bs16",
        lambda name: ZIP_VIT_HEAD_GAIN if name.startswith(heads) else 1.0,
        torch.tensor(values),
    )
    config = {
        "model_name": "CLIP_ViT_B_16",
        "clip_weight_name": "openai",
        "block_size": 16,
        "bins": bins,
        "bin_centers": values,
        "zero_inflated": True,
        "num_vpt": 96,
        "vpt_drop": 0.0,
        "input_size": WINDOW_PX,
        "norm": "none",
        "act": "none",
        "adapter": False,
        "lora": False,
        "text_prompts": {"pi": ["none", "some"], "lambda": [str(one) for one in bins[1:]]},
    }
    path = tmp_path_factory.mktemp("zip_b") / "best_mae.pth"
    torch.save({"config": config, "weights": weights}, path)
    yield path
    path.unlink()


@pytest.mark.parametrize("activation", ["gelu", "quickgelu"])
def test_zip_on_vit(zip_vit_path: Path, activation: str) -> None:
    """Either activation agrees, at the window's size and at another."""
    choices = Choices(quick_gelu=True) if activation == "quickgelu" else None
    file = golden.load("zip_b_sha_vit")

    imported = import_released(zip_vit_path, choices)

    assert imported.counter.window_px == WINDOW_PX
    assert ("quick" in imported.metadata["assumed"]) == (activation == "quickgelu")
    for height, width in ((224, 224), (224, 320)):
        output = _count(imported.counter, golden.picture(height, width))
        _assert_agrees(output, file[f"{activation}_{height}x{width}_density"])


@pytest.fixture(scope="module")
def clip_ebc(tmp_path_factory: pytest.TempPathFactory) -> tuple[Counter, ClipEbcConfig]:
    folder = tmp_path_factory.mktemp("nwpu") / "nwpu"
    path = folder / "clip_vit_b_16_word_224_8_4_fine_1.0_dmcount" / "best_mae_0.pth"
    path.parent.mkdir(parents=True)
    torch.save(golden.fill("clipebc_vitb16", lambda _: 1.0), path)
    found = import_released(path)  # bins and wording are told by the folders
    path.unlink()
    assert isinstance(found.config, ClipEbcConfig)
    return found.counter, found.config


def test_clip_ebc_sentences(clip_ebc: tuple[Counter, ClipEbcConfig]) -> None:
    """Sentences, tokens and what the text tower makes of them are as published."""
    counter, config = clip_ebc
    file = golden.load("clipebc_vitb16")

    assert list(config.sentences) == file["prompts"].tolist()
    tokens = tokenize(config.tower, config.sentences).numpy()
    np.testing.assert_array_equal(tokens, file["text_token_ids"])
    published = F.normalize(torch.from_numpy(file["text_features_tower"]), dim=1)
    torch.testing.assert_close(_similarity(counter).text, published, atol=2e-6, rtol=0)


@pytest.mark.parametrize("text", ["tower", "rule"])
def test_clip_ebc_on_vit(clip_ebc: tuple[Counter, ClipEbcConfig], text: str) -> None:
    """Density and scores agree, at the window's size and at another."""
    counter, file = clip_ebc[0], golden.load("clipebc_vitb16")
    _similarity(counter).hold(torch.from_numpy(file[f"text_features_{text}"]))

    for height, width in ((224, 224), (224, 320)):
        output = _count(counter, golden.picture(height, width))
        _assert_agrees(output, file[f"{height}x{width}_{text}_density"])
        assert output.logits is not None
        _assert_close(output.logits, file[f"{height}x{width}_{text}_logits"])


def test_clip_ebc_in_windows(clip_ebc: tuple[Counter, ClipEbcConfig]) -> None:
    """In windows placed as the published program places them, overlaps are averaged."""
    counter, file = clip_ebc[0], golden.load("clipebc_vitb16")
    _similarity(counter).hold(torch.from_numpy(file["text_features_rule"]))
    seen: dict[bytes, FloatMap] = {}  # both strides share windows

    for stride_px in (112, 224):
        density = _count_in_windows(counter, 8, stride_px, seen)

        published = file[f"300x500_slide224_stride{stride_px}_rule_density"]
        np.testing.assert_allclose(density, published[0, 0], atol=golden.TOLERANCE_PEOPLE)


def test_ebc_on_vgg(tmp_path: Path) -> None:
    """DM-Count's network as classifier agrees; it is told from its weights alone."""
    path = tmp_path / "best_mae_0.pth"
    torch.save(golden.fill("ebc_vgg19_ae", lambda _: VGG_GAIN), path)
    file = golden.load("ebc_vgg19_ae")

    counter = import_released(path, Choices(data_set="nwpu")).counter

    for height, width in ((192, 256), (200, 300)):
        output = _count(counter, golden.picture(height, width))
        _assert_agrees(output, file[f"{height}x{width}_density"])


def test_filling_rule() -> None:
    """The rule itself gives the numbers that are printed with it."""
    unit = golden.unit_values("bin_head.weight", 4)
    stem = golden.filled("backbone.encoder.conv_stem.weight", (32, 3, 3, 3), ZIP_GAINS["p"])

    assert unit.tolist() == pytest.approx([0.02825283, 0.819671178, -0.89990082, 0.533536126])
    assert stem.flatten()[:2].tolist() == pytest.approx([-0.28910208, 0.06925956])
    assert int(golden.picture(192, 256).sum(dtype=np.int64)) == 18796942


def _zip_counter(path: Path, size: str, block_px: int) -> Counter:
    name = f"zip_{size}_bs{block_px}"
    bins, values = golden.zip_bins("sha", block_px)
    weights = golden.fill(name, _zip_gain(size), torch.tensor(values))
    meta = golden.keys(name)["meta"]
    assert isinstance(meta, dict)
    config = {
        "model_name": meta["model"],
        "block_size": block_px,
        "bins": bins,
        "bin_centers": values,
        "zero_inflated": True,
    }
    torch.save({"config": config, "weights": weights}, path)
    return import_released(path).counter


def _zip_gain(size: str) -> Callable[[str], float]:
    heads = ("bin_head", "pi_head")
    return lambda name: ZIP_HEAD_GAIN if name.startswith(heads) else ZIP_GAINS[size]


def _similarity(counter: Counter) -> Similarity:
    head = counter.get_submodule("head")
    assert isinstance(head, ClassHead)
    assert isinstance(head.score, Similarity)
    return head.score


def _count(counter: Counter, image: RgbImage) -> BlockOutput:
    with torch.inference_mode():
        output = counter(golden.normalized(image, counter))
    assert isinstance(output, BlockOutput)
    return output


def _count_in_windows(
    counter: Counter, block_px: int, stride_px: int, seen: dict[bytes, FloatMap]
) -> FloatMap:
    """Count in windows where the published program has them.

    Its last window of a row ends with the picture, wherever that is, and is put down at the block
    above and before it; the rest of the picture that fills no block is dropped. The app's own
    plan fills the picture up instead, so that windows and blocks always fit.
    """
    height, width = 300, 500
    tiles = tuple(
        Tile(top, left, WINDOW_PX, WINDOW_PX)
        for top in _starts(height, stride_px)
        for left in _starts(width, stride_px)
    )
    plan = TilePlan((height, width), (height, width), block_px, tiles)

    def model(image: RgbImage) -> tuple[FloatMap, None]:
        key = image.tobytes()
        if key not in seen:
            seen[key] = _count(counter, image).density[0].numpy()
        return seen[key], None

    density, _ = run_tiled(golden.picture(height, width), plan, model)
    return density


def _starts(length: int, stride_px: int) -> list[int]:
    count = -(-(length - WINDOW_PX) // stride_px) + 1
    return [min(index * stride_px, length - WINDOW_PX) for index in range(count)]


def _assert_agrees(output: BlockOutput, published: NDArray[np.float64]) -> None:
    np.testing.assert_allclose(
        output.density.numpy(), published[:, 0], rtol=0, atol=golden.TOLERANCE_PEOPLE
    )


def _assert_close(found: torch.Tensor, published: NDArray[np.float64]) -> None:
    np.testing.assert_allclose(found.numpy(), published, rtol=0, atol=golden.TOLERANCE_PEOPLE)
