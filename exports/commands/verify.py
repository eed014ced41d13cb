"""`exports verify`: does a file count what its checkpoint, or another file, counts?"""

import argparse
from pathlib import Path

from exports.commands.shown import show_comparison, show_scores
from exports.errors import ExportError
from exports.pictures import patterned_pictures, pictures_of, sizes_for
from exports.verify import (
    CountBlocks,
    Precision,
    coarsest,
    compare,
    compare_labelled,
    torch_counter,
)
from monitor.inference.model import Model, load_model
from training.checkpoint import load_checkpoint

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
