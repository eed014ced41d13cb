"""From a released file to a network: the right one, whole, or a message that says what is wrong."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from exports.errors import ExportError
from exports.released.archive import Archive
from exports.released.choices import Choices
from exports.released.ebc_files import (
    TEXT_PREFIX,
    clip_ebc_candidates,
    ebc_candidates,
    is_clip_ebc,
)
from exports.released.importer import closest, import_released, published_names
from exports.released.zip_files import describe_zip
from tests.rigs import golden
from training.models.build import BlockCounter, build_counter
from training.models.config import (
    ClipEbcConfig,
    ClipZipConfig,
    CounterConfig,
    EbcConfig,
    RegressionConfig,
    ZipConfig,
    grid_of,
)
from training.models.published_bins import bins_by_name

KEY_LISTS = (
    "clipebc_rn50",
    "clipebc_vitb16",
    "ebc_vgg19_ae",
    "zip_b_nwpu_convnext_bs8",
    "zip_b_qnrf_convnext_bs32",
    "zip_b_sha_vit_bs16",
    "zip_b_shb_rn50x4_bs16",
    *(f"zip_{size}_bs{block_px}" for size in ("p", "n", "t") for block_px in (8, 16, 32)),
    "zip_s_sha_bs16",
)

EBC_BACKBONES = (
    *(
        f"vgg{depth}{norm}{kind}"
        for depth in (11, 13, 16, 19)
        for norm in ("", "_bn")
        for kind in ("", "_ae")
    ),
    "csrnet",
    "csrnet_bn",
    "cannet",
    "cannet_bn",
    *(f"resnet{depth}_ae" for depth in (18, 34, 50, 101, 152)),
    "vit_b_16",
    "vit_l_32",
)

NWPU = grid_of(8, bins_by_name("nwpu-8-4-fine"))
TOO_MUCH = "backbone.adapter.weight"


@golden.needs_golden
@pytest.mark.parametrize("name", KEY_LISTS)
def test_published_names_are_ours(name: str) -> None:
    """Every published weight has a place of its shape in our network, and no place is left."""
    archive = _archive(name)
    config = _config(archive, name)

    counter = _on_meta(config)

    shapes = {key: tuple(weight.shape) for key, weight in counter.state_dict().items()}
    ours = {theirs: shapes[key] for key, theirs in published_names(counter, config).items()}
    published = {
        key: shape for key, shape in golden.shapes(name).items() if not key.startswith(TEXT_PREFIX)
    }
    if "bin_centers" in published:
        published["bin_centers"] = (published["bin_centers"][1],)
    assert ours == published


@golden.needs_golden
@pytest.mark.parametrize("name", [one for one in KEY_LISTS if one.startswith("zip")])
def test_networks_have_the_published_size(name: str) -> None:
    """As many numbers are in the network, and as many are trained, as published."""
    counter = _on_meta(_config(_archive(name), name))

    meta = golden.keys(name)["meta"]
    assert isinstance(meta, dict)
    sizes = [(one.numel(), one.requires_grad) for one in counter.parameters()]
    assert sum(size for size, _ in sizes) == meta["n_params"]
    assert sum(size for size, is_trained in sizes if is_trained) == meta["n_trainable"]


@pytest.mark.parametrize("backbone", EBC_BACKBONES)
def test_trunks_are_told_from_their_weights(backbone: str) -> None:
    """A file without any description is recognized by names and shapes of its weights."""
    counter = _on_meta(EbcConfig(backbone=backbone, grid=NWPU))
    archive = _published_archive(counter, EbcConfig(backbone=backbone, grid=NWPU))

    config = closest(archive, ebc_candidates(archive, Choices(data_set="nwpu")))

    assert isinstance(config, EbcConfig)
    assert config.backbone == backbone
    assert config.grid == NWPU


def test_regression_files_need_no_bins() -> None:
    """The baseline is recognized, and nothing has to be said."""
    wanted = RegressionConfig(backbone="vgg16_ae", block_px=8)
    archive = _published_archive(_on_meta(wanted), wanted)

    assert closest(archive, ebc_candidates(archive, Choices())) == wanted


def test_timm_trunks_are_named() -> None:
    """A trunk of timm cannot be told from weights, but works once it is named."""
    wanted = EbcConfig(backbone="mobilenetv2_100", grid=NWPU)
    archive = _published_archive(_on_meta(wanted), wanted)

    with pytest.raises(ExportError, match="name it"):
        closest(archive, ebc_candidates(archive, Choices(data_set="nwpu")))
    named = Choices(data_set="nwpu", backbone="mobilenetv2_100")
    assert closest(archive, ebc_candidates(archive, named)) == wanted


class TestFilesThatDoNotFit:
    """What is missing, too much, or of another shape is listed, in the file's own names."""

    @pytest.fixture
    def content(self) -> dict[str, dict[str, object]]:
        """A small network of ZIP as its authors save it."""
        return _zip_content()

    def test_whole_file(self, content: dict[str, object], tmp_path: Path) -> None:
        """The file as it is imports, and says where it came from."""
        imported = import_released(_saved(content, tmp_path))

        assert imported.config == _zip_config()
        assert imported.metadata["origin"] == "best_mae.pth"
        assert len(imported.metadata["origin_sha256"]) == 64

    def test_missing_and_unexpected(
        self, content: dict[str, dict[str, object]], tmp_path: Path
    ) -> None:
        """Both lists are in the message."""
        content["weights"].pop("pi_head.bias")
        content["weights"][TOO_MUCH] = torch.zeros(1)

        with pytest.raises(
            ExportError, match=rf"missing \(1\): pi_head\.bias; unexpected \(1\): {TOO_MUCH}"
        ):
            import_released(_saved(content, tmp_path))

    def test_another_shape(self, content: dict[str, dict[str, object]], tmp_path: Path) -> None:
        """A weight of another shape is named with both shapes."""
        content["weights"]["pi_head.weight"] = torch.zeros(3, 240, 1, 1)

        with pytest.raises(ExportError, match=r"pi_head\.weight \(3, 240, 1, 1\) instead of \(2,"):
            import_released(_saved(content, tmp_path))

    def test_without_description(
        self, content: dict[str, dict[str, object]], tmp_path: Path
    ) -> None:
        """ZIP's resumable file does not say what network it holds."""
        path = tmp_path / "ckpt.pth"
        torch.save({"model_state_dict": content["weights"], "epoch": 3}, path)

        with pytest.raises(ExportError, match="carries no description"):
            import_released(path)

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"bins": None}, "no 'bins'"),
            ({"bins": [(0, 0), (2, float("inf"))]}, "incomplete or wrong"),
            ({"bin_centers": [0.0, 1.0]}, "incomplete or wrong"),
            ({"block_size": "large"}, "incomplete or wrong"),
            ({"model_name": "CLIP_RN50"}, "no 'text_prompts'"),
            ({"model_name": "CLIP_RN50", "text_prompts": ["none"]}, "incomplete or wrong"),
            (
                {"model_name": "CLIP_RN50", "text_prompts": {"pi": ["none"], "lambda": []}},
                "sentences for 10 bins",
            ),
            (
                {"model_name": "CLIP_RN51", "text_prompts": {"pi": ["a"] * 2, "lambda": ["b"] * 9}},
                "open_clip knows no model 'RN51'",
            ),
        ],
        ids=lambda value: str(value)[:40],
    )
    def test_wrong_descriptions(
        self,
        content: dict[str, dict[str, object]],
        tmp_path: Path,
        changes: dict[str, object],
        words: str,
    ) -> None:
        """What a description lacks, or what in it cannot be, is one sentence."""
        described = content["config"] | changes
        content["config"] = {key: one for key, one in described.items() if one is not None}

        with pytest.raises(ExportError, match=words):
            import_released(_saved(content, tmp_path))

    def test_adapters(self, content: dict[str, dict[str, object]], tmp_path: Path) -> None:
        """What was never published is refused by name."""
        content["config"]["lora"] = True

        with pytest.raises(ExportError, match="lora, which is not supported"):
            import_released(_saved(content, tmp_path))


