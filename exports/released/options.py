"""The words of the command line that say what a released file leaves out."""

import argparse

from exports.errors import ExportError
from exports.released.choices import DATA_SETS, Choices
from exports.released.importer import Imported
from monitor.core.bins import BinSet, middle_values, parse_bins
from training.checkpoint import Checkpoint
from training.models.published_bins import bin_names, bins_by_name

GRANULARITIES = ("fine", "dynamic", "coarse")
"""How finely published bins are cut."""


def add_import_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the import to a command."""
    parser.add_argument(
        "--dataset", choices=DATA_SETS, help="data set that the weights were trained on"
    )
    parser.add_argument(
        "--bins",
        help=f"bins, such as 0,1,2,3,4+, or the name of published ones: {', '.join(bin_names())}",
    )
    parser.add_argument("--values", help="what the bins stand for, such as 0,1,2,3,4.21931")
    parser.add_argument("--block", type=int, help="side of a block, pixels")
    parser.add_argument("--truncation", type=int, help="count from which the last bin is open")
    parser.add_argument("--granularity", choices=GRANULARITIES, help="how finely bins are cut")
    parser.add_argument(
        "--prompts", choices=("word", "number"), help="how counts were written in sentences"
    )
    parser.add_argument("--window", type=int, help="window of a vision transformer, pixels")
    parser.add_argument("--backbone", help="name of the trunk, where it is a model of timm")
    parser.add_argument(
        "--gelu",
        choices=("exact", "quick"),
        help="activation that a vision transformer of ZIP was trained with; default: exact",
    )


def choices_of(options: argparse.Namespace) -> Choices:
    """Read the options of the import.

    Args:
        options: What `add_import_options` let through.

    Returns:
        The choices.

    Raises:
        ExportError: If bins or their values cannot be read or do not fit together.
    """
    return Choices(
        backbone=options.backbone,
        data_set=options.dataset,
        bins=_bins(options.bins, options.values),
        block_px=options.block,
        truncation=options.truncation,
        granularity=options.granularity,
        style=options.prompts,
        window_px=options.window,
        quick_gelu=None if options.gelu is None else options.gelu == "quick",
    )


def checkpoint_of(imported: Imported) -> Checkpoint:
    """Make a checkpoint of ours from an imported network."""
    return Checkpoint(
        imported.config, imported.counter.state_dict(), {"released": imported.metadata}
    )


def _bins(bins: str | None, values: str | None) -> BinSet | None:
    if bins is None:
        if values is not None:
            raise ExportError("--values says what bins stand for; say the --bins as well")
        return None
    try:
        if bins in bin_names():
            return bins_by_name(bins)
        parsed = parse_bins(bins)
        stands_for = (
            middle_values(parsed)
            if values is None
            else tuple(float(value) for value in values.split(","))
        )
        return BinSet(parsed, stands_for)
    except ValueError as error:
        raise ExportError(f"--bins {bins} --values {values}: {error}") from error
