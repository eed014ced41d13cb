"""Write a network as one ONNX file that carries its manifest."""

import logging
import warnings
from contextlib import suppress
from pathlib import Path

import onnx
import torch
from torch.export import Dim

from exports.errors import ExportError
from exports.graph import WholeCounter
from monitor.contract.manifest import METADATA_KEY, Manifest
from training.models.output import Counter

OPSET = 20
"""Operator set of the files written; ONNX Runtime 1.17 and later run it."""

_MOST_BLOCKS = 512
"""Upper bound of the dynamic sides, in size multiples: 16,384 px with the usual 32."""


def trace(counter: Counter, *, window_px: int | None) -> onnx.ModelProto:
    """Turn a network with its preprocessing into an ONNX graph.

    Args:
        counter: Network in evaluation mode, on the CPU.
        window_px: Side of its fixed window; None: height and width stay free.

    Returns:
        The graph, checked, with inputs and outputs named as the contract says.

    Raises:
        ExportError: If torch cannot trace the network or ONNX finds the graph wrong.
    """
    whole = WholeCounter(counter).eval()
    multiple = counter.size_multiple
    side = window_px or max(2 * multiple, 64 // multiple * multiple)
    # Two pictures and unequal sides: a traced size of 1, or equal sizes, would become constants.
    width = side if window_px else side + multiple
    example = torch.zeros(2, side, width, 3, dtype=torch.uint8)
    batch = Dim("batch", min=1, max=1024)
    shape = {0: batch}
    if window_px is None:
        rows = Dim("rows", min=1, max=_MOST_BLOCKS)
        columns = Dim("columns", min=1, max=_MOST_BLOCKS)
        shape |= {1: multiple * rows, 2: multiple * columns}
    with torch.inference_mode():
        outputs = len(whole(example))
    names = ["density", "variance"][:outputs]
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")  # torch's own deprecations, not ours to mend
            logging.getLogger("torch.onnx").setLevel(logging.ERROR)
            program = torch.onnx.export(
                whole,
                (example,),
                input_names=["frames"],
                output_names=names,
                dynamic_shapes=(shape,),
                opset_version=OPSET,
                dynamo=True,
                verbose=False,
            )
        if program is None:
            raise ExportError("torch gave no graph for this network")
        model = program.model_proto
        onnx.checker.check_model(model, full_check=True)
    except (RuntimeError, torch.onnx.errors.OnnxExporterError, onnx.checker.ValidationError) as err:
        raise ExportError(f"the network cannot be written as ONNX: {err}") from err
    return model


def write(model: onnx.ModelProto, manifest: Manifest, path: Path) -> None:
    """Write a graph and its manifest as one file, whole or not at all.

    Args:
        model: The graph.
        manifest: What it is.
        path: Where to; an older file there is replaced at the last moment.

    Raises:
        ExportError: If the file cannot be written.
    """
    _strip_origins(model)
    model.producer_name = "crowd-monitor"
    model.producer_version = manifest.software_version
    del model.metadata_props[:]
    entry = model.metadata_props.add()
    entry.key, entry.value = METADATA_KEY, manifest.to_json()
    partial = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        onnx.save(model, str(partial))
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise ExportError(f"{path}: cannot be written ({error.strerror or error})") from error


def _strip_origins(model: onnx.ModelProto) -> None:
    """Take out what torch notes of source lines: paths of the machine that made the file."""
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    for value in (*model.graph.value_info, *model.graph.input, *model.graph.output):
        del value.metadata_props[:]
    for function in model.functions:
        for node in function.node:
            del node.metadata_props[:]
    del model.graph.metadata_props[:]
