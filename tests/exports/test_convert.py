"""Every kind of network becomes a file that counts the same, with bins, windows and card.

What a checkpoint says of itself reaches the manifest in the contract's words.
"""

import os

import numpy as np
import onnx
import pytest
import torch
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from torch import nn

from exports.convert import Source, Wish, from_checkpoint, from_file, make
from exports.errors import ExportError
from exports.manifest import Windows, bins_of, make_manifest, method_of, sentences_of
from exports.model_file import read_model
from exports.trace import InputShape, trace
from exports.verify import TOLERANCES, compare, difference_of, torch_counter
from monitor.core.bins import Bin, BinSet
from monitor.core.errors import ModelError
from monitor.inference.model import load_model
from tests.rigs.plain_counter import write_plain
from tests.rigs.tiny_clip import tiny_resnet, tiny_vit
from tests.rigs.tiny_count import tiny_config
from training.checkpoint import Checkpoint
from training.clip_count.network import Prompted
from training.models.config import (
    ClipEbcConfig,
    ClipZipConfig,
    CounterConfig,
    EbcConfig,
    PyramidConfig,
    RegressionConfig,
    VisualPrompts,
    ZipConfig,
    grid_of,
)
from training.models.heads import ClassHead
from training.models.output import BlockOutput, Counter
from training.models.published_bins import bins_by_name
from training.models.start import start_counter

BINS = bins_by_name("nwpu-8-4-fine")
GRID = grid_of(8, BINS)
SENTENCES = ("none", "one", "two", "three", "more")


def accept(compared, precision):
    """Stand in for the table that a person sees: pass what the command passes."""
    return difference_of(compared, precision) < TOLERANCES[precision]


def started(config: CounterConfig) -> Checkpoint:
    """Make a checkpoint with random weights and random statistics of batches."""
    torch.manual_seed(0)
    counter = start_counter(config, weights=None)
    for module in counter.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.running_mean, -0.2, 0.2)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
    return Checkpoint(config, counter.state_dict())


def made(checkpoint, wish, path):
    """Make a file from a checkpoint and open it as the app does."""
    make(from_checkpoint(checkpoint, wish, name="made", sha256="0" * 64), wish, path, report=accept)
    return load_model(path, provider="cpu")


PYRAMID = PyramidConfig(trunk="mobilenetv4_conv_small_035", grid=GRID, width=16)
REGRESSION = RegressionConfig(backbone="mobilenetv2_050", block_px=16)
VIT = ClipEbcConfig(tower=tiny_vit(VisualPrompts(count=3)), grid=GRID, sentences=SENTENCES)
RESNET = ClipEbcConfig(tower=tiny_resnet(), grid=GRID, sentences=SENTENCES)
ZIP = ZipConfig(backbone="mobilenetv4_conv_small_035", grid=GRID)
CLIP_ZIP = ClipZipConfig(
    tower=tiny_resnet(),
    grid=GRID,
    sentences=SENTENCES[1:],
    empty_sentences=("empty", "occupied"),
)
FAMILIES = {
    "pyramid": (PYRAMID, Wish(), "ebc"),
    "cannet": (EbcConfig(backbone="cannet", grid=GRID), Wish(), "ebc"),
    "regression": (REGRESSION, Wish(fixed_hw=(64, 96), batch=2), "regression"),
    "zip": (ZIP, Wish(window_px=64, stride_px=32), "zip"),
    "clip-ebc-vit": (VIT, Wish(stride_px=32), "clip-ebc"),
    "clip-ebc-resnet": (RESNET, Wish(), "clip-ebc"),
    "clip-zip": (CLIP_ZIP, Wish(), "zip"),
}


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_file_counts_what_the_network_counts(family, tmp_path, monkeypatch):
    """Density, variance and count at sizes smaller than a window, odd and upright."""
    # The file's own proof on fewer pictures: this test compares at sizes of its own.
    monkeypatch.setattr("exports.convert.sizes_for", lambda _: ((48, 67),))
    config, wish, method = FAMILIES[family]
    checkpoint = started(config)

    model = made(checkpoint, wish, tmp_path / "m.onnx")

    count = torch_counter(checkpoint.build(), model)
    draw = np.random.default_rng(3)
    for height, width in ((1, 1), (31, 33), (165, 70)):
        image = draw.integers(0, 256, (height, width, 3), dtype=np.uint8)
        for found, expected in zip(model.count_blocks(image), count(image), strict=True):
            if expected is None:
                assert found is None
            else:  # float32 sums in another order; random weights make blocks of some people
                np.testing.assert_allclose(found, expected, rtol=2e-3, atol=2e-3)
    graph, manifest = read_model(tmp_path / "m.onnx")
    onnx.checker.check_model(str(tmp_path / "m.onnx"), full_check=True)
    names = " ".join(one.name for one in graph.graph.initializer)
    kinds = {node.op_type for node in graph.graph.node}
    assert "log_scale" not in names, "the factor of the similarities is folded into the sentences"
    assert not kinds & {"BatchNormalization", "Exp"}
    assert "token_embedding" not in names, "no text tower is in the file"
    assert graph.opset_import[0].version == 20
    assert manifest.method == method
    assert (tmp_path / "m.card.md").read_text().startswith("# made\n")


