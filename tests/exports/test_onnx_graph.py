"""Operators, parameters and work, against counts by hand.

The ends of a graph are told from its layers.
"""

import onnx

from exports.half import to_half
from exports.model_file import read_model
from exports.onnx_graph import (
    count_operators,
    exact_nodes,
    facts_of,
    intake_of,
    layers_of,
    name_nodes,
    work_by_layer,
)
from tests.rigs.plain_counter import plain_graph, plain_manifest, write_engine

WIDTH, BINS = 12, 3
LAYERS = ((3 * 8 * 8, WIDTH), (WIDTH, WIDTH), (WIDTH, WIDTH), (WIDTH, BINS))
"""Inputs of a number and numbers made, for each layer."""
BLOCKS = (720 // 8) * (1280 // 8)


def test_work_is_counted_by_layer():
    """Every block takes the inputs of each layer times its outputs; the ends are free."""
    facts = facts_of(plain_graph(), plain_manifest())

    assert facts.multiplications == BLOCKS * sum(given * made for given, made in LAYERS)
    assert facts.runs == 1
    assert facts.opset == 20


def test_parameters_are_the_weights():
    """Weights and biases, and the seven constants of colors, bins and square."""
    learned = sum(given * made + made for given, made in LAYERS)

    assert facts_of(plain_graph(), plain_manifest()).parameters == learned + 3 + 1 + BINS + 1


def test_half_has_the_same_work():
    """Sixteen bits change neither how much is computed nor how much was learned."""
    full = facts_of(plain_graph(), plain_manifest())
    half = facts_of(to_half(plain_graph()), plain_manifest())

    assert (half.multiplications, half.parameters) == (full.multiplications, full.parameters)


def test_engine_tells_no_work(tmp_path):
    """What an engine does inside is not to be seen."""
    model, manifest = read_model(write_engine(tmp_path / "e.onnx"))

    assert facts_of(model, manifest).multiplications is None
    assert work_by_layer(model, manifest) is None


def test_windows_are_counted_with_their_overlap():
    """Windows of 240 px every 160 px: 4 by 8 of them cover 720 by 1280."""
    manifest = plain_manifest().model_copy(update={"window_px": 240, "stride_px": 160})

    facts = facts_of(plain_graph(), manifest)

    assert facts.runs == 4 * 8
    each = (240 // 8) ** 2 * sum(given * made for given, made in LAYERS)
    assert facts.multiplications == 32 * each


def test_fixed_sides_are_read_from_the_graph():
    """Free sides are none; fixed ones are told."""
    model = plain_graph()
    assert intake_of(model).fixed_hw is None

    sides = (2, 96, 64, 3)
    for side, value in zip(model.graph.input[0].type.tensor_type.shape.dim, sides, strict=True):
        side.dim_value = value

    intake = intake_of(model)
    each = (96 // 8) * (64 // 8) * sum(given * made for given, made in LAYERS)
    assert facts_of(model, plain_manifest()).multiplications == 8 * 20 * each  # not of two pictures
    assert (intake.batch, intake.fixed_hw) == (2, (96, 64))
    onnx.checker.check_model(model)


def test_work_is_told_for_each_layer():
    """By name, for one window where there are windows."""
    manifest = plain_manifest().model_copy(update={"window_px": 240, "stride_px": 160})

    work = work_by_layer(plain_graph(), manifest)

    names, blocks = ("one", "two", "three", "scores"), (240 // 8) ** 2
    expected = [blocks * given * made for given, made in LAYERS]
    assert work == dict(zip(names, expected, strict=True))


def test_layers_are_the_convolutions():
    """Nothing but what carries weights."""
    assert [node.name for node in layers_of(plain_graph())] == ["one", "two", "three", "scores"]


def test_ends_are_exact_and_the_middle_is_not():
    """Colors before the first layer, softmax and sums after the last one; the Relus lie between."""
    model = plain_graph()
    name_nodes(model)
    by_name = {node.name: node.op_type for node in model.graph.node}

    exact = exact_nodes(model)

    before = ["Transpose", "Cast", "Sub", "Mul"]
    after = ["Softmax", "Mul", "ReduceSum", "Unsqueeze", "Sub", "Pow", "Mul", "ReduceSum"]
    assert sorted(by_name[name] for name in exact) == sorted([*before, *after])
    assert {by_name[name] for name in by_name if name not in exact} == {"Conv", "Relu", "Add"}


def test_what_the_density_does_not_need_is_exact():
    """A number on the side, such as how unusual a picture is, keeps its digits."""
    model = plain_graph()
    side = onnx.helper.make_node("ReduceMean", ["b"], ["novelty"], name="side")
    model.graph.node.append(side)

    assert "side" in exact_nodes(model)


def test_every_node_gets_a_name_of_its_own():
    """Names that are there stay; two equal ones do not."""
    model = plain_graph()
    model.graph.node[5].name = "one"

    name_nodes(model)

    names = [node.name for node in model.graph.node]
    assert len(set(names)) == len(names)
    assert "" not in names
    assert names[4] == "one"


def test_operators_are_counted():
    """A count by hand."""
    counts = count_operators(plain_graph())

    assert (counts["Conv"], counts["Relu"], counts["Softmax"], counts["ReduceSum"]) == (4, 3, 1, 2)
