"""Let chosen layers of a graph in eight bits compute in full precision again.

Which layers lose too much by eight bits is found by trying. Rounding a graph anew takes seconds;
taking the rounding away from some of its layers takes none, so that hundreds can be tried.
"""

from collections.abc import Sequence, Set

import onnx

from exports.nodes import layers_of


def restored(quantized: onnx.ModelProto, whole: onnx.ModelProto, kept: Set[str]) -> onnx.ModelProto:
    """Take the rounding away from the inputs of all layers but some.

    Args:
        quantized: Graph whose layers read rounded values; it stays as it is.
        whole: The same in full precision, with the same names of nodes and values.
        kept: Names of the layers that stay in eight bits. Operators between layers stay so with
            them where any of these reads their result.

    Returns:
        The graph; what is no longer used has been left out.
    """
    exact = {node.name: node for node in whole.graph.node}
    chosen = _restored_nodes(whole, kept)
    mixed = onnx.ModelProto()
    mixed.CopyFrom(quantized)
    for node in mixed.graph.node:
        if node.name in chosen:
            for index, name in enumerate(exact[node.name].input):
                node.input[index] = name
    _bring_weights(mixed.graph, whole.graph, chosen)
    _leave_out_unused(mixed.graph)
    return mixed


def _bring_weights(graph: onnx.GraphProto, whole: onnx.GraphProto, chosen: Set[str]) -> None:
    """Bring back the weights that restored nodes read, where rounding took them out.

    A rounded bias is turned back by a node whose result has the name of the bias; that node goes.
    """
    restored_read = {name for node in graph.node if node.name in chosen for name in node.input}
    rounded_read = {name for node in graph.node if node.name not in chosen for name in node.input}
    missing = restored_read - rounded_read - {one.name for one in graph.initializer}
    brought = [one for one in whole.initializer if one.name in missing]
    graph.initializer.extend(brought)
    names = {one.name for one in brought}
    kept = [node for node in graph.node if not names.intersection(node.output)]
    _put(graph, kept)


def _restored_nodes(whole: onnx.ModelProto, kept: Set[str]) -> set[str]:
    """Name all nodes but the layers that are kept and what leads from other layers to those."""
    layers = {node.name for node in layers_of(whole)}
    rounded: set[str] = set()  # names of values that a kept layer reads, itself or through others
    chosen: set[str] = set()
    for node in reversed(whole.graph.node):  # the format demands topological order
        if node.name in kept or (node.name not in layers and rounded.intersection(node.output)):
            rounded.update(node.input)
        else:
            chosen.add(node.name)
    return chosen


def _leave_out_unused(graph: onnx.GraphProto) -> None:
    wanted = {one.name for one in graph.output}
    kept: list[onnx.NodeProto] = []
    for node in reversed(graph.node):
        if wanted.intersection(node.output):
            wanted.update(node.input)
            kept.append(node)
    _put(graph, kept[::-1])
    used = [one for one in graph.initializer if one.name in wanted]
    del graph.initializer[:]
    graph.initializer.extend(used)


def _put(graph: onnx.GraphProto, nodes: Sequence[onnx.NodeProto]) -> None:
    copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del graph.node[:]
    graph.node.extend(copies)