def test_descriptions_of_clip_ebc_may_be_wrong_as_well(tmp_path: Path) -> None:
    """The copies in safetensors form have theirs beside them."""
    weights = {"image_encoder.class_embedding": torch.zeros(8), "logit_scale": torch.zeros(())}
    path = tmp_path / "model.safetensors"
    save_file(weights, path)
    for described, words in (
        ({"anchor_points": [0.0, 1.0]}, "no 'bins'"),
        ({"anchor_points": [0.0, 1.0], "bins": [[0, 0]]}, "incomplete or wrong"),
        ({"anchor_points": [0.0, 1.0], "bins": [[0, 0], [1, "inf"]]}, "no network known here"),
    ):
        (tmp_path / "config.json").write_text(json.dumps(described))

        with pytest.raises(ExportError, match=words):
            import_released(path)


def test_one_branch_of_zip_on_a_tower() -> None:
    """Without extra zeros there is one list of sentences, under whatever name."""
    bins = [(0, 0), (1, 1), (2, float("inf"))]
    described = {
        "model_name": "CLIP_convnext_base_w",
        "block_size": 16,
        "bins": bins,
        "bin_centers": [0.0, 1.0, 2.4],
        "zero_inflated": False,
    }
    for prompts in (["none", "one", "more"], {"bins": ["none", "one", "more"]}):
        archive = Archive(Path("best.pth"), {}, described | {"text_prompts": prompts}, "")

        config = describe_zip(archive, Choices())

        assert isinstance(config, ClipZipConfig)
        assert config.sentences == ("none", "one", "more")
        assert config.empty_sentences == ()


