"""First weights and embeddings.

Fetching weights.
"""

import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import huggingface_hub.constants
import pytest
import timm
import torch
from huggingface_hub import constants

from monitor.core.bins import parse_bins
from tests.rigs.tiny_clip import tiny_resnet, tiny_vit
from training.errors import TrainingError
from training.models import start
from training.models import start as hub
from training.models.build import BlockCounter, build_counter
from training.models.config import (
    ClipCountConfig,
    ClipEbcConfig,
    ClipZipConfig,
    EbcConfig,
    Tower,
    ZipConfig,
    grid_of,
)
from training.models.heads import ClassHead, Similarity, ZipHead
from training.models.published_bins import bins_by_name
from training.models.sentences import bin_sentences
from training.models.start import PUBLISHED, fetching, search_sentences, start_counter
from training.models.towers import random_text_tower

GRID = grid_of(8, bins_by_name("nwpu-8-4-fine"))
SENTENCES = bin_sentences(GRID.bin_set().bins, "word")


def test_sentences_are_embedded_once_and_the_text_tower_is_gone() -> None:
    """Embeddings are those of the text tower of the same seed; nothing else of it is left."""
    config = ClipEbcConfig(tower=tiny_vit(), grid=GRID, sentences=SENTENCES)
    torch.manual_seed(5)
    expected_shapes = {key: one.shape for key, one in build_counter(config).state_dict().items()}

    counter = start_counter(config, weights=None)

    found = counter.state_dict()
    assert {key: one.shape for key, one in found.items()} == expected_shapes
    text = found["head.score.text"]
    torch.testing.assert_close(text.norm(dim=1), torch.ones(5))
    assert len({tuple(row) for row in text.tolist()}) == 5


def test_branches_of_zip_have_sentences_of_their_own() -> None:
    """Emptiness and rate are compared with different sentences."""
    config = ClipZipConfig(
        tower=tiny_resnet(),
        grid=GRID,
        sentences=SENTENCES[1:],
        empty_sentences=("There is no person.", "There is a crowd."),
    )

    counter = start_counter(config, weights=None)

    head = counter.get_submodule("head")
    assert isinstance(head, ZipHead)
    assert isinstance(head.count, Similarity)
    assert isinstance(head.empty, Similarity)
    assert head.count.text.shape == (4, 16)
    assert head.empty.text.shape == (2, 16)
    assert bool(head.empty.text.isfinite().all())
    assert head.count.log_scale is not head.empty.log_scale


def test_sentences_are_searched_for() -> None:
    """The chosen sets describe the bins, each in one of ZIP's ways."""
    torch.manual_seed(0)
    tower, bins = tiny_vit(), parse_bins("0,1,2+")
    text = random_text_tower(tower)
    few = [("There is no person.", "There is a person."), ("0.", "more than 1.")]

    chosen = start.most_distinct(few, text)

    vectors = {one: text(one) for one in few}
    likeness = {one: float(vectors[one][0] @ vectors[one][1]) for one in few}
    assert chosen == min(few, key=likeness.__getitem__)
    assert len(bins) == 3


@pytest.mark.slow
def test_search_asks_for_both_branches() -> None:
    """Two sentences on emptiness, and one for each positive bin."""
    empty, positive = search_sentences(tiny_vit(), parse_bins("0,1,2+"), weights=None)

    assert len(empty) == 2
    assert len(positive) == 2


