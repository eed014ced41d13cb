"""Members of the published families for which no file is at hand: read by name, computed alike.

The weights are filled by the golden rule under the published names, read by the importer, and
compared with `tests.rigs.published`, which computes from those names alone.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
import timm
import torch
import torch.nn.functional as F
from open_clip.timm_model import TimmModel
from torch import Tensor, nn

from exports.released.archive import Archive
from exports.released.choices import Choices
from exports.released.ebc_files import TEXT_PREFIX, clip_ebc_candidates
from exports.released.importer import Imported, closest, import_released, published_names
from exports.released.zip_files import describe_zip
from monitor.core.bins import BinSet, parse_bins
from tests.rigs import golden, published
from tests.rigs.published import Shapes, Weights
from training.models.build import BlockCounter, build_counter
from training.models.config import ClipEbcConfig, CounterConfig, Tower
from training.models.heads import Similarity
from training.models.published_bins import bins_by_name
from training.models.towers import build_visual

TOLERANCE_PEOPLE = 1e-4  # a float32 network against the same one in another order of sums


def _fill(shapes: Shapes, gain: Callable[[str], float], values: list[float]) -> dict[str, Tensor]:
    centers = torch.tensor(values)
    return {name: golden.filled(name, one, gain(name), centers) for name, one in shapes.items()}


def _compare(
    path: Path, choices: Choices, size_hw: tuple[int, int], expected: Callable[[Tensor], Tensor]
) -> CounterConfig:
    imported = import_released(path, choices)
    path.unlink()
    _agree(imported, size_hw, expected)
    return imported.config


def _agree(
    imported: Imported, size_hw: tuple[int, int], expected: Callable[[Tensor], Tensor]
) -> None:
    pictures = golden.normalized(golden.picture(*size_hw), imported.counter)
    with torch.inference_mode():
        found, wanted = imported.counter(pictures).density, expected(pictures)
    assert published.spread(wanted) > 0.01, "a flat map would agree with anything"
    torch.testing.assert_close(found, wanted, rtol=0, atol=TOLERANCE_PEOPLE)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("block_px", "bins"),
    [(8, "sha-8-2-fine"), (16, "qnrf-16-8-coarse"), (32, "qnrf-32-19-dynamic")],
)
def test_encoder_decoder_on_vgg(tmp_path: Path, block_px: int, bins: str) -> None:
    """Thirteen layers with normalization, every block size, bins of every grain."""
    values = list(bins_by_name(bins).values)
    shapes = published.stack("backbone.features", published.VGG13, 3, has_norm=True)
    shapes |= published.convolution("backbone.reg_layer.0", 256, 512, 3)
    shapes |= published.convolution("backbone.reg_layer.2", 128, 256, 3)
    shapes |= published.convolution("classifier", len(values), 128, 1)
    weights = _fill(shapes, lambda name: 30.0 if name.startswith("classifier") else 2.0, values)

    def expected(x: Tensor) -> Tensor:
        x = published.through_stack(x, weights, "backbone.features", published.VGG13, has_norm=True)
        x = published.enlarged(x, 16 / block_px) if block_px != 16 else x
        x = published.through_stack(x, weights, "backbone.reg_layer", (256, 128), has_norm=False)
        return published.classified(x, weights, "classifier", values)

    data_set, _, truncation, grain = bins.split("-")
    choices = Choices(
        data_set=data_set, block_px=block_px, truncation=int(truncation), granularity=grain
    )
    config = _compare(_saved(weights, tmp_path), choices, (128, 160), expected)

    assert config.model_dump()["backbone"] == "vgg13_bn_ae"


@pytest.mark.slow
def test_context_network(tmp_path: Path) -> None:
    """CANNet with normalization: context by torch's adaptive pooling, a dilated decoder."""
    values = [0.0, 1.0, 2.0, 3.0, 4.5]
    shapes = published.stack("backbone.features", published.CSRNET, 3, has_norm=True)
    shapes |= published.stack("backbone.decoder", published.CSRNET_DECODER, 512, has_norm=True)
    for index in range(4):
        name = f"backbone.context.scales.{index}.1"
        shapes |= published.convolution(name, 512, 512, 1, has_bias=False)
    shapes |= published.convolution("backbone.context.weight_net", 512, 512, 1)
    shapes |= published.convolution("backbone.context.bottleneck", 512, 1024, 1)
    shapes |= published.convolution("classifier", 5, 64, 1)
    weights = _fill(shapes, lambda name: 10.0 if name.startswith("classifier") else 2.0, values)

    def expected(x: Tensor) -> Tensor:
        prefix, plan = "backbone.features", published.CSRNET
        x = published.through_stack(x, weights, prefix, plan, has_norm=True)
        x = published.context(x, weights, "backbone.context")
        prefix, plan = "backbone.decoder", published.CSRNET_DECODER
        x = published.through_stack(x, weights, prefix, plan, has_norm=True, dilation=2)
        return published.classified(x, weights, "classifier", values)

    own = Choices(bins=BinSet(parse_bins("0,1,2,3,4+"), tuple(values)))
    config = _compare(_saved(weights, tmp_path), own, (120, 72), expected)

    assert config.model_dump()["backbone"] == "cannet_bn"


