"""Sixteen bits where they do no harm, and nowhere else."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto

from exports.half import share_of_half, to_half
from exports.model_file import write_model
from monitor.inference.model import load_model
from tests.rigs.plain_counter import plain_graph, plain_manifest, write_plain


def kinds(model):
    """Give the kind of every value, by its name."""
    graph = onnx.shape_inference.infer_shapes(model).graph
    values = (*graph.value_info, *graph.input, *graph.output)
    found = {one.name: one.type.tensor_type.elem_type for one in values}
    return found | {one.name: one.data_type for one in graph.initializer}


def test_layers_are_half_and_the_ends_are_full():
    """Every convolution computes in sixteen bits; colors, softmax, squares and sums do not."""
    half = to_half(plain_graph())

    found = kinds(half)
    for node in half.graph.node:
        given = {found[name] for name in node.input}
        if node.op_type in {"Conv", "Relu", "Add"}:
            assert given == {TensorProto.FLOAT16}, node.name
        elif node.op_type in {"Softmax", "Pow", "ReduceSum", "Sub"}:
            assert TensorProto.FLOAT16 not in given, node.name
    assert found["density"] == found["variance"] == TensorProto.FLOAT
    assert share_of_half(half) > 0.99


def test_values_are_converted_only_where_kinds_meet():
    """One conversion into the layers, one out of them; none between layers."""
    half = to_half(plain_graph())

    added = [node for node in half.graph.node if node.name.startswith("to_")]
    assert [node.input[0] for node in added] == ["pictures", "logits"]


def test_counts_stay_within_a_percent(tmp_path):
    """The file opens in the app and counts what full precision counts."""
    full = load_model(write_plain(tmp_path / "full.onnx"))
    manifest = plain_manifest().model_copy(update={"precision": "fp16"})
    write_model(to_half(plain_graph()), manifest, tmp_path / "half.onnx")
    half = load_model(tmp_path / "half.onnx")
    image = np.random.default_rng(1).integers(0, 256, (133, 210, 3), dtype=np.uint8)

    before, after = full.count_blocks(image), half.count_blocks(image)

    assert after[0].sum() == pytest.approx(before[0].sum(), rel=1e-2)
    np.testing.assert_allclose(after[1], before[1], atol=2e-2)
    assert not np.array_equal(after[0], before[0])  # the layers do compute otherwise


def test_given_graph_stays_as_it_is():
    """Reducing makes a new graph."""
    model = plain_graph()
    before = model.SerializeToString(deterministic=True)

    to_half(model)

    assert model.SerializeToString(deterministic=True) == before
