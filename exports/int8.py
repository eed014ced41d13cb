"""Eight-bit arithmetic: a quarter of the size, and faster on processors that multiply bytes well.

Eight bits hold 256 values. Which range they cover is fitted to real pictures; layers that lose too
much by it are found by measuring and stay in full precision. A file whose counts move further than
allowed, on pictures that nothing was fitted to, is not made.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.calibrate import CalibrationDataReader

from exports.errors import ExportError
from exports.mixed_precision import Progress, Trials, attempts
from exports.model_file import stamp
from exports.onnx_graph import exact_nodes, layers_of, name_nodes
from exports.pictures import Halves, MarkedPicture
from monitor.core.manifest import Manifest
from monitor.core.tiling import cut_tiles
from monitor.inference.model import Model, load_model

_CARRIERS = ("Add", "AveragePool", "Clip", "Concat", "MaxPool", "Relu", "Resize")
"""Operators between convolutions; in eight bits too, so that values need not be turned around."""

_WIDE_RANGE = "LayerNormalization"
"""Networks that normalize so carry sums of very different sizes from layer to layer."""

_MARGIN = 0.7
"""Share of the allowed change that choosing layers may use up; other pictures change more."""

_MOST_JUDGED = 3
"""Candidates that are judged at most; more would fit the choice to the pictures that judge it."""


@dataclass(frozen=True)
class Quantized:
    """A graph in eight bits, and how well it counts."""

    model: onnx.ModelProto
    left_out: tuple[str, ...]
    """Layers in full precision, the most sensitive first."""
    layers: int
    """Layers in all."""
    share: float
    """Share of the multiplications that are in eight bits."""
    change: float
    """Share of the people counted by which counts moved, on pictures that nothing was fitted to."""


def to_int8(
    model: onnx.ModelProto,
    manifest: Manifest,
    pictures: Halves,
    *,
    max_change: float,
    progress: Progress = iter,
) -> Quantized:
    """Let a graph compute in eight bits, weights by output channel, ranges fitted to pictures.

    Args:
        model: Graph of a counter in full precision; it stays as it is.
        manifest: What it is.
        pictures: Those that ranges are fitted to, and others that judge.
        max_change: Share of the people counted by which counts may move.
        progress: Wraps the names of layers while each is measured.

    Returns:
        The graph and what it costs.

    Raises:
        ExportError: If counts move further than allowed.
    """
    judging = pictures.judging
    # Ranges fit the pictures that they are from, so that layers are chosen on others.
    ranging, choosing = pictures.fitting[::2], pictures.fitting[1::2] or pictures.fitting
    with tempfile.TemporaryDirectory() as place:
        trials = _trials(Path(place), model, manifest, ranging)
        tried = attempts(trials, choosing, max_change * _MARGIN, progress)
        for left_out in islice(tried, _MOST_JUDGED):
            change = trials.change(left_out, judging)
            share = trials.share(left_out)
            if change <= max_change:
                made = trials.made(left_out)
                return Quantized(made, left_out, len(trials.layers), share, change)
    raise ExportError(
        f"in int8 the counts move by {change:.2%} on {len(judging)} pictures of "
        f"{pictures.origin}, more than the {max_change:.2%} allowed, with {len(left_out)} of "
        f"{len(trials.layers)} layers left in full precision and {share:.0%} of the work in int8; "
        "not written; use --precision fp16, more pictures like your camera's (--data), or a larger "
        "--max-error"
    )


def _trials(
    folder: Path, model: onnx.ModelProto, manifest: Manifest, ranging: Sequence[MarkedPicture]
) -> Trials:
    """Round a whole graph, all layers of it, to try which of them to leave out."""
    whole = onnx.ModelProto()
    whole.CopyFrom(model)
    name_nodes(whole)
    exact = exact_nodes(whole)
    layers = [one.name for one in layers_of(whole) if one.name not in exact]
    if not layers:
        raise ExportError("the network has no layers that can be in int8; use --precision fp16")
    stamp(whole, manifest)
    mark = whole.metadata_props.add()
    # Tells the quantizer that a graph is as simple as can be; it warns of every other.
    mark.key, mark.value = "onnx.quant.pre_process", "onnxruntime.quant"
    path = folder / "whole.onnx"
    onnx.save(whole, str(path), save_as_external_data=True, location="whole.data")
    rounded = _rounded(path, exact, _Tiles(load_model(path, provider="cpu"), ranging))
    return Trials(folder, onnx.load(str(path)), rounded, manifest, layers)


def _rounded(path: Path, exact: set[str], reader: CalibrationDataReader) -> onnx.ModelProto:
    """Round all layers and carriers of a graph; ranges are those of what the reader hands it."""
    kinds = {node.op_type for node in onnx.load(str(path), load_external_data=False).graph.node}
    out = path.with_name("rounded.onnx")
    quantize_static(
        path,
        out,
        reader,
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=[
            "Conv",
            "Gemm",
            "MatMul",
            *(() if _WIDE_RANGE in kinds else _CARRIERS),
        ],
        per_channel=True,
        # Seven bits for weights: sums of products of eight bits saturate on processors without
        # the newest instructions, where the same file would count otherwise.
        reduce_range=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        nodes_to_exclude=sorted(exact),
        use_external_data_format=False,
        # Activations stay in the graph: a layer that is restored needs the one before it.
        extra_options={"MatMulConstBOnly": True, "QDQKeepRemovableActivations": True},
    )
    return onnx.load(str(out))


class _Tiles(CalibrationDataReader):  # type: ignore[misc]  # the base class has no types
    """Hands the quantizer what the app would hand the graph."""

    def __init__(self, model: Model, pictures: Sequence[MarkedPicture]) -> None:
        self._feeds = _feeds(model, pictures)

    def get_next(self) -> dict[str, Any] | None:
        """Give the next input by name, None after the last. Any: arrays, as the quantizer wants."""
        return next(self._feeds, None)


def _feeds(model: Model, pictures: Sequence[MarkedPicture]) -> Iterator[dict[str, Any]]:
    for one in pictures:
        size_hw = (one.image.shape[0], one.image.shape[1])
        for tile in cut_tiles(one.image, model.plan(size_hw)):
            yield {"frames": np.repeat(tile[None], model.intake.batch or 1, axis=0)}
