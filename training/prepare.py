"""`python -m training.prepare SOURCE FOLDER`: a published data set into the common format.

Everything wrong in the source is reported at once; what can be used is written. The source
`synthetic:plaza` draws pictures instead of reading them.
"""

import argparse
import sys
import tempfile
from collections import Counter as Tally
from collections.abc import Sequence
from pathlib import Path

from training.console import ERR, OUT, fail, with_progress
from training.data.crops import read_rgb
from training.data.folder import SplitSet, write_folder
from training.data.labelled import LabelledPicture, LabelledSet
from training.data.mall import is_mall, read_mall
from training.data.plaza import draw_plazas
from training.data.scenes import find_corners, group_scenes, hold_out, hold_out_tail
from training.data.shanghaitech import find_parts, read_part
from training.errors import DataError, TrainingError

PLAZA = "synthetic:plaza"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: Words of the command line; None takes them from the system.

    Returns:
        Exit code: 0 done, 1 the source or the folder cannot be used.
    """
    options = _parser().parse_args(arguments)
    try:
        if options.source == PLAZA:
            _draw(options)
            return 0
        found = _read(Path(options.source))
        for labelled in found:
            folder = options.folder if len(found) == 1 else options.folder / _slug(labelled.name)
            split_set = _split(labelled, options)
            write_folder(split_set, folder)
            _report(split_set, folder)
    except TrainingError as error:
        return fail(error)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.prepare", description=__doc__)
    parser.add_argument(
        "source", help=f"folder of ShanghaiTech (a part, or both) or Mall, or {PLAZA}"
    )
    parser.add_argument("folder", type=Path, help="where the common format goes; empty or new")
    parser.add_argument(
        "--hold-out",
        choices=("scene", "tail", "none"),
        default=None,
        help="what is kept for validation: whole scenes (default), or the last stretch of time "
        "(default for one fixed camera), or nothing",
    )
    parser.add_argument(
        "--share", type=_share, default=0.15, help="share of pictures held out (default 0.15)"
    )
    parser.add_argument("--seed", type=int, default=0, help="which scenes are held out, or drawn")
    parser.add_argument(
        "--pictures", type=_positive, default=300, help=f"how many {PLAZA} draws (default 300)"
    )
    return parser


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


def _draw(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        labelled = draw_plazas(
            Path(folder),
            pictures=options.pictures,
            seed=options.seed,
            progress=with_progress("drawing"),
        )
        held = hold_out_tail(options.pictures, share=options.share)
        split_set = SplitSet(labelled, tuple(held), f"{sum(held)} places held out")
        write_folder(split_set, options.folder)
        _report(split_set, options.folder)


def _read(source: Path) -> list[LabelledSet]:
    if not source.is_dir():
        raise DataError(f"{source}: no such folder")
    if is_mall(source):
        return [read_mall(source, progress=with_progress("reading frames"))]
    parts = find_parts(source)
    if not parts:
        raise DataError(
            f"{source}: neither ShanghaiTech (folders `images` and `ground-truth`) nor Mall "
            "(`frames` and `mall_gt.mat`) was found in it"
        )
    return [read_part(part, progress=with_progress(f"reading {part.name}")) for part in parts]


def _split(labelled: LabelledSet, options: argparse.Namespace) -> SplitSet:
    pictures = labelled.pictures
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
