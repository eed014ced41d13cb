"""Names on the command line become networks."""

import json

import pytest

from monitor.core.bins import Bin, BinSet
from tests.rigs.tiny_clip import RESNET, VIT
from training.config import FitConfig
from training.errors import TrainingError
from training.models.config import CLIP, IMAGENET, ClipCountConfig, VisualPrompts
from training.naming import NAMES, network_for

BINS = BinSet((Bin(0, 0), Bin(1, 1), Bin(2, None)), (0.0, 1.0, 2.5))


def named(model, **options):
    """The network that these options describe."""
    return network_for(FitConfig(data=({"folder": "x"},), model=model, **options), BINS)


@pytest.mark.parametrize(
    ("model", "options", "expected"),
    [
        ("ebc-mobilenet", {}, {"network": "pyramid", "trunk": "mobilenetv4_conv_small"}),
        ("ebc:vgg19_ae", {"block": 16}, {"network": "ebc", "backbone": "vgg19_ae"}),
        ("ebc:vit_b_16", {"crop_px": 384}, {"network": "ebc", "window_px": 384}),
        ("ebc:vit_tiny_patch16_224", {"crop_px": 448}, {"network": "ebc", "window_px": 448}),
        ("ebc:resnet50", {"crop_px": 448}, {"network": "ebc", "window_px": None}),
        ("regression:csrnet", {"block": 32}, {"network": "regression", "block_px": 32}),
        ("zip:P", {}, {"network": "zip", "backbone": "mobilenetv4_conv_small_050"}),
        ("zip:n", {}, {"network": "zip", "backbone": "mobilenetv4_conv_small"}),
        ("zip:T", {}, {"network": "zip", "backbone": "mobilenetv4_conv_medium"}),
        ("zip:resnet18", {}, {"network": "zip", "backbone": "resnet18"}),
    ],
)
def test_names_without_clip(model, options, expected):
    """Each family under its name; blocks and windows as asked for."""
    found = named(model, **options).model_dump(mode="json")

    assert found | expected == found
    if "block" in options and "grid" in found:
        assert found["grid"]["block_px"] == options["block"]


def test_clip_ebc_on_a_transformer_is_prompted_by_default():
    """32 deep tokens, the window of the crop, sentences in words, ImageNet's colors."""
    network = named("clip-ebc:ViT-B-16", crop_px=224)

    assert network.tower.window_px == 224
    assert (network.tower.prompts.count, network.tower.prompts.deep) == (32, True)
    assert network.sentences == (
        "There is no person.", "There is one person.", "There are more than two people.",
    )  # fmt: skip
    assert network.colors == IMAGENET
    assert not network.tower.quick_gelu


def test_options_of_prompts_are_followed():
    """Number of tokens, layers, dropout, digits; OpenAI's weights bring their activation."""
    network = named(
        "clip-ebc:ViT-B-16", crop_px=224, vpt=96, vpt_shallow=True, vpt_dropout=0.2,
        prompts="number", pretrained="openai", colors="clip",
    )  # fmt: skip

    prompts = network.tower.prompts
    assert (prompts.count, prompts.deep, prompts.dropout) == (96, False, 0.2)
    assert network.sentences[1] == "There is 1 person."
    assert network.tower.quick_gelu
    assert network.colors == CLIP


@pytest.mark.parametrize("tower", ["ViT-B-16", "MobileCLIP-B", "MobileCLIP2-L-14"])
def test_no_tokens_means_all_is_trained(tower):
    """`--vpt 0` leaves the tower free; transformers of timm are no exception."""
    assert named(f"clip-ebc:{tower}", crop_px=224).tower.prompts.count == 32
    assert named(f"clip-ebc:{tower}", crop_px=224, vpt=0).tower.prompts is None


def test_sizes_of_zip_with_a_tower():
    """S and B stand for towers; any other tower has its own name."""
    small = named("zip:S", prompts="word")
    big = named("zip:B", prompts="word")
    other = named("clip-zip:convnext_base_w_320", prompts="word")

    assert [one.tower.name for one in (small, big, other)] == [
        "MobileCLIP-S1", "RN50x4", "convnext_base_w_320",
    ]  # fmt: skip
    assert {one.network for one in (small, big, other)} == {"clip-zip"}
    assert len(small.sentences) == len(BINS.bins) - 1
    assert len(small.empty_sentences) == 2


def test_a_tower_of_ones_own(tmp_path):
    """A file in open_clip's form names a tower that open_clip does not know."""
    (tmp_path / "mine.json").write_text(json.dumps(VIT))
    network = named(f"clip-ebc:{tmp_path / 'mine.json'}", crop_px=64)

    assert network.tower.name == "mine"
    assert network.tower.architecture == VIT
    assert network.tower.prompts.count == 32


@pytest.mark.slow
def test_zip_asks_the_tower_for_sentences(tmp_path):
    """Without `--prompts` they are chosen among 3456 sets by the tower itself."""
    (tmp_path / "mine.json").write_text(json.dumps(RESNET))
    network = named(f"clip-zip:{tmp_path / 'mine.json'}")

    assert len(set(network.sentences)) == 2
    assert all(one.endswith(".") for one in (*network.sentences, *network.empty_sentences))


@pytest.mark.parametrize("model", ["yolo", "ebc:", "zipp:P", ":"])
def test_unknown_names_are_answered_with_all_there_are(model):
    """One sentence with the whole list."""
    with pytest.raises(TrainingError, match="no model is called") as caught:
        named(model)
    assert all(name in str(caught.value) for name in NAMES)


@pytest.mark.parametrize(
    ("model", "options", "words"),
    [
        ("ebc-mobilenet", {"block": 16}, "blocks of 8"),
        ("clip-ebc:RN50", {"vpt": 4}, "no vision transformer"),
        ("clip-ebc:RN49", {}, "open_clip knows no model 'RN49'"),
        ("clip-ebc:gone.json", {}, "cannot be read"),
    ],
)
def test_what_does_not_fit_together_is_said(model, options, words):
    """No network is made of contradictions."""
    with pytest.raises(TrainingError, match=words):
        named(model, **options)


@pytest.mark.parametrize(
    ("tower", "variant", "seen_px"),
    [
        ("ViT-B-16", "improved", 384),
        ("ViT-B-32", "improved", 384),
        ("ViT-L-14", "improved", 378),  # 27 patches, the nearest to 384
        ("ViT-B-16", "paper", 224),
        ("ViT-L-14", "paper", 224),
    ],
)
def test_clip_count_by_tower(tower, variant, seen_px):
    """CLIP sees the window as it is, or the size it was trained with; 20 prompts a layer."""
    network = named(f"clip-count:{tower}", variant=variant, crop_px=384)

    assert isinstance(network, ClipCountConfig)
    assert (network.window_px, network.tower.window_px) == (384, seen_px)
    assert network.tower.prompts == VisualPrompts(count=20, dropout=0.1)
    assert network.cell_px == (4 if variant == "improved" else 1)


def test_clip_count_needs_a_transformer():
    """A residual network has no patches to compare with a prompt."""
    with pytest.raises(TrainingError, match="RN50 is not CLIP's vision transformer"):
        named("clip-count:RN50", crop_px=384)
