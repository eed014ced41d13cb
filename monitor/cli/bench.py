"""`crowd-monitor bench`: how fast each stage of the pipeline is on this machine."""

import io
import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from fractions import Fraction
from itertools import islice
from threading import Event
from typing import TypeVar

import av
import cv2
import numpy as np
import onnxruntime
from rich.table import Table

from monitor import __version__
from monitor.cli.exit_codes import DONE
from monitor.cli.screen import notes, results
from monitor.core.arrays import RgbImage
from monitor.core.clock import SystemClock
from monitor.core.errors import NotAStreamError
from monitor.inference.model import Model
from monitor.plaza import Plaza
from monitor.scene.overlay import draw_prediction
from monitor.video.decoded import DecodedPicture
from monitor.video.open import open_source

_Item = TypeVar("_Item")

SIZES_WH = ((640, 360), (1280, 720), (1920, 1080))
_RATE_HZ = 25
_PEOPLE = 120


@dataclass(frozen=True, slots=True)
class StageSpeed:
    """How long one stage takes for one frame."""

    stage: str
    size: str
    """Width and height of the frame, `1280x720`."""
    median_ms: float
    slowest_ms: float
    runs: int


@dataclass(frozen=True, slots=True)
class BenchOptions:
    """What is measured."""

    source: str | None = None
    """Where frames come from; None: the drawn square."""
    frames: int = 20
    """Frames measured for each stage and size, after one that is not."""


def run_bench(options: BenchOptions, model: Model, *, is_json: bool) -> int:
    """Measure every stage at several sizes and show it.

    Args:
        options: What to measure.
        model: What counts.
        is_json: Whether to give JSON rather than a table.

    Returns:
        Exit code.

    Raises:
        SourceError: If the source gives no frames.
    """
    stages: list[StageSpeed] = []
    console = notes()
    for width, height in SIZES_WH:
        with (
            console.status(f"measuring {width}x{height}") if console.is_terminal else nullcontext()
        ):
            stages += measure(frames_for(options, (width, height)), model)
    if is_json:
        record = {"machine": machine_facts(model), "stages": [asdict(one) for one in stages]}
        results().print(json.dumps(record, indent=1))
        return DONE
    table = Table(box=None, pad_edge=False)
    for column in ("stage", "size", "median", "slowest", "a second"):
        table.add_column(column, justify="left" if column == "stage" else "right")
    for one in stages:
        rate = f"{1000 / one.median_ms:.1f}" if one.median_ms else "–"
        times = (f"{one.median_ms:.2f} ms", f"{one.slowest_ms:.2f} ms")
        table.add_row(one.stage, one.size, *times, rate)
    results().print(table)
    results().print(", ".join(f"{name} {value}" for name, value in machine_facts(model).items()))
    return DONE


def machine_facts(model: Model) -> dict[str, str | int]:
    """Say what the numbers were measured on; without it they mean nothing."""
    return {
        "version": __version__,
        "model": model.manifest.name,
        "provider": model.provider,
        "onnxruntime": onnxruntime.__version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count() or 0,
    }


def frames_for(options: BenchOptions, size_wh: tuple[int, int]) -> list[RgbImage]:
    """Get the frames that are measured, one more than is counted.

    Args:
        options: Where from and how many.
        size_wh: Width and height wanted, pixels.

    Returns:
        Frames of that size.

    Raises:
        NotAStreamError: If the source gives no frames.
        SourceError: If it cannot be opened.
    """
    wanted = options.frames + 1
    if options.source is None:
        plaza = Plaza(_PEOPLE, 1, size_wh)
        return [plaza.render(index / _RATE_HZ).image for index in range(wanted)]
    source = open_source(options.source, pace=False, clock=SystemClock())
    taken = [frame.picture.to_rgb() for frame in islice(source.frames(Event()), wanted)]
    if not taken:
        raise NotAStreamError(f"{source.label}: gave no frame to measure with")
    sized = [np.asarray(cv2.resize(one, size_wh), dtype=np.uint8) for one in taken]
    return [sized[index % len(sized)] for index in range(wanted)]


def measure(frames: Sequence[RgbImage], model: Model) -> list[StageSpeed]:
    """Measure every stage with frames of one size; the first frame warms up and does not count.

    Args:
        frames: 2 or more, of one size.
        model: What counts.

    Returns:
        One result for each stage, in the order of a frame's life.
    """
    size = f"{frames[0].shape[1]}x{frames[0].shape[0]}"
    clip = encode(frames)
    pictures: list[DecodedPicture] = []
    decoding = _times(decode(clip), pictures.append)
    images: list[RgbImage] = []
    converting = _times(pictures, lambda picture: images.append(picture.to_rgb()))
    predictions = [model.predict(images[0])]
    inferring = _times(images, lambda image: predictions.append(model.predict(image)))
    pairs = list(zip(images, predictions[1:], strict=True))
    drawing = _times(pairs, lambda pair: draw_prediction(pair[0], pair[1]))

    def whole(picture: DecodedPicture) -> None:
        image = picture.to_rgb()
        draw_prediction(image, model.predict(image))

    together = _times(decode(clip), whole)
    named = {
        "decode": decoding,
        "convert": converting,
        "inference": inferring,
        "overlay": drawing,
        "all together": together,
    }
    return [_speed(stage, size, times) for stage, times in named.items()]


def encode(frames: Sequence[RgbImage], rate_hz: int = _RATE_HZ) -> bytes:
    """Make an H.264 clip of frames of one size, as a camera would send it at a rate."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=rate_hz, options={"tune": "zerolatency"})
        stream.pix_fmt = "yuv420p"
        stream.height, stream.width = frames[0].shape[:2]
        for index, image in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, rate_hz)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def decode(clip: bytes) -> Iterable[DecodedPicture]:
    """Decode a clip frame by frame, without turning anything into RGB."""
    with av.open(io.BytesIO(clip), "r") as container:
        for frame in container.decode(video=0):
            yield DecodedPicture(frame)


def _times(items: Iterable[_Item], work: Callable[[_Item], object]) -> list[float]:
    """Give the seconds that getting each item and working on it took."""
    times = []
    began_s = time.perf_counter()
    for item in items:
        work(item)
        now_s = time.perf_counter()
        times.append(now_s - began_s)
        began_s = now_s
    return times


def _speed(stage: str, size: str, times: Sequence[float]) -> StageSpeed:
    counted = [1000 * one for one in times[1:]]
    return StageSpeed(stage, size, statistics.median(counted), max(counted), len(counted))
