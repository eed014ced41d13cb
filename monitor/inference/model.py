"""Open a model file and count pictures with it.

The file says itself what it is (see `monitor.core.manifest`); nothing about any model stands
here. A file without a manifest, of an unknown version, or whose outputs do not fit what it says
of itself is refused before the first picture.

The graph's own shape says what it takes at once, so the manifest does not say it twice.
Graphs are written with free sides or with fixed ones (some accelerators want those), for one
picture, several, or any number.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort

from monitor.core.arrays import AnyArray, FloatMap, RgbImage, read_only
from monitor.core.errors import ManifestError, ModelError
from monitor.core.manifest import METADATA_KEY, Manifest, read_manifest
from monitor.core.prediction import Prediction
from monitor.core.series import PEOPLE
from monitor.core.tiling import TilePlan, cut_tiles, merge_tiles, plan_tiles
from monitor.inference.files import check_files, provider_for
from monitor.inference.prompted import ClosedGraph, OpenGraph, asked_manifest, split_prompt
from monitor.inference.providers import PROVIDER_NAMES, choose_providers, short_name

_AXES = 4
_COLORS = 3


@dataclass(frozen=True, slots=True)
class Intake:
    """What a graph takes at once."""

    batch: int | None
    """Pictures, exactly; None: any number."""
    fixed_hw: tuple[int, int] | None
    """Height and width, exactly; None: any that the manifest allows."""


def read_intake(shape: Sequence[object], manifest: Manifest, *, origin: str) -> Intake:
    """Read what a graph takes, and refuse what contradicts its manifest.

    Args:
        shape: Of the input `frames`: whole numbers where fixed, names or None where free.
        manifest: What the file says of itself.
        origin: Name of the file, for the message.

    Returns:
        What it takes.

    Raises:
        ManifestError: If it takes no pictures of bytes, or of other sides than the manifest says.
    """
    sides = [one if isinstance(one, int) and one > 0 else None for one in shape]
    if (
        len(sides) != _AXES
        or sides[3] not in (None, _COLORS)
        or (sides[1] is None) != (sides[2] is None)
    ):
        raise ManifestError(
            f"{origin}: takes `frames` of shape {list(shape)}, but a counter takes pictures, "
            "height, width, 3 colors; export the model again"
        )
    batch, height, width = sides[0], sides[1], sides[2]
    if height is None or width is None:
        return Intake(batch, None)
    window = manifest.window_px
    if (height, width) != (window or height, window or width) or (
        height % manifest.size_multiple or width % manifest.size_multiple
    ):
        raise ManifestError(
            f"{origin}: takes pictures of {width}x{height} px, which its manifest (windows of "
            f"{window} px, sides in multiples of {manifest.size_multiple}) contradicts; export "
            "the model again"
        )
    return Intake(batch, (height, width))


logger = logging.getLogger(__name__)

_ORT_FAULTS_ONLY = 3
"""ONNX Runtime's log level `error`: its warnings tell of graph optimizations."""
_CARDS = frozenset({"cuda", "tensorrt", "directml"})
_CARD_BATCH = 8  # a card that is given one picture at a time waits for the next most of its time


@dataclass(frozen=True, slots=True)
class _Found:
    """What a graph gives for a picture or a tile of one."""

    densities: tuple[FloatMap, ...]
    """One for each thing that is counted."""
    variance: FloatMap | None
    novelty: float | None


