"""Sixteen-bit arithmetic: half the size, and twice the speed or more on graphics cards.

Sixteen bits hold three decimal digits. That is enough for the features of a layer and too little
for sums over a picture, for squares, and for the differences in a normalization; those stay in
full precision, and values are converted only where the two meet.
"""

from collections.abc import Iterator, Set

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from exports.onnx_graph import exact_nodes, inferred, name_nodes

_KEPT_FULL = frozenset(
    {
        "BatchNormalization",
        "Cast",  # names the kind it converts to
        "Exp",
        "GroupNormalization",
        "InstanceNormalization",
        "LayerNormalization",
        "LogSoftmax",
        "Pow",
        "Range",
        "ReduceL2",
        "ReduceMean",
        "ReduceSum",
        "RMSNormalization",
        "Softmax",
        "Sqrt",
    }
)
"""Operators that stay in full precision wherever they stand."""

_FULL_INPUTS = {"Resize": frozenset({1, 2})}
"""Inputs that the standard wants in full precision: a resize's region and scales."""

_LARGEST = float(np.finfo(np.float16).max)


def to_half(model: onnx.ModelProto) -> onnx.ModelProto:
    """Let a graph compute its layers in sixteen bits; inputs and outputs stay as they are.

    Args:
        model: Graph of a counter in full precision; it stays as it is.

    Returns:
        The graph.
    """
    half = onnx.ModelProto()
    half.CopyFrom(model)
    name_nodes(half)
    chosen = _half_nodes(half)
    floats = _float_values(half)
    of_half = {name for node in chosen for name in node.output if name in floats}
    weights = {one.name: one for one in half.graph.initializer}
    converted: set[str] = set()
    nodes: list[onnx.NodeProto] = []
    names = {node.name for node in chosen}
    for node in half.graph.node:
        is_half = node.name in names
        for index, name in enumerate(node.input):
            if name not in floats or _fits(node, index, is_half, name in of_half):
                continue
            kind = "half" if is_half and index not in _full_inputs(node) else "full"
            wanted = f"{name}_{kind}"
            if wanted not in converted:
                converted.add(wanted)
                if name in weights:
                    half.graph.initializer.append(_half_weight(weights[name], wanted))
                else:
                    nodes.append(_cast(name, wanted, kind))
            node.input[index] = wanted
        nodes.append(node)
    _replace(half.graph, nodes)
    return half


def share_of_half(model: onnx.ModelProto) -> float:
    """Give the share of a graph's weights that are stored in sixteen bits, by number."""
    sizes = {TensorProto.FLOAT: 0, TensorProto.FLOAT16: 0}
    for one in model.graph.initializer:
        if one.data_type in sizes:
            sizes[one.data_type] += int(np.prod(one.dims))
    total = sum(sizes.values())
    return sizes[TensorProto.FLOAT16] / total if total else 0.0


def _half_nodes(model: onnx.ModelProto) -> list[onnx.NodeProto]:
    exact = exact_nodes(model)
    outputs = {one.name for one in model.graph.output}
    return [
        node
        for node in model.graph.node
        if node.name not in exact
        and node.op_type not in _KEPT_FULL
        and node.domain in {"", "ai.onnx"}
        and not outputs.intersection(node.output)
        and not any(one.type == onnx.AttributeProto.GRAPH for one in node.attribute)
    ]


def _float_values(model: onnx.ModelProto) -> Set[str]:
    graph = inferred(model)
    values = (*graph.value_info, *graph.input, *graph.output)
    found = {one.name for one in values if one.type.tensor_type.elem_type == TensorProto.FLOAT}
    weights = {one.name for one in model.graph.initializer if one.data_type == TensorProto.FLOAT}
    return found | weights


def _fits(node: onnx.NodeProto, index: int, is_half: bool, comes_half: bool) -> bool:
    wants_half = is_half and index not in _full_inputs(node)
    return wants_half == comes_half


def _full_inputs(node: onnx.NodeProto) -> Set[int]:
    return _FULL_INPUTS.get(node.op_type, frozenset())


def _cast(name: str, wanted: str, kind: str) -> onnx.NodeProto:
    to = TensorProto.FLOAT16 if kind == "half" else TensorProto.FLOAT
    return helper.make_node("Cast", [name], [wanted], name=f"to_{wanted}", to=to)


def _half_weight(weight: onnx.TensorProto, name: str) -> onnx.TensorProto:
    values = numpy_helper.to_array(weight)
    return numpy_helper.from_array(np.clip(values, -_LARGEST, _LARGEST).astype(np.float16), name)


def _replace(graph: onnx.GraphProto, nodes: list[onnx.NodeProto]) -> None:
    """Put nodes into a graph in place of its own, and leave out weights that none uses."""
    copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del graph.node[:]
    graph.node.extend(copies)
    used = set(_inputs(graph))
    kept = [one for one in graph.initializer if one.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)
    del graph.value_info[:]  # kinds have changed; the runner infers them


def _inputs(graph: onnx.GraphProto) -> Iterator[str]:
    for node in graph.node:
        yield from node.input
