"""`python -m training.prepare SOURCE FOLDER`: a published data set into the common format.

Everything wrong in the source is reported at once; what can be used is written. The source
`synthetic:plaza` draws pictures instead of reading them, `synthetic:nobody` pictures of many things
and no people, and `synthetic:shapes` things with names for CLIP-Count: a set, and a second one of
pairs that the first never shows. With `--bins FOLDER…` nothing is written: the blocks of sets in
the common format are counted.
"""

import argparse
import sys
import tempfile
from collections import Counter as Tally
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.table import Table

from monitor.core.bins import Bin, BinSet, mean_values, middle_values, parse_bins
from training.console import ERR, OUT, fail, with_progress
from training.data.crops import read_rgb
from training.data.folder import SplitSet, read_folder, write_folder
from training.data.histogram import block_histogram, window_histogram
from training.data.labelled import LabelledPicture, LabelledSet
from training.data.layouts import Reading, recognize
from training.data.negatives import draw_negatives
from training.data.plaza import draw_plazas
from training.data.scenes import find_corners, group_scenes, hold_out, hold_out_tail
from training.data.shapes import UNSEEN, draw_set, pair_names, split_tail
from training.data.sizes import MULTIPLE_PX, SideLimits, fit_pictures
from training.data.ucf_cc_50 import FOLDS
from training.errors import DataError, TrainingError


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


