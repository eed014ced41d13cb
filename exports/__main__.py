"""`python -m exports`: from a checkpoint to a model file, proven, and what a file is."""

import argparse
import sys
from collections.abc import Sequence

from exports.bench import add_bench
from exports.commands import add_import, add_info, add_onnx, add_open, add_tensorrt, add_verify
from exports.errors import ExportError
from monitor.core.errors import MonitorError
from training.console import ERR
from training.errors import TrainingError


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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m exports", description=__doc__)
    commands = parser.add_subparsers(required=True)
    for add in (add_onnx, add_open, add_verify, add_info, add_bench, add_tensorrt, add_import):
        add(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
