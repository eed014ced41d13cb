"""`exports onnx` and `exports import`: a checkpoint, or a released file, becomes a model file."""

import argparse
from pathlib import Path

from exports.commands.shown import show_comparison
from exports.making import Wish, from_checkpoint, from_file, make
from exports.model_file import check_place
from exports.released.importer import import_released
from exports.released.options import add_import_options, checkpoint_of, choices_of
from training.checkpoint import load_checkpoint, save_checkpoint, sha256_of
from training.console import OUT, with_progress


def add_onnx(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `onnx` to the commands."""
    parser = commands.add_parser("onnx", help="write a checkpoint as a model file, and prove it")
    parser.add_argument(
        "source", type=Path, help="checkpoint, or a model file in fp32 to make a smaller one of"
    )
    parser.add_argument("out", type=Path, help="model file to write, .onnx")
    parser.add_argument("--name", help="name of the model; default: the file's name")
    _add_wishes(parser)
    parser.set_defaults(run=_onnx)


def add_import(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `import` to the commands."""
    parser = commands.add_parser("import", help="read a file released by a paper's authors")
    parser.add_argument("released", type=Path, help="file as its authors published it")
    parser.add_argument("out", type=Path, help=".ckpt to train on or .onnx to count with")
    add_import_options(parser)
    parser.set_defaults(run=_import)


def _add_wishes(parser: argparse.ArgumentParser) -> None:
    usual = Wish()
    parser.add_argument(
        "--precision",
        choices=("fp32", "fp16", "int8"),
        default=usual.precision,
        help="arithmetic of the layers: fp16 for graphics cards, int8 for processors",
    )
    parser.add_argument("--window", type=int, help="side of the windows to look through, pixels")
    parser.add_argument("--stride", type=int, help="distance between windows; default: the window")
    sides = parser.add_mutually_exclusive_group()
    sides.add_argument(
        "--dynamic", action="store_true", help="pictures of any size (the default without windows)"
    )
    sides.add_argument(
        "--fixed",
        type=int,
        nargs=2,
        metavar=("HEIGHT", "WIDTH"),
        help="pictures of this size only, for accelerators that want it; others are filled or cut",
    )
    parser.add_argument(
        "--prompt",
        action="append",
        default=[],
        help="CLIP-Count: what to count; given several times: a density map for each; "
        "default: as it was trained",
    )
    parser.add_argument("--batch", type=int, help="pictures taken at once; default: any number")
    parser.add_argument(
        "--data",
        type=Path,
        metavar="FOLDER",
        help="int8: marked pictures like your camera's; default: drawn squares",
    )
    parser.add_argument(
        "--pictures", type=int, default=usual.pictures, help="int8: how many of them; default 36"
    )
    parser.add_argument(
        "--max-error",
        type=float,
        default=usual.max_change,
        help="int8: share of the people counted by which counts may move; default 0.01",
    )


def _onnx(options: argparse.Namespace) -> int:
    wish = Wish(
        precision=options.precision,
        window_px=options.window,
        stride_px=options.stride,
        fixed_hw=tuple(options.fixed) if options.fixed else None,
        batch=options.batch,
        prompts=tuple(options.prompt),
        data=options.data,
        pictures=options.pictures,
        max_change=options.max_error,
    )
    check_place(options.out)
    if options.source.suffix == ".onnx":
        source = from_file(options.source, wish, name=options.name)
    else:
        # The checkpoint is not kept here: its weights leave as soon as the network has them.
        source = from_checkpoint(
            load_checkpoint(options.source),
            wish,
            name=options.name or options.out.stem,
            sha256=sha256_of(options.source),
        )
    make(
        source,
        wish,
        options.out,
        report=show_comparison,
        progress=with_progress("measuring layers"),
    )
    _tell(options.out)
    return 0


def _import(options: argparse.Namespace) -> int:
    imported = import_released(options.released, choices_of(options))
    checkpoint = checkpoint_of(imported)
    if options.out.suffix == ".ckpt":
        save_checkpoint(checkpoint, options.out)
        OUT.print(f"{options.out}: {imported.config.network}, ready to fine-tune or export")
        return 0
    wish, sha256 = Wish(), sha256_of(options.released)
    source = from_checkpoint(checkpoint, wish, name=options.out.stem, sha256=sha256)
    make(source, wish, options.out, report=show_comparison)
    _tell(options.out)
    return 0


def _tell(out: Path) -> None:
    OUT.print(f"{out}: {out.stat().st_size / 1e6:.1f} MB", soft_wrap=True)