@pytest.mark.slow
def test_several_prompts_give_a_density_map_each(tmp_path, monkeypatch):
    """Each map is what the network says to that prompt alone; windows and batches keep them apart.

    The whole picture goes through one network; only the answers are several.
    """
    # The file's own proof on fewer pictures: this test compares at sizes of its own.
    monkeypatch.setattr("exports.convert.sizes_for", lambda _: ((48, 67),))
    config = tiny_config()
    checkpoint = started(config)
    prompts = ("birds", "cars", "people")

    model = made(checkpoint, Wish(prompts=prompts), tmp_path / "three.onnx")

    manifest = model.manifest
    assert (manifest.things, manifest.counts) == (prompts, "birds, cars, people")
    assert model.counts == prompts
    counter = checkpoint.build()
    draw = np.random.default_rng(7)
    images = [draw.integers(0, 256, (70, 131, 3), dtype=np.uint8) for _ in range(2)]
    found = model.predict_things(images, ("people", "birds"))
    for image, predictions in zip(images, found, strict=True):
        for prediction, prompt in zip(predictions, ("people", "birds"), strict=True):
            expected = torch_counter(Prompted(counter, [prompt]).eval(), model)(image)[0]
            assert prediction.counts == prompt
            np.testing.assert_allclose(prediction.density, expected, rtol=1e-3, atol=1e-4)
    assert not np.allclose(found[0][0].density, found[0][1].density, rtol=1e-3, atol=1e-4)
    with pytest.raises(ModelError, match="counts birds, cars, people and cannot be asked for dogs"):
        model.ask(["dogs"])


@pytest.mark.slow
def test_what_clip_count_counts_is_fixed_by_a_prompt(tmp_path):
    """Density alone, for the prompt given; the text half stays behind; windows overlap by half."""
    config = tiny_config()
    checkpoint = started(config)

    model = made(checkpoint, Wish(prompts=("birds",)), tmp_path / "birds.onnx")

    manifest = model.manifest
    assert (manifest.counts, manifest.prompts, manifest.method) == (
        "birds",
        ("birds",),
        "clip-count",
    )
    assert manifest.stride_px == manifest.window_px // 2
    assert not manifest.has_variance
    names = [one.name for one in read_model(tmp_path / "birds.onnx")[0].graph.initializer]
    assert not [name for name in names if "token_embedding" in name]
    counter = checkpoint.build()
    image = np.random.default_rng(2).integers(0, 256, (50, 90, 3), dtype=np.uint8)
    found, spread = model.count_blocks(image)
    assert spread is None
    for prompt, is_same in (("birds", True), ("cars", False)):
        asked = torch_counter(Prompted(counter, [prompt]).eval(), model)(image)[0]
        assert np.allclose(found, asked, rtol=1e-3, atol=1e-4) == is_same, prompt


