"""`exports open`: CLIP-Count in the form that counts whatever is typed."""

import argparse
from pathlib import Path

from exports.commands.shown import show_comparison
from exports.open_form import write_open
from training.checkpoint import load_checkpoint, sha256_of
from training.console import OUT


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
