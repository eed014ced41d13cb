"""A model file counts what it promises, or is refused with one clear sentence."""

import numpy as np
import onnx
import pytest

from monitor.core.errors import ManifestError, ModelError
from monitor.core.manifest import METADATA_KEY, Manifest
from monitor.inference.model import load_model
from tests.rigs.tiny_model import (
    PEOPLE_PER_WHITE_BLOCK,
    VARIANCE_PER_WHITE_BLOCK,
    tiny_manifest,
    write_tiny_model,
)


@pytest.fixture
def model_path(tmp_path):
    return write_tiny_model(tmp_path / "tiny.onnx")


def rewrite(path, change):
    """Change a model file and write it back."""
    model = onnx.load(str(path))
    change(model)
    onnx.save(model, str(path))


def picture(height, width, white_blocks):
    """Black, with the given blocks of 8 px white."""
    image = np.zeros((height, width, 3), np.uint8)
    for row, column in white_blocks:
        image[row * 8 : row * 8 + 8, column * 8 : column * 8 + 8] = 255
    return image


def test_counts_by_block(model_path):
    """White blocks hold people, black ones nobody, each in its place."""
    prediction = load_model(model_path).predict(picture(40, 56, [(0, 0), (4, 6)]))

    expected = np.zeros((5, 7))
    expected[0, 0] = expected[4, 6] = PEOPLE_PER_WHITE_BLOCK
    np.testing.assert_allclose(prediction.density, expected, atol=1e-5)
    assert prediction.count == pytest.approx(2 * PEOPLE_PER_WHITE_BLOCK, abs=1e-4)
    assert prediction.size_hw == (40, 56)


def test_sizes_that_are_no_multiple_lose_nobody(model_path):
    """A picture of 43 × 51 is filled up; the whole blocks in it count as ever."""
    prediction = load_model(model_path).predict(picture(43, 51, [(1, 2), (4, 5)]))

    assert prediction.density.shape == (6, 7)
    assert prediction.count == pytest.approx(2 * PEOPLE_PER_WHITE_BLOCK, abs=1e-4)


def test_variance_is_calibrated(model_path):
    """The interval comes from the sum of variances times the manifest's factor."""
    model = load_model(model_path)

    prediction = model.predict(picture(16, 16, [(0, 0), (1, 1)]))

    factor = model.manifest.calibration.variance_factor
    assert prediction.variance == pytest.approx(2 * VARIANCE_PER_WHITE_BLOCK * factor, rel=1e-4)
    low, high = prediction.interval()
    assert low < prediction.count < high


def test_model_without_variance_gives_no_interval(tmp_path):
    """What a model cannot say is not made up."""
    model = load_model(write_tiny_model(tmp_path / "m.onnx", has_variance=False))

    prediction = model.predict(picture(8, 8, [(0, 0)]))

    assert prediction.variance is None
    assert prediction.interval() is None
    assert prediction.probability_at_least(1) is None


def test_density_is_read_only(model_path):
    """Predictions cross threads, so nobody may write into them."""
    prediction = load_model(model_path).predict(picture(8, 8, []))

    with pytest.raises(ValueError, match="read-only"):
        prediction.density[0, 0] = 1


def test_missing_file_says_where_to_look(tmp_path):
    """One sentence, with what to do."""
    with pytest.raises(ModelError, match=r"no such model file.*models list"):
        load_model(tmp_path / "none.onnx")


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x08\x07" * 1000])
def test_junk_is_refused(tmp_path, content):
    """A damaged or foreign file is told as such."""
    path = tmp_path / "junk.onnx"
    path.write_bytes(content)

    with pytest.raises(ModelError, match=r"junk\.onnx"):
        load_model(path)


def test_truncated_file_is_refused(model_path):
    """Half a download is no model."""
    model_path.write_bytes(model_path.read_bytes()[:-200])

    with pytest.raises(ModelError, match=r"tiny\.onnx"):
        load_model(model_path)


def test_onnx_of_something_else_is_refused(model_path):
    """Without a manifest nobody knows what the numbers mean."""
    rewrite(model_path, lambda model: model.ClearField("metadata_props"))

    with pytest.raises(ManifestError, match="no Crowd Monitor manifest"):
        load_model(model_path)


def test_promise_without_output_is_refused(model_path):
    """A manifest that promises a variance which the graph does not give is a lie."""
    rewrite(model_path, lambda model: model.graph.output.pop())

    with pytest.raises(ManifestError, match=r"gives density.*promises density, variance"):
        load_model(model_path)