@pytest.mark.slow
def test_encoder_decoder_on_a_residual_network(tmp_path: Path) -> None:
    """Its last stride is taken out of timm's own network, by hand, as published."""
    values = list(bins_by_name("jhu-8-4-fine").values)
    encoder = timm.create_model("resnet18", features_only=True, out_indices=(-1,)).eval()
    encoder.layer4[0].conv1.stride = encoder.layer4[0].downsample[0].stride = (1, 1)
    shapes: Shapes = {
        f"backbone.encoder.{key}": tuple(one.shape) for key, one in encoder.state_dict().items()
    }
    for index, (inner, width) in enumerate(((512, 512), (512, 256), (256, 128))):
        shapes |= published.residual(f"backbone.decoder.{index}", inner, width)
    shapes |= published.convolution("classifier", 5, 128, 1)
    weights = _fill(shapes, lambda _: 1.0, values)
    _load(encoder, weights, "backbone.encoder.")

    def expected(x: Tensor) -> Tensor:
        x = published.enlarged(encoder(x)[-1], 2)
        for index in range(3):
            x = published.through_residual(x, weights, f"backbone.decoder.{index}")
        return published.classified(x, weights, "classifier", values)

    config = _compare(_saved(weights, tmp_path), Choices(data_set="jhu"), (96, 160), expected)

    assert config.model_dump()["backbone"] == "resnet18_ae"


@golden.needs_golden
@pytest.mark.slow
@pytest.mark.parametrize("is_deep", [True, False])
def test_clip_ebc_on_another_transformer(tmp_path: Path, is_deep: bool) -> None:
    """ViT-B/32, deep and shallow prompts of another number, range bins, blocks of 16, digits."""
    values = list(bins_by_name("qnrf-16-8-coarse").values)
    base = golden.shapes("clipebc_vitb16")
    shapes = published.grown_vit(base, patch_px=32, prompts=7, is_deep=is_deep)
    weights = _fill(shapes, lambda _: 1.0, values)
    path = _saved(weights, tmp_path / "qnrf" / "clip_vit_b_32_number_224_16_8_coarse_1.0_dmcount")
    imported = import_released(path)
    path.unlink()
    head = imported.counter.get_submodule("head.score")
    assert isinstance(head, Similarity)
    text = head.text

    def expected(x: Tensor) -> Tensor:
        x = published.vit_features(x, weights, patch_px=32, heads=12)
        x = published.through_residual(published.enlarged(x, 2), weights, "image_decoder.0")
        x = F.conv2d(x, weights["projection.weight"], weights["projection.bias"])
        similar = torch.einsum("nchw,kc->nkhw", F.normalize(x, dim=1), text)
        return published.expectation(weights["logit_scale"].exp() * similar, values)

    _agree(imported, (224, 224), expected)
    config = imported.config
    assert isinstance(config, ClipEbcConfig)
    assert config.tower.name == "ViT-B-32"
    assert config.tower.prompts is not None
    assert (config.tower.prompts.count, config.tower.prompts.deep) == (7, is_deep)
    assert config.sentences[1] == "There are between 1 and 2 people."


