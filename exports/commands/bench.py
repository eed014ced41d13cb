"""`exports bench`: how fast files are, beside one another and beside torch, in one run."""

import argparse
import json
import os
import platform
from dataclasses import asdict
from pathlib import Path

import onnxruntime
import torch
from rich.table import Table

import monitor
from exports.bench import (
    Contender,
    Load,
    Speed,
    file_contender,
    load_of,
    measure,
    torch_contenders,
)
from exports.errors import ExportError
from monitor.inference.model import load_model
from training.checkpoint import load_checkpoint
from training.console import ERR, OUT, with_progress

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
