"""`exports info`: what a model file is, for people."""

import argparse
from pathlib import Path

from exports.information import describe_file
from training.console import OUT


def add_info(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `info` to the commands."""
    parser = commands.add_parser("info", help="say what a model file is, for people")
    parser.add_argument("file", type=Path)
    parser.set_defaults(run=_info)


def _info(options: argparse.Namespace) -> int:
    OUT.print(describe_file(options.file), soft_wrap=True, markup=False)
    return 0
