"""What a graph is made of and how much work it is: operators, parameters, multiplications."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import onnx

from exports.nodes import LAYERS, count_operators
from exports.shapes import inferred
from monitor.core.manifest import Manifest
from monitor.core.tiling import Tile, plan_tiles
from monitor.inference.intake import Intake

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