def test_other_input_is_refused(model_path):
    """A counter takes pictures as bytes, under the name of the contract."""

    def rename(model):
        model.graph.input[0].name = "images"
        model.graph.node[0].input[0] = "images"

    rewrite(model_path, rename)

    with pytest.raises(ManifestError, match="frames"):
        load_model(model_path)


def test_windows_are_walked(tmp_path):
    """A model with a fixed window counts a large picture as one."""
    path = write_tiny_model(tmp_path / "w.onnx")
    manifest = Manifest(**(tiny_manifest().model_dump() | {"window_px": 32, "stride_px": 16}))

    def set_manifest(model):
        (entry,) = (one for one in model.metadata_props if one.key == METADATA_KEY)
        entry.value = manifest.to_json()

    rewrite(path, set_manifest)
    image = picture(90, 130, [(0, 0), (5, 5), (10, 15), (3, 7)])

    assert load_model(path).predict(image).count == pytest.approx(
        4 * PEOPLE_PER_WHITE_BLOCK, abs=1e-3
    )


def fix_input(path, shape):
    """Let the graph of a model file take pictures of this shape only."""

    def change(model):
        for side, value in zip(model.graph.input[0].type.tensor_type.shape.dim, shape, strict=True):
            side.dim_value = value
        for output in model.graph.output:
            del output.type.tensor_type.shape.dim[:]

    rewrite(path, change)


@pytest.mark.parametrize("batch", [1, 3])
def test_graph_of_one_size_counts_pictures_of_every_size(model_path, batch):
    """Pictures are filled up or cut into what the graph takes, three at once or one by one."""
    fix_input(model_path, (batch, 32, 48, 3))
    model = load_model(model_path)

    assert model.intake.fixed_hw == (32, 48)
    assert model.predict(picture(9, 9, [(0, 0)])).count == pytest.approx(2.0, abs=1e-3)
    prediction = model.predict(picture(90, 130, [(0, 0), (5, 5), (10, 15), (3, 7)]))
    expected = np.zeros((12, 17))
    for row, column in [(0, 0), (5, 5), (10, 15), (3, 7)]:
        expected[row, column] = PEOPLE_PER_WHITE_BLOCK
    np.testing.assert_allclose(prediction.density, expected, atol=1e-5)


@pytest.mark.parametrize("shape", [(1, 30, 48, 3), (1, 32, 48, 4)], ids=["side", "colors"])
def test_shape_that_contradicts_the_manifest_is_refused(model_path, shape):
    """A graph for other pictures than its manifest allows is no counter."""
    fix_input(model_path, shape)

    with pytest.raises(ManifestError, match="export the model again"):
        load_model(model_path)


def test_unknown_provider_names_the_known(model_path):
    """A typing mistake shows what there is."""
    with pytest.raises(ModelError, match=r"'gpu'.*cuda"):
        load_model(model_path, provider="gpu")


def test_novel_pictures_are_told(tmp_path):
    """The tiny model finds bright pictures novel, above half of all light; blocks keep theirs."""
    model = load_model(write_tiny_model(tmp_path / "novel.onnx", has_novelty=True))

    dark, bright = (model.predict(np.full((20, 36, 3), light, np.uint8)) for light in (50, 200))

    assert bright.novelty == pytest.approx(200 / 255, abs=0.2)  # padding is black
    assert (dark.is_novel, bright.is_novel) == (False, True)
    assert bright.block_variance is not None
    assert bright.block_variance.shape == bright.density.shape


def test_model_without_novelty_finds_nothing_novel(tmp_path):
    """What cannot say it does not say it."""
    found = load_model(write_tiny_model(tmp_path / "plain.onnx")).predict(
        np.full((16, 16, 3), 255, np.uint8)
    )

    assert (found.novelty, found.is_novel) == (None, False)


@pytest.mark.parametrize("size", [(40, 56), (43, 51)], ids=["whole", "filled-up"])
def test_several_pictures_count_as_one_by_one(model_path, size):
    """In one run or in three: the same people, in the same places, equally sure."""
    model = load_model(model_path)
    pictures = [picture(*size, blocks) for blocks in ([(0, 0)], [], [(1, 2), (3, 3), (4, 5)])]

    together = model.predict_many(pictures)

    for one, image in zip(together, pictures, strict=True):
        alone = model.predict(image)
        np.testing.assert_allclose(one.density, alone.density, atol=1e-6)
        assert one.variance == pytest.approx(alone.variance, rel=1e-6)
        assert one.size_hw == size
    assert [round(one.count) for one in together] == [2, 0, 6]


def test_nothing_is_gathered_for_a_processor(model_path):
    """There a run of several takes as long as several runs."""
    assert load_model(model_path, provider="cpu").best_batch == 1
