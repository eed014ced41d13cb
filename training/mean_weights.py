"""`python -m training.mean_weights OUT CHECKPOINT…`: one network from several that began as one.

Runs that begin at the same weights end up near each other, and the network with the mean of their
weights often counts better than each of them, at the cost of one. What it learned and what was
measured of its errors is not a mean: the first checkpoint's notes are kept, without its errors.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from training.console import OUT, fail
from training.errors import TrainingError
from training.models.config import CounterConfig, PyramidConfig

_OF_ONE_RUN = ("calibration", "novelty", "errors", "relative_error", "step")
"""Notes that no longer hold; `training.evaluate` and `training.novelty` write them anew."""


def mean_of(checkpoints: Sequence[Checkpoint]) -> Checkpoint:
    """Give the network with the mean of all weights.

    Args:
        checkpoints: One or more of the same network; their order does not matter to the weights.
            How they look at small pictures may differ: the first one's way is kept.

    Returns:
        The network of the first, with its notes but for those on errors.

    Raises:
        TrainingError: If they are not of one network.

    Source:
        Wortsman et al., "Model soups" (arXiv 2203.05482), the uniform one.
    """
    first, *others = checkpoints
    for other in others:
        is_alike = _shape_of(other.network) == _shape_of(first.network)
        if not is_alike or other.weights.keys() != first.weights.keys():
            raise TrainingError(
                "these checkpoints are not of one network; the mean of their weights would be none"
            )
    weights = {
        name: torch.stack([one.weights[name].double() for one in checkpoints])
        .mean(dim=0)
        .to(value.dtype)
        if value.is_floating_point()
        else value
        for name, value in first.weights.items()
    }
    kept = {name: value for name, value in first.metadata.items() if name not in _OF_ONE_RUN}
    return replace(first, weights=weights, metadata=kept)


def _shape_of(network: CounterConfig) -> CounterConfig:
    """Leave out of a description what no weight depends on."""
    if isinstance(network, PyramidConfig):
        return network.model_copy(update={"least_pixels": 0})
    return network


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: Words of the command line; None takes them from the system.

    Returns:
        Exit code: 0 done, 1 something a person can mend, 2 wrong use.
    """
    parser = argparse.ArgumentParser(
        prog="python -m training.mean_weights",
        description="Write the network with the mean of several checkpoints' weights.",
    )
    parser.add_argument("out", type=Path, help="checkpoint to write; must not exist")
    parser.add_argument("checkpoints", type=Path, nargs="+", metavar="CHECKPOINT")
    options = parser.parse_args(arguments)
    if options.out.exists():
        parser.error(f"{options.out} exists; name another file")
    try:
        mean = mean_of([load_checkpoint(one) for one in options.checkpoints])
        save_checkpoint(mean, options.out)
    except TrainingError as error:
        return fail(error)
    OUT.print(
        f"{options.out}: mean of {len(options.checkpoints)} checkpoints; teach it what it "
        "knows (training.novelty) and fit its interval (training.evaluate --calibrate)"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