class Model:
    """An opened model file; `predict` may be called from one thread at a time.

    Attributes:
        manifest: What the file says of itself.
        path: Where it was read from.
        intake: What its graph takes at once.
        provider: Where it really runs: cpu, cuda, …
    """

    def __init__(
        self,
        path: Path,
        manifest: Manifest,
        intake: Intake,
        graph: OpenGraph | ClosedGraph,
        provider: str,
    ) -> None:
        self.path = path
        self.manifest = manifest
        self.intake = intake
        self.provider = provider
        self._graph = graph

    @property
    def counts(self) -> tuple[str, ...]:
        """What is counted where nobody asks for something else, in the plural."""
        return self.manifest.counted

    @property
    def is_open(self) -> bool:
        """Whether it counts whatever is asked for."""
        return isinstance(self._graph, OpenGraph)

    def ask(self, things: Sequence[str]) -> None:
        """Make ready to count things, so that the first picture need not wait; on any thread.

        Raises:
            ModelError: If it cannot count them; the text says what it can.
        """
        self._graph.ask(things)

    def plan(self, size_hw: tuple[int, int]) -> TilePlan:
        """Plan where the model looks in a picture of `size_hw` (height, width; pixels)."""
        manifest = self.manifest
        return plan_tiles(
            size_hw,
            block_px=manifest.block_px,
            size_multiple=manifest.size_multiple,
            window_px=manifest.window_px,
            stride_px=manifest.stride_px,
            fixed_hw=self.intake.fixed_hw,
        )

    def count_blocks(
        self, image: RgbImage, thing: str | None = None
    ) -> tuple[FloatMap, FloatMap | None]:
        """Count people, or whatever it counts, by block.

        Args:
            image: Shape (H, W, 3), uint8, RGB, any size from 1×1.
            thing: Which of the things that it counts; None: the first.

        Returns:
            Density and variance, shape (ceil(H / block), ceil(W / block)), float32; the variance
            as the graph gives it, None where it gives none.

        Raises:
            ModelError: If ONNX Runtime fails, for want of memory for example.
        """
        (found,) = self._look([image], [thing or self.counts[0]])
        return found.densities[0], found.variance

    @property
    def best_batch(self) -> int:
        """Pictures in one run that are worth gathering; on a processor none are."""
        return _CARD_BATCH if self.provider in _CARDS else 1

    def _look(self, images: Sequence[RgbImage], things: Sequence[str]) -> list["_Found"]:
        """Look at pictures of one size, at as many tiles at once as there are pictures."""
        plan = self.plan((images[0].shape[0], images[0].shape[1]))
        tiles = [tile for image in images for tile in cut_tiles(image, plan)]
        size = self.intake.batch or len(images)
        found = [
            one
            for first in range(0, len(tiles), size)
            for one in self._run(tiles[first : first + size], things)
        ]
        each = len(plan.tiles)
        return [_merge(found[first : first + each], plan) for first in range(0, len(found), each)]

    def predict(self, image: RgbImage) -> Prediction:
        """Count the people in one picture.

        Args:
            image: Shape (H, W, 3), uint8, RGB, any size from 1×1.

        Returns:
            People by block, with the calibrated variance of the count, and how novel the picture
            is, where the model says so.

        Raises:
            ModelError: If ONNX Runtime fails, for want of memory for example.
        """
        (prediction,) = self.predict_many([image])
        return prediction

    def predict_many(self, images: Sequence[RgbImage]) -> list[Prediction]:
        """Count the people in several pictures of one size, in as few runs as possible.

        Args:
            images: One at least, each of shape (H, W, 3), uint8, RGB; all of one size.

        Returns:
            One prediction a picture, in order, as `predict` gives it but for rounding.

        Raises:
            ModelError: If ONNX Runtime fails, for want of memory for example.
        """
        return [first for (first,) in self.predict_things(images, self.counts[:1])]

    def predict_things(
        self, images: Sequence[RgbImage], things: Sequence[str]
    ) -> list[tuple[Prediction, ...]]:
        """Count several things in pictures of one size; each picture is looked at once.

        Args:
            images: One at least, each of shape (H, W, 3), uint8, RGB; all of one size.
            things: What to count, in the plural; one or more.

        Returns:
            For each picture one prediction a thing, in order.

        Raises:
            ModelError: If it cannot count them, or ONNX Runtime fails.
        """
        self.ask(things)
        began_s = time.perf_counter()
        found = self._look(images, things)
        share_s = (time.perf_counter() - began_s) / len(images)
        size_hw = (images[0].shape[0], images[0].shape[1])
        return [
            tuple(
                self._prediction(one, place, size_hw, counts=thing, inference_s=share_s)
                for place, thing in enumerate(things)
            )
            for one in found
        ]

    def _prediction(
        self,
        found: "_Found",
        place: int,
        size_hw: tuple[int, int],
        *,
        counts: str,
        inference_s: float,
    ) -> Prediction:
        density, variance = found.densities[place], found.variance
        calibration, limits = self.manifest.calibration, self.manifest.novelty
        calibrated = (
            None
            if variance is None or calibration is None
            else calibration.variance_of(
                float(variance.sum(dtype=np.float64)),
                float(density.sum(dtype=np.float64)),
                found.novelty,
            )
        )
        return Prediction(
            density=read_only(density),
            block_px=self.manifest.block_px,
            size_hw=size_hw,
            variance=calibrated,
            inference_s=inference_s,
            novelty=found.novelty,
            is_novel=limits is not None
            and found.novelty is not None
            and found.novelty > limits.limit,
            block_variance=None if variance is None else read_only(variance),
            counts=counts,
        )

    def _run(self, tiles: Sequence[RgbImage], things: Sequence[str]) -> list["_Found"]:
        height, width = tiles[0].shape[:2]
        frames = _stack(tiles, self.intake.batch or len(tiles))
        try:
            outputs = self._graph.run(frames, things)
        except ModelError:
            raise
        except Exception as error:  # ONNX Runtime's own errors have no common root but this
            raise ModelError(
                f"{self.path.name}: counting a picture of {width}x{height} px failed in ONNX "
                f"Runtime ({type(error).__name__}); a smaller picture needs less memory"
            ) from error
        has_variance = self.manifest.has_variance
        has_novelty = self.manifest.novelty is not None
        return [
            _Found(
                tuple(_non_negative(one) for one in outputs[0][place]),
                _non_negative(outputs[1][place]) if has_variance else None,
                float(outputs[2][place]) if has_novelty else None,
            )
            for place in range(len(tiles))
        ]


