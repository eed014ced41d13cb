"""Find the layers that lose too much by eight bits, by trying, and keep them in full precision."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from pathlib import Path
from typing import TypeAlias

import numpy as np
import onnx

from exports.model_file import stamp
from exports.onnx_graph import layers_of, work_by_layer
from exports.pictures import MarkedPicture
from exports.verify import count_change
from monitor.core.arrays import FloatMap
from monitor.core.manifest import Manifest
from monitor.inference.model import load_model


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


Progress: TypeAlias = Callable[[Iterable[str]], Iterator[str]]
"""Wraps the names of the layers that are measured, to show how far measuring is."""

LEAST_SHARE = 0.3
"""Share of the multiplications that must stay in eight bits; below, fp16 is the better file."""

_RANKED_ON = 2
"""Pictures that each layer by itself is measured on."""

_RANKED_SIDE_PX = 512
"""Side of the piece of them that is looked at; the order of layers needs no more."""

_STRICTER = 0.7
"""Factor on the target each time that other pictures did not confirm what was chosen."""


class Trials:
    """Where candidates are made and measured.

    Args:
        folder: For files of candidates.
        whole: Graph in full precision; every node has a name of its own.
        rounded: The same with all of `layers` in eight bits.
        manifest: What it is.
        layers: Names of the layers in eight bits.
    """

    def __init__(
        self,
        folder: Path,
        whole: onnx.ModelProto,
        rounded: onnx.ModelProto,
        manifest: Manifest,
        layers: Sequence[str],
    ) -> None:
        self.layers = tuple(layers)
        self._folder = folder
        self._whole = whole
        self._rounded = rounded
        self._manifest = manifest
        self._work = _work(whole, manifest, layers)
        self._maps: dict[tuple[str, tuple[int, ...]], FloatMap] = {}

    def made(self, left_out: Sequence[str]) -> onnx.ModelProto:
        """Make the graph with some layers in full precision."""
        return restored(self._rounded, self._whole, set(self.layers).difference(left_out))

    def share(self, left_out: Sequence[str]) -> float:
        """Say which share of the multiplications stays in eight bits."""
        return 1 - sum(self._work[name] for name in left_out) / sum(self._work.values())

    def change(self, left_out: Sequence[str], pictures: Sequence[MarkedPicture]) -> float:
        """Say by which share of the people counts move when some layers are left out."""
        exact = [_people(one) for one in self._exact(pictures)]
        found = [_people(one) for one in self._maps_of(self.made(left_out), pictures)]
        return count_change(exact, found)

    def harm(self, layer: str, pictures: Sequence[MarkedPicture]) -> float:
        """Say by how many people all blocks together move when one layer alone is rounded."""
        alone = self.made([name for name in self.layers if name != layer])
        pairs = zip(self._exact(pictures), self._maps_of(alone, pictures), strict=True)
        return sum(float(np.abs(found - exact).sum(dtype=np.float64)) for exact, found in pairs)

    def _exact(self, pictures: Sequence[MarkedPicture]) -> list[FloatMap]:
        """Give the maps in full precision, each computed once."""
        missing = [one for one in pictures if _key(one) not in self._maps]
        if missing:
            maps = self._maps_of(self._whole, missing)
            self._maps.update({_key(one): found for one, found in zip(missing, maps, strict=True)})
        return [self._maps[_key(one)] for one in pictures]

    def _maps_of(self, model: onnx.ModelProto, pictures: Sequence[MarkedPicture]) -> list[FloatMap]:
        place = self._folder / "trial"
        place.mkdir()
        try:
            stamp(model, self._manifest)
            onnx.save(model, str(place / "trial.onnx"))
            counter = load_model(place / "trial.onnx", provider="cpu")
            return [counter.count_blocks(one.image)[0] for one in pictures]
        finally:
            shutil.rmtree(place)


def attempts(
    trials: Trials, pictures: Sequence[MarkedPicture], target: float, progress: Progress
) -> Iterator[tuple[str, ...]]:
    """Propose layers to leave in full precision: none, then the worst one, two, four, ….

    Args:
        trials: Where candidates are measured.
        pictures: Those that proposals are measured on.
        target: Share of the people by which counts may move there. Whoever asks for another
            proposal has seen the last one fail, so the target becomes stricter.
        progress: Shows how far the measuring of single layers is.

    Yields:
        Names of the layers, the worst first; at last as many as may be left out at all.
    """
    if trials.change((), pictures) <= target:
        yield ()
        target *= _STRICTER
    few = [_piece(one) for one in pictures[:_RANKED_ON]]
    harms = {name: trials.harm(name, few) for name in progress(trials.layers)}
    ranked = sorted(trials.layers, key=lambda name: -harms[name])
    most = max(n for n in range(len(ranked)) if trials.share(ranked[:n]) >= LEAST_SHARE)
    number = 1
    while number < most:
        if trials.change(ranked[:number], pictures) <= target:
            yield tuple(ranked[:number])
            target *= _STRICTER
        number *= 2
    yield tuple(ranked[:most])


def _work(whole: onnx.ModelProto, manifest: Manifest, layers: Sequence[str]) -> dict[str, float]:
    """Weigh the layers by their multiplications; alike where those cannot be known."""
    by_layer = work_by_layer(whole, manifest)
    return {name: 1.0 if by_layer is None else float(by_layer[name]) for name in layers}


def _key(picture: MarkedPicture) -> tuple[str, tuple[int, ...]]:
    return picture.name, picture.image.shape


def _piece(picture: MarkedPicture) -> MarkedPicture:
    """Cut the middle out of a picture."""
    height, width = picture.image.shape[:2]
    top, left = max(0, height - _RANKED_SIDE_PX) // 2, max(0, width - _RANKED_SIDE_PX) // 2
    image = picture.image[top : top + _RANKED_SIDE_PX, left : left + _RANKED_SIDE_PX]
    return MarkedPicture(picture.name, image, picture.truth)


def _people(blocks: FloatMap) -> float:
    return float(blocks.sum(dtype=np.float64))
