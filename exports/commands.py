"""The commands `exports onnx`, `import`, `open`, `verify`, `tensorrt` and `info`.

Each is its options and what it does with them; the tables that several print are at the top.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from exports.card import describe_file
from exports.convert import Wish, from_checkpoint, from_file, make
from exports.errors import ExportError
from exports.model_file import check_place
from exports.open_form import write_open
from exports.pictures import patterned_pictures, pictures_of, sizes_for
from exports.released.importer import add_import_options, checkpoint_of, choices_of, import_released
from exports.tensorrt import Profile, build_engine
from exports.verify import (
    TOLERANCES,
    Comparison,
    CountBlocks,
    LabelledComparison,
    Precision,
    coarsest,
    compare,
    compare_labelled,
    difference_of,
    torch_counter,
)
from monitor.inference.model import Model, load_model
from training.checkpoint import load_checkpoint, save_checkpoint, sha256_of
from training.console import OUT, with_progress
from training.scoring import SetScore


def add_info(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `info` to the commands."""
    parser = commands.add_parser("info", help="say what a model file is, for people")
    parser.add_argument("file", type=Path)
    parser.set_defaults(run=_info)


def _info(options: argparse.Namespace) -> int:
    OUT.print(describe_file(options.file), soft_wrap=True, markup=False)
    return 0


def show_comparison(
    compared: Sequence[Comparison], precision: Precision, tolerance: float | None = None
) -> bool:
    """Print how two counters compare, picture by picture.

    Args:
        compared: One or more pictures.
        precision: Coarsest arithmetic of the two.
        tolerance: Largest difference that passes; None: what the precision allows.

    Returns:
        Whether they count the same.
    """
    table = Table("picture", "before", "file", "relative", "worst block", "worst variance")
    for one in compared:
        table.add_row(
            f"{one.size_hw[1]}x{one.size_hw[0]}",
            f"{one.count_reference:.4f}",
            f"{one.count_file:.4f}",
            f"{one.relative:.1e}",
            f"{one.worst_block:.1e}",
            "-" if one.worst_variance is None else f"{one.worst_variance:.1e}",
        )
    OUT.print(table)
    allowed = TOLERANCES[precision] if tolerance is None else tolerance
    difference = difference_of(compared, precision)
    what = "counts together move by" if precision == "int8" else "largest relative difference"
    OUT.print(f"{what} {difference:.1e}, allowed {allowed:.0e}")
    return difference < allowed  # a difference that is no number passes nothing


def show_scores(scored: LabelledComparison, origin: str) -> None:
    """Print what both counters get wrong on marked pictures."""
    table = Table("", "pictures", "MAE", "RMSE", "NAE", "bias", title=origin)
    for name, score in (("before", scored.reference), ("file", scored.file)):
        table.add_row(name, *_row(score))
    OUT.print(table)
    OUT.print(f"counts move by {scored.change:.3%} of the people counted")


def _row(score: SetScore) -> tuple[str, ...]:
    return (
        str(score.pictures),
        f"{score.mae:.2f}",
        f"{score.rmse:.2f}",
        f"{score.nae:.1%}",
        f"{score.bias:+.2f}",
    )


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


def add_open(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `open` to the commands."""
    parser = commands.add_parser(
        "open", help="CLIP-Count: write files that count whatever is typed, and prove them"
    )
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("out", type=Path, help="model file to write, .onnx; two more go beside it")
    parser.add_argument("--name", help="name of the model; default: the file's name")
    parser.set_defaults(run=_open)


def _open(options: argparse.Namespace) -> int:
    write_open(
        load_checkpoint(options.checkpoint),
        options.out,
        name=options.name or options.out.stem,
        sha256=sha256_of(options.checkpoint),
        report=show_comparison,
    )
    OUT.print(f"{options.out}: count with {options.out.name}?count=WORDS", soft_wrap=True)
    return 0


def add_tensorrt(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `tensorrt` to the commands."""
    usual = Profile()
    parser = commands.add_parser(
        "tensorrt", help="build a TensorRT engine on the machine that will run it"
    )
    parser.add_argument("file", type=Path, help="model file")
    parser.add_argument("out", type=Path, help="model file with the engine in it, .onnx")
    for name, size, about in (
        ("min", usual.smallest_hw, "smallest picture"),
        ("opt", usual.usual_hw, "picture to be fastest at"),
        ("max", usual.largest_hw, "largest picture"),
    ):
        parser.add_argument(
            f"--{name}",
            type=int,
            nargs=2,
            default=size,
            metavar=("HEIGHT", "WIDTH"),
            help=f"{about}, where sides are free; default {size[0]} {size[1]}",
        )
    parser.add_argument(
        "--batch", type=int, default=usual.most_pictures, help="most pictures at once"
    )
    parser.add_argument(
        "--precision",
        choices=("fp32", "fp16"),
        default="fp16",
        help="of the engine; layers of an int8 file stay in int8",
    )
    parser.set_defaults(run=_tensorrt)


def _tensorrt(options: argparse.Namespace) -> int:
    profile = Profile(
        (options.min[0], options.min[1]),
        (options.opt[0], options.opt[1]),
        (options.max[0], options.max[1]),
        options.batch,
    )
    is_half = options.precision == "fp16"
    compared = build_engine(options.file, options.out, profile, is_half=is_half)
    show_comparison(compared, "fp16")
    OUT.print(f"{options.out}: {options.out.stat().st_size / 1e6:.1f} MB", soft_wrap=True)
    return 0


_DRAWN = 4


def add_verify(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `verify` to the commands."""
    parser = commands.add_parser("verify", help="compare a model file with what it was made from")
    parser.add_argument("file", type=Path, help="model file")
    parser.add_argument(
        "--against", type=Path, required=True, metavar="CHECKPOINT|FILE", help="what is right"
    )
    parser.add_argument(
        "--data", type=Path, metavar="FOLDER", help="marked pictures: compare and score both there"
    )
    parser.add_argument("--pictures", type=int, default=20, help="of --data, at most")
    parser.add_argument(
        "--tolerance",
        type=float,
        help="largest relative difference; default: 0.001 of a picture's count in fp32, 0.01 in "
        "fp16, 0.05 of all counts together in int8",
    )
    parser.add_argument("--provider", default="auto", help="where the file runs: auto, cpu, cuda …")
    parser.set_defaults(run=_verify)


def _verify(options: argparse.Namespace) -> int:
    if options.tolerance is not None and not options.tolerance > 0:
        raise ExportError(f"--tolerance {options.tolerance}: name a share above 0, such as 0.001")
    model = load_model(options.file, provider=options.provider)
    reference, precision = _reference(options.against, model)
    marked = None
    if options.data is not None:
        marked = pictures_of(options.data, most=options.pictures)
    elif precision == "int8":  # ranges are fitted to pictures, so patterns prove nothing
        marked = pictures_of(None, most=_DRAWN)
    images = (
        patterned_pictures(sizes_for(model.manifest.window_px))
        if marked is None
        else [one.image for one in marked.pictures]
    )
    compared = compare(reference, model.count_blocks, images)
    passes = show_comparison(compared, precision, options.tolerance)
    if options.data is not None and marked is not None:
        show_scores(compare_labelled(reference, model.count_blocks, marked.pictures), marked.origin)
    return 0 if passes else 1


def _reference(path: Path, model: Model) -> tuple[CountBlocks, Precision]:
    if path.suffix == ".onnx":
        other = load_model(path, provider="cpu")
        return other.count_blocks, coarsest(model.manifest, other.manifest)
    counter = load_checkpoint(path).build()
    return torch_counter(counter, model), coarsest(model.manifest)
