"""`python -m exports`: from a checkpoint to a model file, proven, and what a file is."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from exports.describe import Windows, make_manifest
from exports.errors import ExportError
from exports.information import describe_file
from exports.onnx_file import trace, write
from exports.verify import TOLERANCE, Comparison, compare, sample_pictures
from monitor.errors import MonitorError
from monitor.inference.model import load_model
from training.checkpoint import load_checkpoint, sha256_of
from training.errors import TrainingError

OUT = Console(highlight=False)
ERR = Console(stderr=True, highlight=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: Words of the command line; None takes them from the system.

    Returns:
        Exit code: 0 done, 1 something a person can mend, 2 wrong use.
    """
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except (ExportError, TrainingError, MonitorError) as error:
        ERR.print("[red]error:[/red]", end=" ")
        ERR.print(str(error), markup=False, soft_wrap=True)
        return 1


def _onnx(options: argparse.Namespace) -> int:
    if options.out.suffix != ".onnx":
        raise ExportError(f"{options.out}: name a file that ends in .onnx")
    checkpoint = load_checkpoint(options.checkpoint)
    counter = checkpoint.build()
    windows = _windows(getattr(counter, "window_px", None), options)
    model = trace(counter, window_px=windows.window_px if windows else None)
    manifest = make_manifest(
        name=options.name or options.out.stem,
        checkpoint=checkpoint,
        counter=counter,
        windows=windows,
        has_variance=len(model.graph.output) > 1,
        checkpoint_sha256=sha256_of(options.checkpoint),
    )
    write(model, manifest, options.out)
    try:
        compared = compare(counter, load_model(options.out, provider="cpu"), sample_pictures())
    except MonitorError:
        options.out.unlink(missing_ok=True)
        raise
    if not _report(compared):
        options.out.unlink(missing_ok=True)
        raise ExportError(
            f"{options.out}: the file counts otherwise than the checkpoint, so it was not kept"
        )
    OUT.print(f"{options.out}: {options.out.stat().st_size / 1e6:.1f} MB")
    return 0


def _windows(window_px: int | None, options: argparse.Namespace) -> Windows | None:
    if window_px is None:
        return None
    return Windows(window_px, options.stride or window_px)


def _verify(options: argparse.Namespace) -> int:
    counter = load_checkpoint(options.against).build()
    return 0 if _report(compare(counter, load_model(options.file), sample_pictures())) else 1


def _report(compared: Sequence[Comparison]) -> bool:
    table = Table("picture", "torch", "file", "relative", "worst block", "worst variance")
    for one in compared:
        table.add_row(
            f"{one.size_hw[1]}x{one.size_hw[0]}",
            f"{one.count_torch:.4f}",
            f"{one.count_file:.4f}",
            f"{one.relative:.1e}",
            f"{one.worst_block:.1e}",
            "-" if one.worst_variance is None else f"{one.worst_variance:.1e}",
        )
    OUT.print(table)
    worst = max(one.relative for one in compared)
    passes = worst < TOLERANCE
    OUT.print(f"largest relative difference {worst:.1e}, allowed {TOLERANCE:.0e}")
    return passes


def _info(options: argparse.Namespace) -> int:
    OUT.print(describe_file(options.file), soft_wrap=True)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m exports", description=__doc__)
    commands = parser.add_subparsers(required=True)
    onnx = commands.add_parser("onnx", help="write a checkpoint as a model file, and prove it")
    onnx.add_argument("checkpoint", type=Path)
    onnx.add_argument("out", type=Path)
    onnx.add_argument("--name", help="name of the model; default: the file's name")
    onnx.add_argument("--stride", type=int, help="distance between windows, pixels")
    onnx.set_defaults(run=_onnx)
    verify = commands.add_parser("verify", help="compare a model file with its checkpoint")
    verify.add_argument("file", type=Path)
    verify.add_argument("--against", type=Path, required=True, metavar="CHECKPOINT")
    verify.set_defaults(run=_verify)
    info = commands.add_parser("info", help="say what a model file is, for people")
    info.add_argument("file", type=Path)
    info.set_defaults(run=_info)
    return parser


if __name__ == "__main__":
    sys.exit(main())
