"""How full the blocks of a data set are, and what its bins stand for: `prepare --bins`."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.table import Table

from monitor.core.bins import Bin, BinSet, mean_values, middle_values
from training.console import OUT, with_progress
from training.data.folder import read_folder
from training.data.histogram import block_histogram, window_histogram
from training.data.labelled import LabelledPicture
from training.errors import DataError


def training_pictures(folders: Sequence[Path]) -> tuple[LabelledPicture, ...]:
    """Give the pictures of sets in the common format that are not held out.

    Args:
        folders: One or more sets.

    Returns:
        What a network would learn from.

    Raises:
        DataError: If a folder cannot be used, or every picture is held out.
    """
    sets = [read_folder(folder) for folder in folders]
    pictures = tuple(picture for one in sets for picture in one.part(held_out=False))
    if not pictures:
        raise DataError("every picture is held out for validation; there is nothing to count")
    return pictures


def count_blocks(
    pictures: Sequence[LabelledPicture], *, block_px: int, sliding: bool
) -> tuple[int, ...]:
    """Count blocks by the people in them.

    Args:
        pictures: Where to count.
        block_px: Side of a block, pixels.
        sliding: Look at blocks at every place as the papers do, not side by side.

    Returns:
        How many blocks hold 0, 1, 2, … people; as long as the fullest one needs.
    """
    watched = tuple(with_progress("counting blocks")(pictures))
    found = (
        window_histogram(watched, window_px=block_px)
        if sliding
        else block_histogram(watched, block_px=block_px)
    )
    return tuple(np.trim_zeros(found, "b"))


def print_blocks(bins: Sequence[Bin], histogram: Sequence[int]) -> None:
    """Print how common each count is, and each bin's share and anchors.

    Args:
        bins: Which counts go together.
        histogram: How many blocks hold 0, 1, 2, … people.
    """
    total = max(1, sum(histogram))
    counts = Table("people in a block", "blocks", "share")
    for people, blocks in enumerate(histogram):
        counts.add_row(str(people), str(blocks), f"{blocks / total:.5%}")
    OUT.print(counts)
    average, middle = mean_values(bins, histogram), middle_values(bins)
    classes = BinSet(tuple(bins), average).class_of(np.arange(len(histogram)))
    shares = np.bincount(classes, weights=histogram, minlength=len(bins)) / total
    table = Table("bin", "share", "average", "middle")
    for one, share, mean, mid in zip(bins, shares, average, middle, strict=True):
        table.add_row(str(one), f"{share:.5%}", f"{mean:.5f}", f"{mid:g}")
    OUT.print(table)