@golden.needs_golden
@pytest.mark.slow
@pytest.mark.parametrize("data_set", ["shb", "qnrf"])
def test_zip_n_with_other_bins(tmp_path: Path, data_set: str) -> None:
    """The size without golden outputs, at two block sizes, on bins of other data sets."""
    block_px = {"shb": 16, "qnrf": 32}[data_set]
    bins, values = golden.zip_bins(data_set, block_px)
    shapes = published.with_bins(golden.shapes(f"zip_n_bs{block_px}"), len(bins))
    heads = ("bin_head", "pi_head")
    weights = _fill(shapes, lambda name: 8.0 if name.startswith(heads) else 1.2, values)
    encoder = timm.create_model(
        "mobilenetv4_conv_small", features_only=True, out_indices=(-1,)
    ).eval()
    _load(encoder, weights, "backbone.encoder.")

    def expected(x: Tensor) -> Tensor:
        x = encoder(x)[-1]
        names = ["backbone.refiner.refine"] if block_px == 16 else []
        for name in (*names, "backbone.decoder.0", "backbone.decoder.1"):
            x = published.enlarged(x, 2) if "refiner" in name else x
            x = published.through_residual(x, weights, name, norm="norm")
        rate = published.classified(x, weights, "bin_head", values[1:])
        empty = F.conv2d(x, weights["pi_head.weight"], weights["pi_head.bias"]).softmax(dim=1)
        return empty[:, 1] * rate

    path = _saved_zip(weights, tmp_path, "mobilenetv4_conv_small", block_px, bins, values)
    _compare(path, Choices(), (128, 192), expected)


@golden.needs_golden
@pytest.mark.slow
def test_zip_s_at_the_finest_blocks(tmp_path: Path) -> None:
    """MobileCLIP-S1 with two refinements, though its list has one; sentences are the file's."""
    bins, values = golden.zip_bins("nwpu", 8)
    shapes: Shapes = {}
    for name, shape in published.with_bins(golden.shapes("zip_s_sha_bs16"), len(bins)).items():
        if name.startswith("backbone.refiner."):
            rest = name.removeprefix("backbone.refiner.")
            shapes |= {f"backbone.refiner.{index}.{rest}": shape for index in range(2)}
        else:
            shapes[name] = shape
    weights = _fill(shapes, lambda _: 1.0, values)
    tower = build_visual(Tower(name="MobileCLIP-S1")).eval()
    assert isinstance(tower, TimmModel)
    trunk = tower.trunk
    _load(trunk, weights, "backbone.", strict=False)

    def expected(x: Tensor) -> Tensor:
        x = trunk.forward_features(x)
        for index in range(2):
            name = f"backbone.refiner.{index}.refine.refine"
            x = published.through_residual(published.enlarged(x, 2), weights, name, norm="norm")
        logits = [
            weights[f"{branch}_logit_scale"].exp()
            * torch.einsum(
                "nchw,kc->nkhw",
                F.normalize(F.conv2d(x, weights[f"{branch}_head.weight"]), dim=1),
                weights[f"{branch}_text_feats"],
            )
            for branch in ("pi", "lambda")
        ]
        return logits[0].softmax(dim=1)[:, 1] * published.expectation(logits[1], values[1:])

    path = _saved_zip(weights, tmp_path, "CLIP_MobileCLIP_S1", 8, bins, values)
    _compare(path, Choices(), (64, 96), expected)


