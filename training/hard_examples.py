"""`python -m training.hard_examples MODEL.onnx FOLDER…`: draw most often what is counted worst.

Counts every picture that a model may learn from and writes beside each set how often its pictures
are to be drawn (`weights.csv`): those of nobody in which it sees people, rooms of empty seats,
near faces that it counts twice. Training from that model on (`training.fit --init`) then sees most
of what it still gets wrong. Held-out pictures are neither counted nor drawn.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from monitor.core.errors import MonitorError
from training.console import OUT, fail, with_progress
from training.data.crops import read_rgb
from training.data.folder import read_folder, write_weights
from training.errors import TrainingError
from training.evaluate import open_file

MOST = 6.0
"""How often the worst pictures are drawn, in terms of those that are counted right."""
_FEW_PEOPLE = 5.0
"""Errors are judged against the people there, and so many more: in pictures of nobody one person
too many is a fault, but not an infinite one."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: Words of the command line; None takes them from the system.

    Returns:
        Exit code: 0 done, 1 something a person can mend, 2 wrong use.
    """
    parser = argparse.ArgumentParser(
        prog="python -m training.hard_examples",
        description="Say which pictures to draw most often: those that a model counts worst.",
    )
    parser.add_argument("model", type=Path, help="ONNX file")
    parser.add_argument("folders", type=Path, nargs="+", help="sets in the common format")
    options = parser.parse_args(arguments)
    try:
        for folder in options.folders:
            _weigh(options.model, folder)
    except (TrainingError, MonitorError) as error:
        return fail(error)
    return 0


def weight_of(truth: float, count: float) -> float:
    """Say how often a picture is to be drawn.

    Args:
        truth: People marked.
        count: People counted.

    Returns:
        1 where the count is right, up to `MOST` where it is wrong by the people there or more.
    """
    return 1 + (MOST - 1) * min(1.0, abs(count - truth) / (truth + _FEW_PEOPLE))


def _weigh(model_file: Path, folder: Path) -> None:
    model = open_file(model_file)
    split_set = read_folder(folder)
    pictures = split_set.part(held_out=False)
    weights: dict[str, float] = {}
    for one in with_progress(f"counting {split_set.labelled.name}")(pictures):
        count = float(model.look(read_rgb(one)).density.sum(dtype=np.float64))
        weights[one.name] = weight_of(len(one.points_xy), count)
    write_weights(folder, weights)
    hard = sum(weight > (1 + MOST) / 2 for weight in weights.values())
    OUT.print(f"{folder}: {len(weights)} pictures weighed, {hard} of them hard")


if __name__ == "__main__":
    sys.exit(main())
