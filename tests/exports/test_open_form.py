"""Open files count whatever is typed, as their checkpoint does."""

from pathlib import Path

import numpy as np
import pytest

from exports.__main__ import main
from monitor.errors import ModelError
from monitor.inference.model import load_model
from tests.rigs.tiny_count import tiny_counter
from training.checkpoint import Checkpoint, save_checkpoint
from training.prompting import Asking

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def counter():
    """A network that was never taught; its counts differ by prompt all the same."""
    return tiny_counter()


@pytest.fixture(scope="module")
def opened(tmp_path_factory, counter) -> Path:
    """Its files, written and proven by the command."""
    folder = tmp_path_factory.mktemp("open")
    save_checkpoint(Checkpoint(counter.config, counter.state_dict()), folder / "model.ckpt")
    assert main(["open", str(folder / "model.ckpt"), str(folder / "count.onnx")]) == 0
    return folder / "count.onnx"


@pytest.mark.parametrize("prompt", ["people", "suitcases", "two red cars, parked"])
def test_typed_prompts_count_as_in_torch(opened, counter, prompt):
    """Tokens, text half and picture half together, on a portrait picture of odd size."""
    image = np.random.default_rng(0).integers(0, 256, (150, 71, 3), dtype=np.uint8)

    model = load_model(Path(f"{opened}?count={prompt}"), provider="cpu")

    expected = Asking(counter).count(image, prompt)
    np.testing.assert_allclose(model.count_blocks(image)[0], expected, rtol=1e-3, atol=1e-6)
    assert (model.manifest.counts, model.manifest.prompts) == (prompt, (prompt,))
    assert model.manifest.method == "clip-count"


def test_words_change_the_count(opened):
    """Two prompts of one word, one picture, two answers."""
    image = np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8)

    one, other = (
        load_model(Path(f"{opened}?count={prompt}"), provider="cpu").count_blocks(image)[0]
        for prompt in ("cars", "people")
    )

    assert np.abs(one - other).max() > 1e-5


def test_open_model_without_words_is_told_how(opened):
    """The message says what to write."""
    with pytest.raises(ModelError, match=r"count\.onnx\?count=suitcases"):
        load_model(opened, provider="cpu")


def test_only_three_files_are_left(opened):
    """Nothing of the making stays behind."""
    names = {one.name for one in opened.parent.iterdir()} - {"model.ckpt"}

    assert names == {"count.onnx", "count.text.onnx", "count.words.gz"}
