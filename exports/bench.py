"""`exports bench`: how fast files and networks are, side by side in one run.

The contenders take turns, so that whatever else the machine does slows all of them alike; what is
compared is each one's time over the first one's in the same turn.
"""

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import onnxruntime
import onnxruntime as ort
import torch
from numpy.typing import NDArray
from rich.table import Table

import monitor
from exports.errors import ExportError
from exports.trace import WholeCounter
from monitor.core.tiling import plan_tiles
from monitor.inference.model import Model, load_model
from monitor.inference.providers import PROVIDER_NAMES
from training.checkpoint import load_checkpoint
from training.console import ERR, OUT, with_progress
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


_SIZES = ("640x360", "1280x720", "1920x1080")


def add_bench(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `bench` to the commands."""
    parser = commands.add_parser("bench", help="measure files beside one another and beside torch")
    parser.add_argument("files", type=Path, nargs="+", help="model files; the first sets the pace")
    parser.add_argument("--checkpoint", type=Path, help="measure its network in torch as well")
    parser.add_argument("--sizes", nargs="+", default=_SIZES, metavar="WIDTHxHEIGHT")
    parser.add_argument("--batch", type=int, nargs="+", default=[1], help="pictures at once")
    parser.add_argument("--provider", nargs="+", default=["auto"], help="auto, cpu, cuda …")
    parser.add_argument("--threads", type=int, nargs="+", default=[0], help="0: one for each core")
    parser.add_argument("--turns", type=int, default=10, help="timed turns of each")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the results there; -: here")
    parser.set_defaults(run=_bench)


def _bench(options: argparse.Namespace) -> int:
    if options.turns < 1:
        raise ExportError(f"--turns {options.turns}: name 1 or more")
    sizes = [_size(text) for text in options.sizes]
    found: list[Speed] = []
    for provider in options.provider:
        for threads in options.threads:
            if threads < 0:
                raise ExportError(f"--threads {threads}: name 0 or more")
            for size_hw in sizes:
                for batch in options.batch:
                    found += _round(options, provider, threads, size_hw, batch)
    _give(found, options.json)
    return 0


def _round(
    options: argparse.Namespace, provider: str, threads: int, size_hw: tuple[int, int], batch: int
) -> list[Speed]:
    contenders = [file_contender(one, provider=provider, threads=threads) for one in options.files]
    load = load_of(load_model(options.files[0], provider=provider), size_hw, batch)
    contenders += _torch(options.checkpoint, provider, threads, load)
    height, width = size_hw
    progress = with_progress(f"{width}x{height}, batch {batch}", options.turns + 1)
    return measure(contenders, load, turns=options.turns, threads=threads, progress=progress)


def _torch(path: Path | None, provider: str, threads: int, load: Load) -> list[Contender]:
    if path is None:
        return []
    counter = load_checkpoint(path).build()
    found, missing = torch_contenders(
        counter, provider=provider, threads=threads, example=load.frames[0]
    )
    if missing:
        ERR.print(missing, markup=False, soft_wrap=True)
    return found


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit() and int(width) and int(height)):
        raise ExportError(f"--sizes {text}: write width and height like 1280x720")
    return int(height), int(width)


def _give(found: list[Speed], path: Path | None) -> None:
    document = json.dumps(
        {"machine": _machine(), "results": [asdict(one) for one in found]}, indent=1
    )
    if path is not None and str(path) == "-":
        OUT.print(document, markup=False, soft_wrap=True)
        return
    columns = (
        "what",
        "where",
        "picture",
        "batch",
        "threads",
        "ms",
        "fastest",
        "a second",
        "time ×",
    )
    table = Table(*columns)
    for one in found:
        table.add_row(
            one.contender,
            one.provider,
            one.size,
            str(one.batch),
            str(one.threads or "all"),
            f"{one.median_ms:.1f}",
            f"{one.fastest_ms:.1f}",
            f"{one.frames_per_s:.1f}",
            f"{one.relative:.2f}",
        )
    OUT.print(table)
    if path is not None:
        try:
            path.write_text(document + "\n", encoding="utf-8")
        except OSError as error:
            raise ExportError(f"{path}: cannot be written ({error.strerror})") from error


def _machine() -> dict[str, str | int | None]:
    return {
        "system": platform.platform(),
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "onnxruntime": onnxruntime.__version__,
        "torch": torch.__version__,
        "crowd_monitor": monitor.__version__,
    }
