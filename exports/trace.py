"""Turn a network with its preprocessing into an ONNX graph."""

import logging
import warnings
from dataclasses import dataclass
from typing import Any

import onnx
import torch
from torch.export import Dim

from exports.errors import ExportError
from exports.fold import folded
from exports.graph import WholeCounter
from training.models.output import Counter

OPSET = 20
"""Operator set of the files written; ONNX Runtime 1.17 and later run it."""

_MOST_BLOCKS = 512
"""Upper bound of the free sides, in size multiples: 16,384 px with the usual 32."""

_MOST_PICTURES = 1024
"""Upper bound of a free batch."""

_TRACED_SIDE_PX = 64
"""Side of the traced picture where sides are free: small, for speed."""


@dataclass(frozen=True)
class InputShape:
    """What a graph takes at once."""

    fixed_hw: tuple[int, int] | None = None
    """Height and width, pixels; None: any multiples of the network's size multiple."""
    batch: int | None = None
    """Pictures; None: any number."""


def trace(counter: Counter, shape: InputShape) -> onnx.ModelProto:
    """Turn a network with its preprocessing into an ONNX graph.

    Args:
        counter: Network in evaluation mode, on the CPU; as it was afterwards.
        shape: What the graph shall take.

    Returns:
        The graph, with inputs and outputs named as the contract says.

    Raises:
        ExportError: If a fixed side does not suit the network, or torch cannot trace it.
    """
    _refuse_sides(counter, shape)
    whole = WholeCounter(counter).eval()
    example = torch.zeros(*_example_size(counter, shape), 3, dtype=torch.uint8)
    with torch.inference_mode():
        outputs = len(whole(example))
    try:
        with warnings.catch_warnings(), torch.no_grad(), folded(whole):
            warnings.simplefilter("ignore")  # torch's own deprecations, not ours to mend
            logging.getLogger("torch.onnx").setLevel(logging.ERROR)
            program = torch.onnx.export(
                whole,
                (example,),
                input_names=["frames"],
                output_names=["density", "variance", "novelty"][:outputs],
                dynamic_shapes=(_free_sides(counter, shape),),
                opset_version=OPSET,
                dynamo=True,
                verbose=False,
            )
    except (RuntimeError, torch.onnx.errors.OnnxExporterError) as error:
        raise ExportError(f"the network cannot be written as ONNX: {error}") from error
    if program is None:
        raise ExportError("torch gave no graph for this network")
    return program.model_proto


def _refuse_sides(counter: Counter, shape: InputShape) -> None:
    if shape.batch is not None and shape.batch < 1:
        raise ExportError(f"a batch of {shape.batch} pictures: name 1 or more")
    multiple = counter.size_multiple
    if shape.fixed_hw is None or all(
        side >= multiple and side % multiple == 0 for side in shape.fixed_hw
    ):
        return
    height, width = shape.fixed_hw
    near = [max(1, -(-side // multiple)) * multiple for side in shape.fixed_hw]
    raise ExportError(
        f"pictures of {width}x{height} px: this network takes sides that are multiples of "
        f"{multiple}; the next ones are height {near[0]}, width {near[1]}"
    )


def _example_size(counter: Counter, shape: InputShape) -> tuple[int, int, int]:
    # Two pictures and unequal sides: a traced size of 1, or equal sizes, would become constants.
    batch = shape.batch or 2
    if shape.fixed_hw is not None:
        return (batch, *shape.fixed_hw)
    multiple = counter.size_multiple
    side = max(2 * multiple, _TRACED_SIDE_PX // multiple * multiple)
    return batch, side, side + multiple


def _free_sides(counter: Counter, shape: InputShape) -> dict[int, Any] | None:
    # Any: torch's symbolic dimensions have no public type
    free: dict[int, Any] = {}
    if shape.batch is None:
        free[0] = Dim("batch", min=1, max=_MOST_PICTURES)
    if shape.fixed_hw is None:
        multiple = counter.size_multiple
        free[1] = multiple * Dim("rows", min=1, max=_MOST_BLOCKS)
        free[2] = multiple * Dim("columns", min=1, max=_MOST_BLOCKS)
    return free or None
