"""`python -m exports`: from a checkpoint to a model file, proven, and what a file is."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from rich.console import Console
from rich.table import Table

from exports.describe import Windows, make_manifest
from exports.errors import ExportError
from exports.information import describe_file
from exports.onnx_file import trace, write
from exports.released.importer import import_released
from exports.released.options import add_import_options, checkpoint_of, choices_of
from exports.verify import TOLERANCE, Comparison, compare, sample_pictures
from monitor.errors import MonitorError
from monitor.inference.model import load_model
from training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint, sha256_of
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
    _export(
        load_checkpoint(options.checkpoint),
        sha256_of(options.checkpoint),
        options.out,
        name=options.name,
        stride_px=options.stride,
    )
    return 0


def _import(options: argparse.Namespace) -> int:
    imported = import_released(options.released, choices_of(options))
    checkpoint = checkpoint_of(imported)
    if options.out.suffix == ".ckpt":
        save_checkpoint(checkpoint, options.out)
        OUT.print(f"{options.out}: {imported.config.network}, ready to fine-tune or export")
    else:
        _export(checkpoint, sha256_of(options.released), options.out, name=None, stride_px=None)
    return 0


def _export(
    checkpoint: Checkpoint, sha256: str, out: Path, *, name: str | None, stride_px: int | None
) -> None:
    if out.suffix != ".onnx":
        raise ExportError(f"{out}: name a file that ends in .onnx")
    counter = checkpoint.build()
    window_px = getattr(counter, "window_px", None)
    windows = Windows(window_px, stride_px or window_px) if window_px else None
    model = trace(counter, window_px=window_px)
    manifest = make_manifest(
        name=name or out.stem,
        checkpoint=checkpoint,
        counter=counter,
        windows=windows,
        has_variance=len(model.graph.output) > 1,
        checkpoint_sha256=sha256,
    )
    # Proven under another name first: what stands at `out` always counts as its checkpoint does.
    trial = out.with_name(f".{out.stem}.trial.onnx")
    try:
        write(model, manifest, trial)
        compared = compare(counter, load_model(trial, provider="cpu"), sample_pictures())
        if not _report(compared):
            raise ExportError(f"{out}: the graph counts otherwise than the checkpoint; not written")
        trial.replace(out)
    finally:
        with suppress(OSError):
            trial.unlink(missing_ok=True)
    OUT.print(f"{out}: {out.stat().st_size / 1e6:.1f} MB")


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
    OUT.print(f"largest relative difference {worst:.1e}, allowed {TOLERANCE:.0e}")
    return worst < TOLERANCE


def _info(options: argparse.Namespace) -> int:
    OUT.print(describe_file(options.file), soft_wrap=True, markup=False)
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
    released = commands.add_parser("import", help="read a file released by a paper's authors")
    released.add_argument("released", type=Path, help="file as its authors published it")
    released.add_argument("out", type=Path, help=".ckpt to train on or .onnx to count with")
    add_import_options(released)
    released.set_defaults(run=_import)
    return parser


if __name__ == "__main__":
    sys.exit(main())
