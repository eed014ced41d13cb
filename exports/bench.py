"""How fast files and networks are, side by side in one run.

The contenders take turns, so that whatever else the machine does slows all of them alike; what is
compared is each one's time over the first one's in the same turn.
"""

import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import onnxruntime as ort
import torch
from numpy.typing import NDArray

from exports.errors import ExportError
from exports.graph import WholeCounter
from monitor.core.tiling import plan_tiles
from monitor.inference.model import Model, load_model
from monitor.inference.providers import PROVIDER_NAMES
from training.models.output import Counter

Frames: TypeAlias = NDArray[np.uint8]
"""Shape (N, H, W, 3): what a graph takes at once."""

Progress: TypeAlias = Callable[[Iterable[int]], Iterator[int]]
"""Wraps the numbers of the turns, to show how far measuring is."""

_SEED = 5


@dataclass(frozen=True)
class Contender:
    """Something that counts, ready to be timed."""

    name: str
    """What it is: a file's name, `torch eager`, `torch.compile`."""
    provider: str
    """Where it runs: cpu, cuda, …"""
    run: Callable[[Frames], object]
    """Counts what it is given and waits until that is done."""


@dataclass(frozen=True)
class Load:
    """What each contender gets in every turn."""

    size_hw: tuple[int, int]
    """Height and width of the pictures, pixels."""
    batch: int
    """Pictures."""
    frames: tuple[Frames, ...]
    """The same as the graph takes it: filled up, or cut into windows."""


@dataclass(frozen=True)
class Speed:
    """How fast one contender was."""

    contender: str
    provider: str
    size: str
    """Width and height of the picture, `1280x720`."""
    batch: int
    """Pictures at once."""
    threads: int
    """Threads of one run on the processor."""
    median_ms: float
    """Of a picture: the turn's time over the batch."""
    fastest_ms: float
    """Of a picture, in the fastest turn."""
    frames_per_s: float
    """Pictures a second, from the median."""
    relative: float
    """Time over the first contender's in the same turn, median; below 1 is faster."""
    turns: int


def load_of(model: Model, size_hw: tuple[int, int], batch: int) -> Load:
    """Prepare random pictures as a model's graph takes them.

    Args:
        model: Says how pictures are filled up or cut.
        size_hw: Height and width, pixels.
        batch: Pictures at once.

    Returns:
        The load; windows of all pictures stand in one array unless the graph's batch is fixed.

    Raises:
        ExportError: If the batch does not suit the graph.
    """
    if batch < 1 or min(size_hw) < 1:
        raise ExportError(f"{batch} pictures of {size_hw[1]}x{size_hw[0]} px: nothing to measure")
    manifest, intake = model.manifest, model.intake
    plan = plan_tiles(
        size_hw,
        block_px=manifest.block_px,
        size_multiple=manifest.size_multiple,
        window_px=manifest.window_px,
        stride_px=manifest.stride_px,
        fixed_hw=intake.fixed_hw,
    )
    tile, total = plan.tiles[0], len(plan.tiles) * batch
    at_once = intake.batch or total
    draw = np.random.default_rng(_SEED)
    shape = (at_once, tile.height, tile.width, 3)
    frames = draw.integers(0, 256, shape, dtype=np.uint8)
    return Load(size_hw, batch, (frames,) * -(-total // at_once))


def file_contender(path: Path, *, provider: str, threads: int) -> Contender:
    """Open a file as the app does, for timing.

    Args:
        path: Model file.
        provider: As in `load_model`.
        threads: For one run on the processor; 0: as many as there are cores.

    Returns:
        The contender.

    Raises:
        ModelError: If it cannot be opened there.
    """
    opened = load_model(path, provider=provider, threads=threads)
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    names = [PROVIDER_NAMES[opened.provider], PROVIDER_NAMES["cpu"]]
    session = ort.InferenceSession(str(path), options, providers=list(dict.fromkeys(names)))
    return Contender(path.name, opened.provider, lambda one: session.run(None, {"frames": one}))


def torch_contenders(
    counter: Counter, *, provider: str, threads: int, example: Frames
) -> tuple[list[Contender], str | None]:
    """Prepare a checkpoint's network, as it is and compiled.

    Args:
        counter: In evaluation mode.
        provider: cpu or cuda; else it runs on the processor.
        threads: For one run on the processor; 0 leaves torch's own choice.
        example: Compiled for pictures of this shape.

    Returns:
        One or two contenders, and why there is no compiled one, or None.
    """
    device = "cuda" if provider == "cuda" and torch.cuda.is_available() else "cpu"
    place = "cuda" if device == "cuda" else "cpu"
    if threads:
        torch.set_num_threads(threads)
    whole = WholeCounter(counter).eval().to(device)
    found = [Contender("torch eager", place, _runner(whole, device))]
    compiled = Contender("torch.compile", place, _runner(torch.compile(whole), device))
    try:
        compiled.run(example)
    except Exception as error:  # noqa: BLE001  # errors of torch.compile and compilers have no root
        return found, f"torch.compile does not work here ({type(error).__name__})"
    return [*found, compiled], None


def measure(
    contenders: Sequence[Contender],
    load: Load,
    *,
    turns: int,
    threads: int,
    progress: Progress = iter,
) -> list[Speed]:
    """Let contenders take turns and time them.

    Args:
        contenders: One or more; the first is what the others are compared with.
        load: What each gets.
        turns: Turns that are timed, after one that is not.
        threads: For the record.
        progress: Wraps the numbers of the turns.

    Returns:
        One result a contender.
    """
    times_s: list[list[float]] = [[] for _ in contenders]
    for turn in progress(range(turns + 1)):
        for place, one in enumerate(contenders):
            began_s = time.perf_counter()
            for frames in load.frames:
                one.run(frames)
            if turn:
                times_s[place].append(time.perf_counter() - began_s)
    first = times_s[0]
    height, width = load.size_hw
    return [
        Speed(
            contender=one.name,
            provider=one.provider,
            size=f"{width}x{height}",
            batch=load.batch,
            threads=threads,
            median_ms=1000 * statistics.median(own) / load.batch,
            fastest_ms=1000 * min(own) / load.batch,
            frames_per_s=load.batch / statistics.median(own),
            relative=statistics.median(a / b for a, b in zip(own, first, strict=True)),
            turns=turns,
        )
        for one, own in zip(contenders, times_s, strict=True)
    ]


def _runner(network: Callable[..., Any], device: str) -> Callable[[Frames], object]:
    # Any: torch.compile's result has no type of its own
    def run(frames: Frames) -> object:
        with torch.inference_mode():
            outputs = network(torch.from_numpy(frames).to(device))
            return [one.cpu() for one in outputs]

    return run
