"""Open a model file and count pictures with it.

The file says itself what it is (see `monitor.contract.manifest`); nothing about any model stands
here. A file without a manifest, of an unknown version, or whose outputs do not fit what it says
of itself is refused before the first picture.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort

from monitor.contract.arrays import AnyArray, FloatMap, RgbImage, read_only
from monitor.contract.manifest import METADATA_KEY, Manifest, read_manifest
from monitor.contract.tiling import TilePlan, cut_tiles, merge_tiles, plan_tiles
from monitor.errors import ManifestError, ModelError
from monitor.inference.asking import AskedSession, ask, split_prompt
from monitor.inference.engine_file import provider_for
from monitor.inference.files import check_files
from monitor.inference.intake import Intake, read_intake
from monitor.inference.providers import PROVIDER_NAMES, choose_providers, short_name
from monitor.records.prediction import Prediction

logger = logging.getLogger(__name__)

_ORT_FAULTS_ONLY = 3
"""ONNX Runtime's log level `error`: its warnings tell of graph optimizations."""
_CARDS = frozenset({"cuda", "tensorrt", "directml"})
_CARD_BATCH = 8  # a card that is given one picture at a time waits for the next most of its time


@dataclass(frozen=True, slots=True)
class _Found:
    """What a graph gives for a picture or a tile of one."""

    density: FloatMap
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
        session: ort.InferenceSession | AskedSession,
    ) -> None:
        self.path = path
        self.manifest = manifest
        self.intake = intake
        self.provider = short_name(session.get_providers()[0])
        self._session = session

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

    def count_blocks(self, image: RgbImage) -> tuple[FloatMap, FloatMap | None]:
        """Count people by block.

        Args:
            image: Shape (H, W, 3), uint8, RGB, any size from 1×1.

        Returns:
            Density and variance, shape (ceil(H / block), ceil(W / block)), float32; the variance
            as the graph gives it, None where it gives none.

        Raises:
            ModelError: If ONNX Runtime fails, for want of memory for example.
        """
        (found,) = self._look([image])
        return found.density, found.variance

    @property
    def best_batch(self) -> int:
        """Pictures in one run that are worth gathering; on a processor none are."""
        return _CARD_BATCH if self.provider in _CARDS else 1

    def _look(self, images: Sequence[RgbImage]) -> list["_Found"]:
        """Look at pictures of one size, at as many tiles at once as there are pictures."""
        plan = self.plan((images[0].shape[0], images[0].shape[1]))
        tiles = [tile for image in images for tile in cut_tiles(image, plan)]
        size = self.intake.batch or len(images)
        found = [
            one
            for first in range(0, len(tiles), size)
            for one in self._run(tiles[first : first + size])
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
        began_s = time.perf_counter()
        found = self._look(images)
        share_s = (time.perf_counter() - began_s) / len(images)
        size_hw = (images[0].shape[0], images[0].shape[1])
        return [self._prediction(one, size_hw, inference_s=share_s) for one in found]

    def _prediction(
        self, found: "_Found", size_hw: tuple[int, int], *, inference_s: float
    ) -> Prediction:
        density, variance = found.density, found.variance
        calibration, limits = self.manifest.calibration, self.manifest.novelty
        calibrated = (
            None
            if variance is None or calibration is None
            else calibration.variance_of(
                float(variance.sum(dtype=np.float64)), float(density.sum(dtype=np.float64))
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
        )

    def _run(self, tiles: Sequence[RgbImage]) -> list["_Found"]:
        height, width = tiles[0].shape[:2]
        frames = _stack(tiles, self.intake.batch or len(tiles))
        try:
            outputs = self._session.run(None, {"frames": frames})
        except Exception as error:  # ONNX Runtime's own errors have no common root but this
            raise ModelError(
                f"{self.path.name}: counting a picture of {width}x{height} px failed in ONNX "
                f"Runtime ({type(error).__name__}); a smaller picture needs less memory"
            ) from error
        has_variance = self.manifest.has_variance
        has_novelty = self.manifest.novelty is not None
        return [
            _Found(
                _non_negative(outputs[0][place]),
                _non_negative(outputs[1][place]) if has_variance else None,
                float(outputs[2][place]) if has_novelty else None,
            )
            for place in range(len(tiles))
        ]


def load_model(path: Path, *, provider: str = "auto", threads: int = 0) -> Model:
    """Open a model file.

    Args:
        path: ONNX file with a manifest; an open one with what to count: `NAME.onnx?count=cars`.
        provider: Where it shall run: auto, cpu, cuda, tensorrt, directml, coreml, openvino.
        threads: Threads for one inference on the processor; 0: as many as there are cores.

    Returns:
        The model, ready to count.

    Raises:
        ModelError: If there is no file, it is no ONNX, or the provider cannot be had.
        ManifestError: If it has no manifest, one of an unknown version, or outputs that do not fit.
    """
    path, prompt = split_prompt(path)
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
    if prompt is not None:
        session = ask(session, path, prompt)
        manifest = manifest.model_copy(update={"counts": prompt, "prompts": (prompt,)})
    _check_interface(session, manifest, path.name)
    intake = read_intake(session.get_inputs()[0].shape, manifest, origin=path.name)
    model = Model(path, manifest, intake, session)
    if provider not in ("auto", model.provider):
        raise ModelError(
            f"{path.name}: asked to run on '{provider}', but ONNX Runtime fell back to "
            f"'{model.provider}'; check the driver, or choose '{model.provider}'"
        )
    logger.info("%s runs on %s", path.name, model.provider)
    return model


def _check_interface(
    session: ort.InferenceSession | AskedSession, manifest: Manifest, name: str
) -> None:
    inputs = {one.name: one.type for one in session.get_inputs()}
    if set(inputs) == {"frames", "text"}:
        raise ModelError(
            f"{name}: counts what it is asked for; write that behind its name, such as "
            f"{name}?count=suitcases"
        )
    if inputs != {"frames": "tensor(uint8)"}:
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
    variances = [one.variance for one in found if one.variance is not None]
    novelties = [one.novelty for one in found if one.novelty is not None]
    return _Found(
        merge_tiles([one.density for one in found], plan),
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