def load_model(path: Path, *, provider: str = "auto", threads: int = 0) -> Model:
    """Open a model file.

    Args:
        path: ONNX file with a manifest; an open one perhaps with what to count where nobody asks
            for something else, `NAME.onnx?count=cars`; people without.
        provider: Where it shall run: auto, cpu, cuda, tensorrt, directml, coreml, openvino.
        threads: Threads for one inference on the processor; 0: as many as there are cores.

    Returns:
        The model, ready to count.

    Raises:
        ModelError: If there is no file, it is no ONNX, or the provider cannot be had.
        ManifestError: If it has no manifest, one of an unknown version, or outputs that do not fit.
    """
    path, things = split_prompt(path)
    if not path.is_file():
        raise ModelError(f"{path}: no such model file; `crowd-monitor models list` shows what is")
    check_files(path)
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = _ORT_FAULTS_ONLY
    offered = ort.get_available_providers()
    is_tensorrt_here = PROVIDER_NAMES["tensorrt"] in offered
    provider = provider_for(path, provider, is_tensorrt_here=is_tensorrt_here)
    wanted = choose_providers(provider, offered)
    try:
        session = ort.InferenceSession(str(path), options, providers=wanted)
    except Exception as error:  # ONNX Runtime's own errors have no common root but this
        raise ModelError(
            f"{path.name}: ONNX Runtime cannot open it ({type(error).__name__}); the file is "
            "damaged or no ONNX model"
        ) from error
    text = session.get_modelmeta().custom_metadata_map.get(METADATA_KEY)
    manifest = read_manifest(text, origin=path.name)
    is_open = "text" in {one.name for one in session.get_inputs()}
    _check_interface(session, manifest, path.name)
    intake = read_intake(session.get_inputs()[0].shape, manifest, origin=path.name)
    graph: OpenGraph | ClosedGraph
    if is_open:
        manifest, graph = asked_manifest(manifest, things or (PEOPLE,)), OpenGraph(session, path)
    else:
        graph = ClosedGraph(session, manifest, path.name)
        if things:
            graph.ask(things)
    model = Model(path, manifest, intake, graph, short_name(session.get_providers()[0]))
    model.ask(model.counts)
    if provider not in ("auto", model.provider):
        raise ModelError(
            f"{path.name}: asked to run on '{provider}', but ONNX Runtime fell back to "
            f"'{model.provider}'; check the driver, or choose '{model.provider}'"
        )
    logger.info("%s runs on %s", path.name, model.provider)
    return model


def _check_interface(session: ort.InferenceSession, manifest: Manifest, name: str) -> None:
    inputs = {one.name: one.type for one in session.get_inputs()}
    if inputs.pop("text", "tensor(float)") != "tensor(float)" or inputs != {
        "frames": "tensor(uint8)"
    }:
        raise ManifestError(
            f"{name}: takes {inputs or 'nothing'}, but a counter takes `frames` as uint8; "
            "export the model again"
        )
    expected = ["density", *(["variance"] if manifest.has_variance else [])]
    if manifest.novelty is not None:
        expected.append("novelty")
    outputs = [one.name for one in session.get_outputs()]
    if outputs != expected:
        raise ManifestError(
            f"{name}: gives {', '.join(outputs)}, but its manifest promises "
            f"{', '.join(expected)}; export the model again"
        )


def _merge(found: Sequence[_Found], plan: TilePlan) -> _Found:
    """Put together what was found in the tiles of one picture."""
    things = range(len(found[0].densities))
    variances = [one.variance for one in found if one.variance is not None]
    novelties = [one.novelty for one in found if one.novelty is not None]
    return _Found(
        tuple(merge_tiles([one.densities[thing] for one in found], plan) for thing in things),
        merge_tiles(variances, plan) if variances else None,
        sum(novelties) / len(novelties) if novelties else None,
    )


def _stack(tiles: Sequence[RgbImage], size: int) -> AnyArray:
    """Lay tiles of one size out for a graph that takes `size` of them; black ones fill up."""
    if size == 1:
        return np.ascontiguousarray(tiles[0])[None]
    frames = np.zeros((size, *tiles[0].shape), np.uint8)
    for place, tile in enumerate(tiles):
        frames[place] = tile
    return frames


def _non_negative(values: AnyArray) -> FloatMap:
    # Reduced precision can leave a block a rounding below zero; people cannot be negative.
    return np.maximum(values, 0).astype(np.float32)
