"""Layers are given full precision again without rounding the others anew."""

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.calibrate import CalibrationDataReader

from exports.mixed import restored
from exports.nodes import exact_nodes, name_nodes
from tests.rigs.plain_counter import plain_graph

LAYERS = ("one", "two", "three", "scores")
FRAMES = np.random.default_rng(0).integers(0, 256, (1, 48, 64, 3), dtype=np.uint8)


class _Once(CalibrationDataReader):
    def __init__(self):
        self._feeds = iter([{"frames": FRAMES}])

    def get_next(self):
        return next(self._feeds, None)


@pytest.fixture(scope="module")
def graphs(tmp_path_factory):
    """Give the plain counter in full precision and with all layers rounded."""
    folder = tmp_path_factory.mktemp("mixed")
    whole = plain_graph()
    name_nodes(whole)
    onnx.save(whole, str(folder / "whole.onnx"))
    quantize_static(
        folder / "whole.onnx",
        folder / "rounded.onnx",
        _Once(),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=["Conv", "Relu", "Add"],
        per_channel=True,
        weight_type=QuantType.QInt8,
        nodes_to_exclude=sorted(exact_nodes(whole)),
        extra_options={"QDQKeepRemovableActivations": True},
    )
    return whole, onnx.load(str(folder / "rounded.onnx"))


def density(model):
    options = ort.SessionOptions()
    options.log_severity_level = 3
    session = ort.InferenceSession(model.SerializeToString(), options)
    return session.run(["density"], {"frames": FRAMES})[0]


def kinds(model):
    return [node.op_type for node in model.graph.node]


def test_all_layers_restored_is_the_whole(graphs):
    """Bit by bit, with nothing of the rounding left in the file."""
    whole, rounded = graphs

    found = restored(rounded, whole, set())

    np.testing.assert_array_equal(density(found), density(whole))
    assert not {"QuantizeLinear", "DequantizeLinear"} & set(kinds(found))
    assert {one.name for one in found.graph.initializer} == {
        one.name for one in whole.graph.initializer
    }


@pytest.mark.parametrize("layer", LAYERS)
def test_restored_layer_reads_what_it_read(graphs, layer):
    """Its weights and what comes in are as before; every other layer stays rounded."""
    whole, rounded = graphs
    before = {node.name: list(node.input) for node in whole.graph.node}

    found = restored(rounded, whole, set(LAYERS) - {layer})

    for node in found.graph.node:
        if node.name in LAYERS:
            assert (list(node.input) == before[node.name]) == (node.name == layer)
    onnx.checker.check_model(found, full_check=True)
    assert density(found).shape == density(whole).shape


def test_what_exact_layers_read_on_the_side_is_restored(graphs):
    """A layer that was never in eight bits, such as one for novelty, keeps no rounding alive."""
    whole, rounded = graphs
    found = []
    for model in (whole, rounded):
        beside = onnx.ModelProto()
        beside.CopyFrom(model)
        beside.graph.node.append(
            onnx.helper.make_node("MatMul", ["f", "square"], ["side"], name="side")
        )
        beside.graph.output.append(onnx.helper.make_tensor_value_info("side", 1, None))
        found.append(beside)

    mixed = restored(found[1], found[0], set())

    assert not {"QuantizeLinear", "DequantizeLinear"} & set(kinds(mixed))


def test_fewer_rounded_layers_come_nearer(graphs):
    """From all four in eight bits to one: blocks come nearer to full precision."""
    whole, rounded = graphs
    exact = density(whole)

    apart = [
        np.abs(density(restored(rounded, whole, set(LAYERS[:number]))) - exact).sum()
        for number in (4, 0)
    ]

    assert apart[0] > apart[1] == 0


def test_given_graphs_stay_as_they_are(graphs):
    """Restoring makes a new graph."""
    before = [one.SerializeToString(deterministic=True) for one in graphs]

    restored(graphs[1], graphs[0], {"two"})

    assert [one.SerializeToString(deterministic=True) for one in graphs] == before