@golden.needs_golden
@pytest.mark.parametrize("is_deep", [True, False])
@pytest.mark.parametrize("prompts", [32, 16])
def test_names_of_the_large_transformer(is_deep: bool, prompts: int) -> None:
    """ViT-L/14, of which there is no list: told from the weights, every name has its place."""
    base = golden.shapes("clipebc_vitb16")
    shapes = published.grown_vit(base, patch_px=14, prompts=prompts, is_deep=is_deep, is_large=True)

    config = _told(shapes)

    assert config.tower.name == "ViT-L-14"
    assert config.tower.window_px == 224
    assert config.tower.prompts is not None
    assert (config.tower.prompts.count, config.tower.prompts.deep) == (prompts, is_deep)


@golden.needs_golden
def test_names_of_another_residual_network() -> None:
    """RN101, whose decoder has two blocks of unlike widths, is told from RN50."""
    assert _told(published.grown_resnet101(golden.shapes("clipebc_rn50"))).tower.name == "RN101"


@golden.needs_golden
@pytest.mark.parametrize("data_set", ["sha", "shb", "qnrf", "nwpu"])
@pytest.mark.parametrize("block_px", [8, 16, 32])
@pytest.mark.parametrize("size", ["p", "n", "t"])
def test_names_of_zip_with_every_data_set(size: str, block_px: int, data_set: str) -> None:
    """Sizes, blocks and bins are independent of one another."""
    bins, values = golden.zip_bins(data_set, block_px)
    name = f"zip_{size}_bs{block_px}"
    shapes = published.with_bins(golden.shapes(name), len(bins))
    meta = golden.keys(name)["meta"]
    assert isinstance(meta, dict)
    described = _described(meta["model"], block_px, bins, values)

    config = describe_zip(_on_meta(shapes, described), Choices())

    assert _published_shapes(config) == shapes | {"bin_centers": (len(bins),)}


def _told(shapes: Shapes) -> ClipEbcConfig:
    archive = _on_meta(shapes, None)
    config = closest(archive, clip_ebc_candidates(archive, Choices(data_set="nwpu")))
    assert isinstance(config, ClipEbcConfig)
    without_text = {key: one for key, one in shapes.items() if not key.startswith(TEXT_PREFIX)}
    assert _published_shapes(config) == without_text
    return config


def _published_shapes(config: CounterConfig) -> Shapes:
    with torch.device("meta"):
        counter = build_counter(config)
    assert isinstance(counter, BlockCounter)
    ours = counter.state_dict()
    return {
        theirs: tuple(ours[key].shape) for key, theirs in published_names(counter, config).items()
    }


def _on_meta(shapes: Shapes, described: dict[str, object] | None) -> Archive:
    with torch.device("meta"):
        weights = {key: torch.empty(shape) for key, shape in shapes.items()}
    return Archive(Path("best_mae.pth"), weights, described, "")


def _load(module: nn.Module, weights: Weights, prefix: str, *, strict: bool = True) -> None:
    own = {
        key: weights[f"{prefix}{key}"] for key in module.state_dict() if f"{prefix}{key}" in weights
    }
    module.load_state_dict(own, strict=strict)


def _saved(content: object, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "best_mae_0.pth"
    torch.save(content, path)
    return path


def _saved_zip(
    weights: Weights,
    folder: Path,
    model: str,
    block_px: int,
    bins: list[tuple[float, float]],
    values: list[float],
) -> Path:
    return _saved(
        {"config": _described(model, block_px, bins, values), "weights": dict(weights)}, folder
    )


def _described(
    model: str, block_px: int, bins: list[tuple[float, float]], values: list[float]
) -> dict[str, object]:
    return {
        "model_name": model,
        "block_size": block_px,
        "bins": bins,
        "bin_centers": values,
        "zero_inflated": True,
        "text_prompts": {"pi": ["none", "some"], "lambda": [str(one) for one in bins[1:]]},
    }
