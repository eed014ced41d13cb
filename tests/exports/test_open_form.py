"""Open files count whatever is typed, as their checkpoint does."""

from pathlib import Path

import numpy as np
import onnx
import pytest

from exports.__main__ import main
from monitor.engine.engine import Engine
from monitor.inference.model import load_model
from monitor.settings import CameraSettings
from tests.rigs.sources import GrayCamera
from tests.rigs.tiny_count import tiny_counter
from tests.rigs.waiting import wait_until
from training.checkpoint import Checkpoint, save_checkpoint
from training.clip_count.scoring import Asking

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


@pytest.mark.parametrize("prompt", ["people", "suitcases", "two red cars and a lorry"])
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


def test_open_model_without_words_counts_people(opened, counter):
    """People are what is counted where nobody asks for something else."""
    image = np.random.default_rng(2).integers(0, 256, (64, 64, 3), dtype=np.uint8)

    model = load_model(opened, provider="cpu")

    assert model.counts == ("people",)
    np.testing.assert_allclose(
        model.predict(image).density, Asking(counter).count(image, "people"), rtol=1e-3, atol=1e-6
    )


def test_several_prompts_are_answered_in_one_look(opened, counter):
    """Two pictures of several windows, three prompts, one of them typed while it is open."""
    draw = np.random.default_rng(3)
    images = [draw.integers(0, 256, (90, 130, 3), dtype=np.uint8) for _ in range(2)]
    model = load_model(Path(f"{opened}?count=people, red cars"), provider="cpu")

    model.ask(["bicycles"])
    found = model.predict_things(images, ("bicycles", "people", "red cars"))

    assert model.counts == ("people", "red cars")
    for image, predictions in zip(images, found, strict=True):
        assert [one.counts for one in predictions] == ["bicycles", "people", "red cars"]
        for one in predictions:
            expected = Asking(counter).count(image, one.counts)
            np.testing.assert_allclose(one.density, expected, rtol=1e-3, atol=1e-6)


def test_a_running_camera_is_asked_for_other_things(opened, counter):
    """The engine's own counts, typed while it runs, are those of the network."""
    camera = CameraSettings(name="Gate", source="rtsp://gray", count_hz=20.0)
    engine = Engine([camera], load_model(opened, provider="cpu"), open_source=GrayCamera)
    engine.start()
    try:
        engine.ask("Gate", ["red cars", "people"], "Ann")
        wait_until(
            lambda: all(one.reading is not None for one in engine.snapshots()),
            "a count of each",
            within_s=60,
        )
        shown = engine.snapshots()
    finally:
        assert engine.stop()

    assert [one.name for one in shown] == ["Gate · red cars", "Gate"]
    for one in shown:
        image = one.counted_frame.picture.to_rgb()
        expected = float(Asking(counter).count(image, one.counts).sum(dtype=np.float64))
        assert one.reading.count == pytest.approx(expected, rel=1e-3, abs=1e-6)


def test_the_picture_is_looked_at_once_for_all_prompts(opened):
    """The weights of the image encoder are multiplied with pictures, not with prompts.

    The graph's patches are made before the prompts come in: the patch convolution takes what the
    frames alone decide.
    """
    graph = onnx.load(str(opened)).graph
    made_by = {output: node for node in graph.node for output in node.output}
    (patches,) = (
        node for node in graph.node if node.op_type == "Conv" and _kernel(graph, node) == 16
    )

    assert "text" not in _sources(patches.input[0], made_by)


def _kernel(graph, node):
    """Side of a convolution's kernel, pixels."""
    shapes = {one.name: tuple(one.dims) for one in graph.initializer}
    return shapes.get(node.input[1], (0,))[-1]


def _sources(name, made_by):
    """Names of all values that a value is made of."""
    found, waiting = set(), [name]
    while waiting:
        one = waiting.pop()
        if one and one not in found:
            found.add(one)
            waiting.extend(made_by[one].input if one in made_by else ())
    return found


def test_only_three_files_are_left(opened):
    """Nothing of the making stays behind."""
    names = {one.name for one in opened.parent.iterdir()} - {"model.ckpt"}

    assert names == {"count.onnx", "count.text.onnx", "count.words.gz"}