PLAZA = "synthetic:plaza"
NEGATIVES = "synthetic:nobody"
SHAPES = "synthetic:shapes"
Draw = Callable[..., LabelledSet]
"""`draw_plazas` and its like."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: Words of the command line; None takes them from the system.

    Returns:
        Exit code: 0 done, 1 the source or the folder cannot be used, 2 wrong use.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.bins is None and options.folder is None:
        parser.error("name a source and a folder, or --bins and the folders to count in")
    if options.bins is not None and options.source is not None:
        parser.error("--bins only counts; name nothing else beside its folders")
    try:
        if options.bins is not None:
            _count(options)
        elif options.source == PLAZA:
            _draw(options, draw_plazas, "places")
        elif options.source == NEGATIVES:
            _draw(options, draw_negatives, "pictures")
        elif options.source == SHAPES:
            _draw_shapes(options)
        else:
            _convert(options)
    except TrainingError as error:
        return fail(error)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.prepare", description=__doc__)
    parser.add_argument(
        "source",
        nargs="?",
        help=f"folder of a published set, or one above such folders, or {PLAZA}, or {SHAPES}",
    )
    parser.add_argument(
        "folder", nargs="?", type=Path, help="where the common format goes; empty or new"
    )
    parser.add_argument(
        "--hold-out",
        choices=("official", "scene", "tail", "none"),
        default=None,
        help="what is kept for validation: the publishers' split (default where there is one), "
        "whole scenes (default elsewhere), the last stretch of time (default for one fixed "
        "camera), or nothing",
    )
    parser.add_argument(
        "--share", type=_share, default=0.15, help="share of pictures held out (default 0.15)"
    )
    parser.add_argument("--seed", type=int, default=0, help="which scenes are held out, or drawn")
    parser.add_argument(
        "--fold", type=int, choices=range(1, FOLDS + 1), default=1, help="of UCF_CC_50 (default 1)"
    )
    parser.add_argument(
        "--pictures", type=_positive, default=300, help="how many are drawn (default 300)"
    )
    parser.add_argument(
        "--min-side",
        type=_positive,
        help="enlarge smaller pictures to this, pixels; see --max-side",
    )
    parser.add_argument(
        "--max-side",
        type=_positive,
        help="shrink larger pictures to this, pixels; with either, sides become multiples of 32, "
        "marks move along; default: pictures stay untouched",
    )
    _add_bins(parser.add_argument_group("counting blocks"))
    return parser


def _add_bins(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--bins",
        type=Path,
        nargs="+",
        metavar="FOLDER",
        help="print how full the blocks of prepared sets are, and the anchors of bins",
    )
    group.add_argument("--block", type=_positive, default=8, help="side of a block (default 8)")
    group.add_argument(
        "--ranges", type=_bins, default="0,1,2,3,4+", help="which bins (default %(default)s)"
    )
    group.add_argument(
        "--sliding",
        action="store_true",
        help="blocks at every place, heads that share a pixel counted once, as the papers do; "
        "default: blocks side by side, every head counted",
    )


def _bins(text: str) -> tuple[Bin, ...]:
    try:
        return parse_bins(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _share(text: str) -> float:
    value = float(text)
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return value


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return value


def _draw(options: argparse.Namespace, draw: Draw, what: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        labelled = draw(
            Path(folder),
            pictures=options.pictures,
            seed=options.seed,
            progress=with_progress("drawing"),
        )
        held = hold_out_tail(options.pictures, share=options.share)
        split_set = SplitSet(labelled, tuple(held), f"{sum(held)} {what} held out")
        write_folder(split_set, options.folder)
        _report(split_set, options.folder)


def _draw_shapes(options: argparse.Namespace) -> None:
    unseen = max(1, round(options.share * options.pictures))
    for folder, pictures, names, held_out in (
        ("seen", options.pictures, pair_names(without=UNSEEN), unseen),
        ("unseen", unseen, UNSEEN, unseen),
    ):
        with tempfile.TemporaryDirectory() as drawn:
            labelled = draw_set(
                Path(drawn),
                names,
                pictures=pictures,
                # Apart from each other: no picture of one set is in the other.
                seed=2 * options.seed + (folder == "unseen"),
                progress=with_progress("drawing"),
            )
            split_set = split_tail(labelled, held_out=held_out)
            write_folder(split_set, options.folder / folder)
            _report(split_set, options.folder / folder)


def _count(options: argparse.Namespace) -> None:
    pictures = training_pictures(options.bins)
    histogram = count_blocks(pictures, block_px=options.block, sliding=options.sliding)
    print_blocks(options.ranges, histogram)


def _convert(options: argparse.Namespace) -> None:
    limits = _limits(options)
    found = _read(Path(options.source), fold=options.fold)
    for one in found:
        split_set = _split(one, options)
        name = _slug(split_set.labelled.name)
        folder = options.folder if len(found) == 1 else options.folder / name
        with tempfile.TemporaryDirectory() as resized:
            if limits is not None:
                split_set = _fit(split_set, limits, Path(resized))
            write_folder(split_set, folder)
        _report(split_set, folder)


def _limits(options: argparse.Namespace) -> SideLimits | None:
    if options.min_side is None and options.max_side is None:
        return None
    try:
        return SideLimits(options.min_side or MULTIPLE_PX, options.max_side)
    except ValueError as error:
        raise DataError(str(error)) from error


def _fit(split_set: SplitSet, limits: SideLimits, folder: Path) -> SplitSet:
    labelled = split_set.labelled
    pictures = fit_pictures(
        labelled.pictures, limits, folder, progress=with_progress("resizing pictures")
    )
    return replace(split_set, labelled=replace(labelled, pictures=pictures))


def _read(source: Path, *, fold: int) -> list[SplitSet | LabelledSet]:
    found: list[SplitSet | LabelledSet] = []
    for folder, layout in recognize(source):
        reading = Reading(with_progress(f"reading {layout.name}"), fold)
        found.extend(layout.read(folder, reading))
    return found


def _split(found: SplitSet | LabelledSet, options: argparse.Namespace) -> SplitSet:
    if isinstance(found, SplitSet) and options.hold_out in (None, "official"):
        return found
    labelled = found.labelled if isinstance(found, SplitSet) else found
    pictures = labelled.pictures
    if not labelled.is_marked:
        return SplitSet(labelled, (False,) * len(pictures), "test pictures without marks")
    if options.hold_out == "official":
        raise DataError(f"{labelled.name}: its publishers give no split; leave --hold-out out")
    way = options.hold_out or ("tail" if labelled.name == "Mall" else "scene")
    if way == "none":
        return SplitSet(labelled, (False,) * len(pictures), "nothing held out")
    if way == "tail":
        held = hold_out_tail(len(pictures), share=options.share)
        return SplitSet(labelled, tuple(held), f"the last {sum(held)} frames held out")
    scenes = _scenes(pictures)
    held = hold_out(scenes, share=options.share, seed=options.seed)
    words = (
        f"{sum(held)} of {len(held)} pictures held out, whole scenes of {len(set(scenes))} found, "
        f"seed {options.seed}"
    )
    return SplitSet(labelled, tuple(held), words)


def _scenes(pictures: Sequence[LabelledPicture]) -> list[int]:
    corners = [find_corners(read_rgb(one)) for one in with_progress("looking at places")(pictures)]
    return group_scenes(corners, progress=with_progress("comparing places"))


def _report(split_set: SplitSet, folder: Path) -> None:
    pictures = split_set.labelled.pictures
    people = sum(len(one.points_xy) for one in pictures)
    OUT.print(
        f"{folder}: {split_set.labelled.name}, {len(pictures)} pictures, {people} people; "
        f"{split_set.split}"
    )
    kinds = Tally(fault.what.lstrip("0123456789 ") for fault in split_set.labelled.faults)
    for fault in split_set.labelled.faults:
        ERR.print(f"  {fault}", soft_wrap=True)
    for kind, count in kinds.most_common():
        ERR.print(f"  in all: {count} × {kind}", soft_wrap=True)


def _slug(name: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in name.lower()).strip("-")


if __name__ == "__main__":
    sys.exit(main())
