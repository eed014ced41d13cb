"""Read an ONNX graph: which part of it is what, the shapes of its values, and how much work it is.

A counter's graph begins with colors, ends with expectations and sums, and has layers with weights
between. The ends are cheap and must stay exact; the middle is what smaller numbers are for.

Shapes are worked out without the weights: they are the bulk of a graph, say nothing of shapes
beyond their own, and protobuf cannot hand more than two gigabytes to the inference.
"""

import math
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

import onnx
from onnxscript.optimizer import fold_constants

from monitor.core.manifest import Manifest
from monitor.core.tiling import Tile, plan_tiles
from monitor.inference.model import Intake

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


_SMALL = 1024  # elements; constants up to this may be shapes that the inference must read


def inferred(
    model: onnx.ModelProto, *, frames_nhwc: tuple[int, int, int, int] | None = None
) -> onnx.GraphProto:
    """Work out shapes and kinds of all values of a graph.

    Args:
        model: The graph; it stays as it is.
        frames_nhwc: Shape to assume for its input; None: as it is, free sides stay free.

    Returns:
        The graph without its large weights, with `value_info` for what could be worked out;
        without the nodes that only say sizes, where the input's are given.
    """
    bare = onnx.ModelProto(ir_version=model.ir_version)
    bare.opset_import.extend(model.opset_import)
    bare.functions.extend(model.functions)
    graph = bare.graph
    graph.name = model.graph.name
    graph.node.extend(model.graph.node)
    graph.input.extend(model.graph.input)
    graph.output.extend(model.graph.output)
    for one in model.graph.initializer:
        elements = 1
        for side in one.dims:
            elements *= side
        if elements <= _SMALL:
            graph.initializer.append(one)
        else:
            graph.input.append(
                onnx.helper.make_tensor_value_info(one.name, one.data_type, list(one.dims))
            )
    if frames_nhwc is not None:
        sides = graph.input[0].type.tensor_type.shape.dim
        for side, value in zip(sides, frames_nhwc, strict=True):
            side.dim_value = value
        for output in graph.output:
            output.type.tensor_type.ClearField("shape")
        # Sizes that the graph itself computes from its input's, such as those of an enlarged
        # picture, become constants.
        bare = onnx.shape_inference.infer_shapes(bare, data_prop=True)
        fold_constants(bare, onnx_shape_inference=True)
    return onnx.shape_inference.infer_shapes(bare, data_prop=True).graph


PICTURE_HW = (720, 1280)
"""Height and width of the picture that work is stated for."""

_RANGES = ("DequantizeLinear", "QuantizeLinear")
_WEIGHTS = (
    onnx.TensorProto.FLOAT,
    onnx.TensorProto.FLOAT16,
    onnx.TensorProto.INT8,
    onnx.TensorProto.UINT8,
    onnx.TensorProto.INT32,
)


@dataclass(frozen=True)
class Facts:
    """What a graph is made of and how much work one picture is."""

    operators: Mapping[str, int]
    """How many of each kind."""
    parameters: int
    """Numbers learned."""
    opset: int
    """Version of the standard operators."""
    multiplications: int | None
    """Multiply-accumulates of the layers for a picture of `PICTURE_HW`; None: sizes unknown."""
    runs: int
    """Windows, or pictures of a fixed size, that the picture is cut into; 1: taken whole."""


def facts_of(model: onnx.ModelProto, manifest: Manifest) -> Facts:
    """Find out what a graph is made of.

    Args:
        model: The graph, with its weights.
        manifest: What it is.

    Returns:
        The facts.
    """
    tiles = _tiles(model, manifest)
    work = work_by_layer(model, manifest)
    return Facts(
        operators=count_operators(model),
        parameters=_parameters(model),
        opset=next(one.version for one in model.opset_import if one.domain in {"", "ai.onnx"}),
        multiplications=None if work is None else sum(work.values()) * len(tiles),
        runs=len(tiles),
    )


def work_by_layer(model: onnx.ModelProto, manifest: Manifest) -> dict[str, int] | None:
    """Count the multiplications of each layer for one run of a picture of `PICTURE_HW`.

    Args:
        model: The graph; every node has a name of its own, or none is asked for by name.
        manifest: What it is.

    Returns:
        Multiply-accumulates of a picture, or of a window of it, by the layer's name; None where
        they cannot be known, as in an engine.
    """
    tile = _tiles(model, manifest)[0]
    batch = intake_of(model).batch or 1
    shapes = _shapes(model, (batch, tile.height, tile.width, 3))
    work: dict[str, int] = {}
    for place, node in enumerate(model.graph.node):
        if node.op_type not in LAYERS:
            continue
        out, weight = shapes.get(node.output[0]), shapes.get(node.input[1])
        first = shapes.get(node.input[0])
        if out is None or weight is None or first is None:
            return None
        work[node.name or str(place)] = math.prod(out) * _each(node, first, weight) // batch
    return work or None


def intake_of(model: onnx.ModelProto) -> Intake:
    """Say what a graph takes at once."""
    sides = [
        one.dim_value if one.HasField("dim_value") else None
        for one in model.graph.input[0].type.tensor_type.shape.dim
    ]
    batch, height, width = sides[0], sides[1], sides[2]
    return Intake(batch, None if height is None or width is None else (height, width))


def _parameters(model: onnx.ModelProto) -> int:
    ranges = {
        name for node in model.graph.node if node.op_type in _RANGES for name in node.input[1:]
    }
    return sum(
        math.prod(one.dims)
        for one in model.graph.initializer
        if one.data_type in _WEIGHTS and one.name not in ranges
    )


def _tiles(model: onnx.ModelProto, manifest: Manifest) -> tuple[Tile, ...]:
    """Say where a graph looks in a picture of `PICTURE_HW`."""
    return plan_tiles(
        PICTURE_HW,
        block_px=manifest.block_px,
        size_multiple=manifest.size_multiple,
        window_px=manifest.window_px,
        stride_px=manifest.stride_px,
        fixed_hw=intake_of(model).fixed_hw,
    ).tiles


def _each(node: onnx.NodeProto, first: Sequence[int], weight: Sequence[int]) -> int:
    """Multiplications for one number of a layer's output (a transposed convolution: on average)."""
    match node.op_type:
        case "Conv":
            return math.prod(weight[1:])
        case "ConvTranspose":
            return max(1, weight[0])
        case _:
            return first[-1]


def _shapes(
    model: onnx.ModelProto, frames_nhwc: tuple[int, int, int, int]
) -> dict[str, tuple[int, ...]]:
    """Work out the shape of every value for pictures of a size; unknown ones are left out."""
    graph = inferred(model, frames_nhwc=frames_nhwc)
    shapes = {one.name: tuple(one.dims) for one in model.graph.initializer}
    for value in (*graph.value_info, *graph.input, *graph.output):
        sides = value.type.tensor_type.shape.dim
        if all(side.HasField("dim_value") for side in sides):
            shapes[value.name] = tuple(side.dim_value for side in sides)
    return shapes
