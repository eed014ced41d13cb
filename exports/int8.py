"""Eight-bit arithmetic: a quarter of the size, and faster on processors that multiply bytes well.

Eight bits hold 256 values. Which range they cover is fitted to real pictures; layers that lose too
much by it are found by measuring and stay in full precision. A file whose counts move further than
allowed, on pictures that nothing was fitted to, is not made.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.calibrate import CalibrationDataReader

from exports.errors import ExportError
from exports.model_file import stamp
from exports.nodes import exact_nodes, layers_of, name_nodes
from exports.pictures import Halves, MarkedPicture
from exports.verify import count_change
from monitor.contract.manifest import Manifest
from monitor.contract.tiling import cut_tiles
from monitor.inference.model import Model, load_model

Progress = Callable[[Iterable[str]], Iterator[str]]
"""Wraps the names of the layers that are measured, to show how far measuring is."""

_CARRIERS = ("Add", "AveragePool", "Clip", "Concat", "MaxPool", "Relu", "Resize")
"""Operators between convolutions; in eight bits too, so that values need not be turned around."""

_WIDE_RANGE = "LayerNormalization"
"""Networks that normalize so carry sums of very different sizes from layer to layer."""

_MARGIN = 0.7
"""Share of the allowed change that fitting may use up; other pictures change a little more."""

_RANKED_ON = 2
"""Pictures that each layer by itself is measured on."""

_MOST_LEFT_OUT = 0.5
"""Share of the layers that may stay in full precision; beyond, fp16 is the better file."""


@dataclass(frozen=True)
class Quantized:
    """A graph in eight bits, and how well it counts."""

    model: onnx.ModelProto
    left_out: tuple[str, ...]
    """Layers in full precision, the most sensitive first."""
    layers: int
    """Layers in all."""
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
    fitting, judging = pictures.fitting, pictures.judging
    with tempfile.TemporaryDirectory() as place:
        bench = _Bench(Path(place), model, manifest, fitting)
        left_out = _fit(bench, fitting, max_change * _MARGIN, progress)
        quantized = bench.quantize(exclude=left_out)
        change = bench.change(quantized, judging)
    if change > max_change:
        raise ExportError(
            f"in int8 the counts move by {change:.2%} on {len(judging)} pictures of "
            f"{pictures.origin}, more than the {max_change:.2%} allowed, with {len(left_out)} of "
            f"{len(bench.layers)} layers left in full precision; not written; use --precision "
            "fp16, more pictures like your camera's (--data), or a larger --max-error"
        )
    return Quantized(quantized, tuple(left_out), len(bench.layers), change)


def _fit(
    bench: "_Bench", fitting: Sequence[MarkedPicture], target: float, progress: Progress
) -> list[str]:
    """Choose the layers that stay in full precision: none if that will do, else the worst ones."""
    if bench.change(bench.quantize(exclude=()), fitting) <= target:
        return []
    few = fitting[:_RANKED_ON]
    alone = {name: bench.change(bench.quantize(only=name), few) for name in progress(bench.layers)}
    ranked = sorted(alone, key=lambda name: -alone[name])
    most = max(1, int(len(ranked) * _MOST_LEFT_OUT))
    number = 1
    while number < most:
        if bench.change(bench.quantize(exclude=ranked[:number]), fitting) <= target:
            return ranked[:number]
        number *= 2
    return ranked[:most]


class _Bench:
    """Where candidates are made and measured; ranges are fitted once and kept.

    Attributes:
        layers: Names of the layers that may be computed in eight bits.
    """

    def __init__(
        self,
        folder: Path,
        model: onnx.ModelProto,
        manifest: Manifest,
        fitting: Sequence[MarkedPicture],
    ) -> None:
        whole = onnx.ModelProto()
        whole.CopyFrom(model)
        name_nodes(whole)
        stamp(whole, manifest)
        mark = whole.metadata_props.add()
        # Tells the quantizer that a graph is as simple as can be; it warns of every other.
        mark.key, mark.value = "onnx.quant.pre_process", "onnxruntime.quant"
        self._whole = folder / "whole.onnx"
        onnx.save(whole, str(self._whole), save_as_external_data=True, location="whole.data")
        self._folder = folder
        self._manifest = manifest
        self._ranges = folder / "ranges.json"
        self._exact = exact_nodes(whole)
        kinds = {node.op_type for node in whole.graph.node}
        self._carriers = () if _WIDE_RANGE in kinds else _CARRIERS
        self.layers = [one.name for one in layers_of(whole) if one.name not in self._exact]
        self._reference = load_model(self._whole, provider="cpu")
        self._counts: dict[str, float] = {}
        self._fitting = fitting

    def quantize(self, *, exclude: Sequence[str] = (), only: str | None = None) -> onnx.ModelProto:
        """Make a candidate: all layers but `exclude`, or one layer alone."""
        path = self._folder / "candidate.onnx"
        quantize_static(
            self._whole,
            path,
            None if self._ranges.exists() else _Tiles(self._reference, self._fitting),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv", "Gemm", "MatMul", *self._carriers],
            per_channel=True,
            # Seven bits for weights: sums of products of eight bits saturate on processors without
            # the newest instructions, where the same file would count otherwise.
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_quantize=None if only is None else [only],
            nodes_to_exclude=sorted(self._exact | set(exclude)),
            use_external_data_format=False,
            extra_options={"MatMulConstBOnly": True},
            calibration_cache_path=self._ranges,
        )
        candidate = onnx.load(str(path))
        path.unlink()
        return candidate

    def change(self, candidate: onnx.ModelProto, pictures: Sequence[MarkedPicture]) -> float:
        """Measure how far a candidate's counts are from those of full precision."""
        folder = self._folder / "measured"
        folder.mkdir(exist_ok=True)
        path = folder / "candidate.onnx"
        stamp(candidate, self._manifest)
        onnx.save(candidate, str(path))
        counter = load_model(path, provider="cpu")
        counts = [_count(counter, one) for one in pictures]
        shutil.rmtree(folder)
        return count_change([self._count_of(one) for one in pictures], counts)

    def _count_of(self, picture: MarkedPicture) -> float:
        if picture.name not in self._counts:
            self._counts[picture.name] = _count(self._reference, picture)
        return self._counts[picture.name]


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


def _count(model: Model, picture: MarkedPicture) -> float:
    return float(model.count_blocks(picture.image)[0].sum(dtype=np.float64))