class PatchCounter(Counter):
    """The smallest network that counts: one convolution over each block."""

    def __init__(self, bins: BinSet, block_px: int, window_px: int | None) -> None:
        super().__init__()
        self.block_px = self.size_multiple = block_px
        self.window_px = window_px
        self.mean, self.std = (0.5, 0.4, 0.3), (0.2, 0.3, 0.25)
        score = nn.Conv2d(3, len(bins.bins), block_px, stride=block_px)
        self.head = ClassHead(score, bins)

    def forward(self, pictures):
        """Count; see `Counter`."""
        output: BlockOutput = self.head(pictures)
        return output


@st.composite
def bin_sets(draw):
    """Bins from 0 on, of any widths, each with any value within it."""
    widths = draw(st.lists(st.integers(1, 9), min_size=1, max_size=5))
    low, bins, values = 0, [], []
    for width in widths:
        bins.append(Bin(low, low + width - 1))
        values.append(draw(st.floats(low, low + width - 1, width=32)))
        low += width
    bins.append(Bin(low, None))
    values.append(draw(st.floats(low, low + 50, width=32)))
    return BinSet(tuple(bins), tuple(values))


@pytest.mark.slow
@settings(
    max_examples=int(os.environ.get("EXPORT_EXAMPLES", "4")),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=True,
    # An export takes seconds: shrinking a fault would take longer than a test may.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(bin_sets(), st.sampled_from([1, 5, 8, 14, 16, 32]), st.sampled_from([None, 1, 2, 3]))
def test_bins_blocks_and_windows_survive(tmp_path, bins, block_px, windows):
    """Whatever they are: the manifest tells them and the file counts by them."""
    window_px = None if windows is None else windows * block_px
    torch.manual_seed(1)
    counter = PatchCounter(bins, block_px, window_px).eval()
    fixed_hw = None if window_px is None else (window_px, window_px)
    model = trace(counter, InputShape(fixed_hw))
    manifest = make_manifest(
        name="patches",
        checkpoint=Checkpoint(EbcConfig(backbone="none", grid=grid_of(block_px, bins)), {}),
        counter=counter,
        windows=None if window_px is None else Windows(window_px, block_px),
        outputs=("density", "variance"),
        checkpoint_sha256="0" * 64,
    )

    def prove(opened, images):
        return compare(torch_counter(counter, opened), opened.count_blocks, images)

    source = Source(model, manifest, prove, "made here")
    path = tmp_path / "patches.onnx"

    make(source, Wish(), path, report=lambda *_: True)

    opened = load_model(path, provider="cpu")
    assert opened.manifest.bin_set() == bins
    assert (opened.manifest.block_px, opened.manifest.window_px) == (block_px, window_px)
    image = np.random.default_rng(5).integers(0, 256, (41, 67, 3), dtype=np.uint8)
    density, variance = opened.count_blocks(image)
    expected, spread = torch_counter(counter, opened)(image)
    np.testing.assert_allclose(density, expected, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(variance, spread, rtol=1e-2, atol=1e-2)
    assert density.max() <= bins.values[-1] + 1e-3


def test_smaller_files_are_made_of_a_file(tmp_path):
    """From a file in full precision: sixteen bits, told in manifest and card; never the reverse."""
    full = write_plain(tmp_path / "full.onnx")
    wish = Wish(precision="fp16")

    make(from_file(full, wish, name="half"), wish, tmp_path / "half.onnx", report=accept)

    manifest = load_model(tmp_path / "half.onnx").manifest
    assert (manifest.precision, manifest.name) == ("fp16", "half")
    card = (tmp_path / "half.card.md").read_text()
    assert "sixteen bits" in card
    assert "full.onnx" in card
    with pytest.raises(ExportError, match="start from the file in fp32"):
        from_file(tmp_path / "half.onnx", wish, name=None)


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (Wish(), "add --precision"),
        (Wish(precision="fp16", batch=2), "need the checkpoint"),
        (Wish(precision="fp16", window_px=64), "need the checkpoint"),
    ],
)
def test_of_a_file_only_the_precision_changes(tmp_path, wish, words):
    """Sides, windows and batch are the graph's."""
    path = write_plain(tmp_path / "full.onnx")

    with pytest.raises(ExportError, match=words):
        from_file(path, wish, name=None)


