"""Eight bits only where counts stay, and no file at all where they do not."""

import numpy as np
import onnx
import pytest

from exports.errors import ExportError
from exports.int8 import to_int8
from exports.mixed_precision import LEAST_SHARE
from exports.pictures import Halves, MarkedPicture
from tests.rigs.plain_counter import plain_graph, plain_manifest

OUTLIER = 3000.0


def pictures(number, *, seed):
    """Smooth pictures of some sizes, marked with any number: marks play no part here."""
    draw = np.random.default_rng(seed)
    found = []
    for index in range(number):
        coarse = draw.integers(0, 256, (12, 16, 3), dtype=np.uint8)
        image = coarse.repeat(8 + index, axis=0).repeat(9, axis=1)
        found.append(MarkedPicture(f"{seed}-{index}", image, 0.0))
    return tuple(found)


HALVES = Halves("patches (made for tests)", pictures(3, seed=1), pictures(3, seed=2))


def quantized_layers(model):
    """Name the layers whose weights are bytes."""
    bytes_ = {
        name
        for node in model.graph.node
        if node.op_type == "DequantizeLinear"
        for name in node.output
    }
    return {
        node.name for node in model.graph.node if node.op_type == "Conv" and node.input[1] in bytes_
    }


def test_all_layers_are_bytes_where_that_will_do():
    """Weights have a scale for each output channel; softmax and sums stay in full precision."""
    found = to_int8(plain_graph(), plain_manifest(), HALVES, max_change=0.05)

    assert found.left_out == ()
    assert found.share == 1
    assert found.layers == 4
    assert quantized_layers(found.model) == {"one", "two", "three", "scores"}
    assert 0 < found.change < 0.05
    weights = {one.name: onnx.numpy_helper.to_array(one) for one in found.model.graph.initializer}
    by_channel = [one for one in weights.values() if one.shape == (12,) and one.dtype == np.float32]
    assert by_channel, "no scale by output channel"
    softmax = next(node for node in found.model.graph.node if node.op_type == "Softmax")
    consumers = [node.op_type for node in found.model.graph.node if softmax.output[0] in node.input]
    assert "QuantizeLinear" not in consumers


def test_sensitive_layer_is_found_and_left_out():
    """One feature far larger than the others drowns them in eight bits; its layers stay exact."""
    measured = []

    def note(names):
        for name in names:
            measured.append(name)
            yield name

    found = to_int8(
        plain_graph(outlier=OUTLIER), plain_manifest(), HALVES, max_change=0.05, progress=note
    )

    assert measured == ["one", "two", "three", "scores"]
    assert "three" in found.left_out
    assert quantized_layers(found.model) == {"one", "two", "three", "scores"} - set(found.left_out)
    assert found.change < 0.05
    assert LEAST_SHARE <= found.share < 1


def test_counts_that_move_too_far_refuse_the_file():
    """The message tells how far, on how many pictures, and what to do."""
    words = r"counts move by .* on 3 pictures.*% of the work in int8.*--max-error"
    with pytest.raises(ExportError, match=words):
        to_int8(plain_graph(), plain_manifest(), HALVES, max_change=1e-7)
