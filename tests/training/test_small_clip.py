"""A small CLIP learns names, and its files begin a counter as real weights do."""

import json

import pytest
import torch

from training.clip_count.network import ClipCounter
from training.config import DataChoice, FitConfig
from training.errors import TrainingError
from training.models.config import Tower
from training.models.published_bins import bins_by_name
from training.models.start import start_counter
from training.models.towers import load_clip
from training.naming import network_for
from training.small_clip import ARCHITECTURE, train_small_clip, write_clip

BINS = bins_by_name("zip-sha-16")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A model of two steps, on disk."""
    folder = tmp_path_factory.mktemp("world")
    model, _ = train_small_clip(steps=2, seed=0)
    write_clip(model, folder)
    return folder, model


def asked(folder, *, pretrained, **options) -> FitConfig:
    """Options of a run on it."""
    return FitConfig(
        data=(DataChoice(folder="none"),),
        model=f"clip-count:{folder / 'clip.json'}",
        pretrained=pretrained,
        crop_px=48,
        **options,
    )


def test_files_begin_a_counter(written):
    """The frozen parts are the model's own, and its projection is where patches begin."""
    folder, model = written
    config = asked(folder, pretrained=str(folder / "clip.pt"))

    counter = start_counter(network_for(config, BINS), weights=config.pretrained)

    assert isinstance(counter, ClipCounter)
    assert json.loads((folder / "clip.json").read_text()) == ARCHITECTURE
    torch.testing.assert_close(counter.project.weight, model.visual.proj.T)
    torch.testing.assert_close(counter.text.positional_embedding, model.positional_embedding)
    torch.testing.assert_close(counter.tower.conv1.weight, model.visual.conv1.weight)


def test_files_of_another_model_are_refused(written, tmp_path):
    """Weights that do not fit, are none, or are missing: one sentence each."""
    folder, _ = written
    tower = Tower(name="other", architecture=ARCHITECTURE | {"embed_dim": 32})
    (tmp_path / "no.pt").write_bytes(b"no weights")

    for path, words in (
        (folder / "clip.pt", "does not hold the weights of other"),
        (tmp_path / "no.pt", "does not hold the weights"),
        (tmp_path / "none.pt", "cannot be read"),
    ):
        with pytest.raises(TrainingError, match=words):
            load_clip(tower, path)