class TestOffline:
    """Without a network, weights come from the cache or not at all, with one clear sentence."""

    @pytest.fixture(autouse=True)
    def offline(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """No hub answers, and the caches are empty."""
        monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
        monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
        monkeypatch.setattr(torch.hub, "_get_torch_home", lambda: str(tmp_path))
        monkeypatch.setattr(torch.hub, "urlopen", _no_network, raising=True)

    @pytest.mark.parametrize(
        ("config", "weights", "what"),
        [
            (
                ClipEbcConfig(
                    tower=Tower(name="RN50", quick_gelu=True), grid=GRID, sentences=SENTENCES
                ),
                "openai",
                r"RN50 \(openai\)",
            ),
            (ZipConfig(backbone="mobilenetv4_conv_small_050", grid=GRID), PUBLISHED, "mobilenetv4"),
            (EbcConfig(backbone="vgg11_ae", grid=GRID), PUBLISHED, "vgg11"),
            (
                ClipCountConfig(tower=Tower(name="ViT-B-16", quick_gelu=True, window_px=384)),
                "openai",
                r"ViT-B-16 \(openai\)",
            ),
        ],
        ids=["open_clip", "timm", "torchvision", "clip-count"],
    )
    def test_one_sentence(
        self,
        config: ClipCountConfig | ClipEbcConfig | ZipConfig | EbcConfig,
        weights: str,
        what: str,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """The message names the weights and what to do; nothing else is logged."""
        with pytest.raises(TrainingError, match=f"weights of {what}.* not in this machine's cache"):
            start_counter(config, weights=weights)

        assert not caplog.records
        assert huggingface_hub.constants.HF_HUB_OFFLINE is True

    def test_unknown_tags_are_answered_with_the_known(self) -> None:
        """A tag that open_clip does not have is told at once, with those it has."""
        config = ClipEbcConfig(tower=Tower(name="RN50"), grid=GRID, sentences=SENTENCES)

        with pytest.raises(TrainingError, match="it has openai"):
            start_counter(config, weights="laion5b")

    def test_other_weights_of_a_trunk_are_refused(self) -> None:
        """A trunk without CLIP has published weights or none."""
        with pytest.raises(TrainingError, match="only 'published'"):
            start_counter(EbcConfig(backbone="vgg11", grid=GRID), weights="openai")


def test_weights_of_a_trunk_are_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the hub gives ends in the trunk; the new layers stay new."""
    torch.manual_seed(0)
    config = ZipConfig(backbone="mobilenetv4_conv_small_050", grid=GRID)
    create = timm.create_model
    given = create(config.backbone, features_only=True, out_indices=(-1,))

    def with_cache(name: str, *, pretrained: bool, **rest: object) -> torch.nn.Module:
        return given if pretrained else create(name, pretrained=False, **rest)

    monkeypatch.setattr(timm, "create_model", with_cache)
    monkeypatch.setattr("training.models.start._hub_answers", lambda: True)

    counter = start_counter(config, weights=PUBLISHED)

    assert isinstance(counter, BlockCounter)
    encoder = counter.features.get_submodule("trunk.encoder")
    for key, value in given.state_dict().items():
        torch.testing.assert_close(encoder.state_dict()[key], value)


def test_head_of_clip_ebc_is_a_class_head() -> None:
    """CLIP-EBC classifies; the embeddings lie in its score."""
    config = ClipEbcConfig(tower=tiny_vit(), grid=GRID, sentences=SENTENCES)

    assert isinstance(start_counter(config, weights=None).get_submodule("head"), ClassHead)


def _no_network(*_: object, **__: object) -> None:
    raise OSError("no network in tests")


@pytest.fixture
def answering() -> Iterator[str]:
    """A hub on this machine that refuses every page."""
    server = HTTPServer(("127.0.0.1", 0), _Refusing)
    thread = threading.Thread(target=server.serve_forever, name="crowd-test-hub")
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class _Refusing(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self.send_error(403)

    def log_message(self, *_: object) -> None:  # type: ignore[override]  # keeps tests quiet
        return


def test_a_hub_that_answers_is_asked(monkeypatch: pytest.MonkeyPatch, answering: str) -> None:
    """Even a refusal shows that there is a network."""
    monkeypatch.setattr(constants, "ENDPOINT", answering)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)

    with fetching("a model"):
        assert constants.HF_HUB_OFFLINE is False


def test_without_a_hub_only_the_cache_is_asked(
    monkeypatch: pytest.MonkeyPatch, answering: str
) -> None:
    """Nothing is retried for minutes; what was set before is set again after."""
    nobody = answering.replace("127.0.0.1", "127.0.0.2")
    monkeypatch.setattr(constants, "ENDPOINT", nobody)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    disabled = logging.root.manager.disable

    with fetching("a model"):
        assert constants.HF_HUB_OFFLINE is True
        assert logging.root.manager.disable >= logging.ERROR

    assert constants.HF_HUB_OFFLINE is False
    assert logging.root.manager.disable == disabled


@pytest.mark.parametrize(
    "failure", [FileNotFoundError("gone"), RuntimeError("Failed to download file")]
)
def test_failures_to_fetch_become_one_sentence(
    monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    """Whatever the library raises, the message names the weights."""
    monkeypatch.setattr(hub, "_hub_answers", lambda: False)

    with (
        pytest.raises(TrainingError, match=r"the weights of RN50 \(openai\)"),
        fetching("RN50 (openai)"),
    ):
        raise failure


def test_other_failures_stay_what_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights that do not fit are no question of the network."""
    monkeypatch.setattr(hub, "_hub_answers", lambda: True)

    with pytest.raises(RuntimeError, match="size mismatch"), fetching("a model"):
        raise RuntimeError("size mismatch")