def test_networks_that_cannot_be_are_refused(tmp_path: Path) -> None:
    """A description of a network that is none is told as such."""
    content = _zip_content()
    content["config"]["model_name"] = "mobilenetv9_conv_huge"

    with pytest.raises(ExportError, match="'mobilenetv9_conv_huge' is no backbone"):
        import_released(_saved(content, tmp_path))


def test_weights_of_something_else(tmp_path: Path) -> None:
    """Any other network is refused."""
    path = tmp_path / "other.pth"
    torch.save({"fc.weight": torch.zeros(2, 2)}, path)

    with pytest.raises(ExportError, match="neither a CLIP-EBC nor a ZIP network"):
        import_released(path)


def test_imported_weights_are_the_files_weights(tmp_path: Path) -> None:
    """Wrapped names of a parallel run are unwrapped, and every number arrives."""
    wanted = EbcConfig(backbone="vgg11", grid=NWPU)
    torch.manual_seed(3)
    original = build_counter(wanted)
    assert isinstance(original, BlockCounter)
    weights = _published_weights(original, wanted)
    path = tmp_path / "nwpu" / "vgg11_448_8_4_fine_1.0_dmcount" / "ckpt.pth"
    path.parent.mkdir(parents=True)
    torch.save(
        {"model_state_dict": {f"module.{key}": value for key, value in weights.items()}}, path
    )

    imported = import_released(path)

    assert imported.config == wanted
    pictures = torch.rand(1, 3, 32, 48)
    with torch.inference_mode():
        torch.testing.assert_close(
            imported.counter(pictures).density, original.eval()(pictures).density
        )


def _zip_config() -> ZipConfig:
    return ZipConfig(
        backbone="mobilenetv4_conv_small_050", grid=grid_of(16, bins_by_name("zip-shb-16"))
    )


def _zip_content() -> dict[str, dict[str, object]]:
    config = _zip_config()
    counter = build_counter(config)
    assert isinstance(counter, BlockCounter)
    bins = [(one.low, float("inf") if one.high is None else one.high) for one in config.grid.bins]
    described: dict[str, object] = {
        "model_name": config.backbone,
        "block_size": config.grid.block_px,
        "bins": bins,
        "bin_centers": [one.value for one in config.grid.bins],
        "zero_inflated": True,
    }
    weights: dict[str, object] = dict(_published_weights(counter, config))
    return {"config": described, "weights": weights}


def _saved(content: object, folder: Path) -> Path:
    path = folder / "best_mae.pth"
    torch.save(content, path)
    return path


def _published_weights(counter: BlockCounter, config: CounterConfig) -> dict[str, Tensor]:
    ours = counter.state_dict()
    return {name: ours[key] for key, name in published_names(counter, config).items()}


def _published_archive(counter: BlockCounter, config: CounterConfig) -> Archive:
    return Archive(Path("best.pth"), _published_weights(counter, config), None, "")


def _on_meta(config: CounterConfig) -> BlockCounter:
    with torch.device("meta"):
        counter = build_counter(config)
    assert isinstance(counter, BlockCounter)
    return counter


def _archive(name: str) -> Archive:
    with torch.device("meta"):
        weights = {key: torch.empty(shape) for key, shape in golden.shapes(name).items()}
    meta = golden.keys(name).get("meta")
    if not isinstance(meta, dict):
        return Archive(Path("best_mae_0.pth"), weights, None, "")
    bins, values = golden.zip_bins(meta.get("dataset", "sha"), meta["block_size"])
    described = {
        "model_name": meta["model"],
        "block_size": meta["block_size"],
        "bins": bins,
        "bin_centers": values,
        "zero_inflated": True,
        "num_vpt": meta.get("num_vpt"),
        "input_size": meta.get("input_size"),
        "text_prompts": {"pi": ["none", "some"], "lambda": [str(one) for one in bins[1:]]},
    }
    return Archive(Path("best_mae.pth"), weights, described, "")


def _config(archive: Archive, name: str) -> CounterConfig:
    if name.startswith("zip"):
        return describe_zip(archive, Choices())
    choices = Choices(data_set="nwpu")
    if is_clip_ebc(archive):
        config = closest(archive, clip_ebc_candidates(archive, choices))
        assert isinstance(config, ClipEbcConfig)
        return config
    return closest(archive, ebc_candidates(archive, choices))
