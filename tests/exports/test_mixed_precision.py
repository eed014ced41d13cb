"""The worst layers are left out first, ever more of them, as long as eight bits are worth it.

Layers are given full precision again without rounding the others anew.
"""

from itertools import islice

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.calibrate import CalibrationDataReader

from exports.mixed_precision import LEAST_SHARE, attempts, restored
from exports.onnx_graph import exact_nodes, name_nodes
from exports.pictures import MarkedPicture
from tests.rigs.plain_counter import plain_graph

PICTURES = [MarkedPicture("one", np.zeros((8, 8, 3), np.uint8), 0.0)]
HARMS = {"a": 1.0, "b": 9.0, "c": 4.0, "d": 2.0, "e": 8.0, "f": 3.0, "g": 7.0, "h": 5.0}
WORST_FIRST = ("b", "e", "g", "h", "c", "f", "d", "a")


class PlayedTrials:
    """Every layer has the same work, and counts move by the harm of what is not left out."""

    def __init__(self, harms=HARMS):
        self.layers = tuple(harms)
        self.measured = []
        self._harms = harms

    def share(self, left_out):
        """Share of the work in eight bits."""
        return 1 - len(left_out) / len(self.layers)

    def change(self, left_out, pictures):
        """How far counts move."""
        assert pictures == PICTURES
        return sum(harm for name, harm in self._harms.items() if name not in left_out)

    def harm(self, layer, pictures):
        """What one layer alone does."""
        self.measured.append(layer)
        return self._harms[layer]


def proposed(trials, target):
    return list(attempts(trials, PICTURES, target, iter))


def test_nothing_is_left_out_where_that_will_do():
    """And then no layer is measured by itself, which takes most of the time."""
    trials = PlayedTrials()

    first = next(attempts(trials, PICTURES, sum(HARMS.values()), iter))

    assert first == ()
    assert trials.measured == []


@pytest.mark.parametrize(("target", "number"), [(30.5, 1), (22.5, 2), (10.5, 4)])
def test_as_few_as_will_do_are_left_out_the_worst_first(target, number):
    """One, two or four; harms of 39 in all, less 9, 8, 7 and 5."""
    trials = PlayedTrials()

    first = next(attempts(trials, PICTURES, target, iter))

    assert first == WORST_FIRST[:number]
    assert sorted(trials.measured) == sorted(HARMS)


def test_last_proposal_is_as_much_as_may_be_left_out():
    """Whether it meets the target or not: other pictures decide."""
    trials = PlayedTrials()

    last = proposed(trials, 0.0)

    assert last == [WORST_FIRST[:5]]
    assert trials.share(last[0]) >= LEAST_SHARE > trials.share(WORST_FIRST[:6])


def test_who_asks_again_gets_more_left_out():
    """What was not confirmed is followed by a larger proposal; the target has become stricter."""
    found = list(islice(attempts(PlayedTrials(), PICTURES, 30.5, iter), 4))

    # 30 people move after one layer, 22 after two, which is too many for 0.7 × 30.5.
    assert [len(one) for one in found] == [1, 4, 5]


def test_a_single_layer_is_never_left_out():
    """A file of one layer in full precision is no file in eight bits."""
    assert proposed(PlayedTrials({"a": 1.0}), 0.0) == [()]


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
