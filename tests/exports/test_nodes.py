"""The ends of a graph are told from its layers."""

import onnx

from exports.nodes import count_operators, exact_nodes, layers_of, name_nodes
from tests.rigs.plain_counter import plain_graph


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
