"""Find one's way in an ONNX graph: what is before the layers, what are the layers, what is after.

A counter's graph begins with colors, ends with expectations and sums, and has layers with weights
between. The ends are cheap and must stay exact; the middle is what smaller numbers are for.
"""

from collections.abc import Iterable, Mapping, Set

import onnx

LAYERS = frozenset({"Conv", "ConvTranspose", "Gemm", "MatMul"})
"""Operators that carry weights and nearly all of the work."""

_LENGTHS = "ReduceL2"
"""Takes the length of a vector: a comparison with sentences begins there."""


_DENSITY = "density"


def layers_of(model: onnx.ModelProto) -> list[onnx.NodeProto]:
    """List the layers: convolutions and products with constant weights, in the graph's order."""
    constants = {one.name for one in model.graph.initializer}
    return [
        node
        for node in model.graph.node
        if node.op_type in LAYERS and any(name in constants for name in node.input)
    ]


def exact_nodes(model: onnx.ModelProto) -> set[str]:
    """Name the nodes that must be computed in full precision.

    Args:
        model: Graph of a counter; every node has a name of its own.

    Returns:
        Names of the nodes before the first layers (normalization of colors), after the last ones
        (softmax, expectation, sums), of comparisons with sentences, from the lengths of the
        vectors on, and of all that the density does not need.
    """
    layers = {node.name for node in layers_of(model)}
    lengths = {node.name for node in model.graph.node if node.op_type == _LENGTHS}
    middle = _reached(model, layers, forwards=True) & _reached(model, layers, forwards=False)
    compared = _reached(model, lengths, forwards=True)
    makers = {node.name for node in model.graph.node if _DENSITY in node.output}
    middle &= _reached(model, makers, forwards=False)
    return {node.name for node in model.graph.node} - middle | compared


def _reached(model: onnx.ModelProto, starts: Set[str], *, forwards: bool) -> set[str]:
    """Name the nodes that starting nodes lead to (or that lead to them), those included."""
    nodes: Iterable[onnx.NodeProto] = model.graph.node if forwards else reversed(model.graph.node)
    marked: set[str] = set()
    values: set[str] = set()
    for node in nodes:  # the format demands topological order
        near, far = (node.input, node.output) if forwards else (node.output, node.input)
        if node.name in starts or any(name in values for name in near):
            marked.add(node.name)
            values.update(far)
    return marked


def name_nodes(model: onnx.ModelProto) -> None:
    """Give every node a name of its own, in place; nodes that have one keep it."""
    taken: set[str] = set()
    for index, node in enumerate(model.graph.node):
        if not node.name or node.name in taken:
            node.name = f"{node.op_type}_{index}"
        taken.add(node.name)


def count_operators(model: onnx.ModelProto) -> Mapping[str, int]:
    """Count the operators of a graph by kind, by name."""
    counts: dict[str, int] = {}
    for node in model.graph.node:
        counts[node.op_type] = counts.get(node.op_type, 0) + 1
    return dict(sorted(counts.items()))