def test_file_that_counts_otherwise_is_not_written(tmp_path):
    """A proof that fails leaves what was there, and nothing beside it."""
    full = write_plain(tmp_path / "full.onnx")
    (tmp_path / "out.onnx").write_text("older")
    wish = Wish(precision="fp16")

    with pytest.raises(ExportError, match="count otherwise"):
        make(from_file(full, wish, name=None), wish, tmp_path / "out.onnx", report=lambda *_: False)

    assert (tmp_path / "out.onnx").read_text() == "older"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["full.onnx", "out.onnx"]


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (Wish(fixed_hw=(100, 64)), "multiples of 8.*height 104, width 64"),
        (Wish(batch=0), "1 or more"),
        (Wish(stride_px=8), "add --window"),
        (Wish(prompts=("birds",)), "is for CLIP-Count"),
        (Wish(prompts=("birds", "cars")), "is for CLIP-Count"),
    ],
)
def test_wishes_that_do_not_suit_are_told(wish, words):
    """One sentence each, before anything is traced for long."""
    config = EbcConfig(backbone="vgg11", grid=grid_of(8, BINS))

    class Plain(Checkpoint):
        def build(self):
            return PatchCounter(BINS, 8, None).eval()

    with pytest.raises(ExportError, match=words):
        from_checkpoint(Plain(config, {}), wish, name="m", sha256="0" * 64)


@pytest.mark.parametrize("words", [{"fixed_hw": (64, 64), "window_px": 64}, {"max_change": 0.0}])
def test_wishes_that_contradict_are_refused(words):
    """Before a checkpoint is read."""
    with pytest.raises(ExportError):
        Wish(**words)


MANIFEST_GRID = grid_of(8, bins_by_name("nwpu-8-4-fine"))
MANIFEST_SENTENCES = ("none", "one", "two", "three", "more")


@pytest.mark.parametrize(
    ("network", "method", "sentences"),
    [
        (PyramidConfig(trunk="mobilenetv4_conv_small_050", grid=MANIFEST_GRID), "ebc", ()),
        (EbcConfig(backbone="vgg11", grid=MANIFEST_GRID), "ebc", ()),
        (RegressionConfig(backbone="vgg11", block_px=8), "regression", ()),
        (ZipConfig(backbone="mobilenetv4_conv_small_050", grid=MANIFEST_GRID), "zip", ()),
        (
            ClipEbcConfig(tower=tiny_resnet(), grid=MANIFEST_GRID, sentences=MANIFEST_SENTENCES),
            "clip-ebc",
            MANIFEST_SENTENCES,
        ),
        (
            ClipZipConfig(
                tower=tiny_resnet(),
                grid=MANIFEST_GRID,
                sentences=MANIFEST_SENTENCES[1:],
                empty_sentences=("empty", "occupied"),
            ),
            "zip",
            ("empty", "occupied", *MANIFEST_SENTENCES[1:]),
        ),
    ],
    ids=lambda value: getattr(value, "network", ""),
)
def test_each_network_is_named_by_its_method(
    network: CounterConfig, method: str, sentences: tuple[str, ...]
) -> None:
    """Method, bins and sentences are the network's own; a regression has no bins."""
    assert method_of(network) == method
    assert bins_of(network) == (() if method == "regression" else MANIFEST_GRID.bins)
    assert sentences_of(network) == sentences
