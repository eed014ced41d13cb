"""Tell published data sets by their layout, wherever they lie below a folder."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias, TypeVar

from training.data.carpk import is_carpk, read_carpk
from training.data.folder import SplitSet, is_folder, read_folder
from training.data.fsc147 import is_fsc147, read_fsc147
from training.data.jhu_crowd import is_jhu_crowd, read_jhu_crowd
from training.data.labelled import LabelledSet
from training.data.mall import is_mall, read_mall
from training.data.nwpu_crowd import is_nwpu_crowd, read_nwpu_crowd
from training.data.shanghaitech import is_part, is_whole, read_part, read_whole
from training.data.ucf_cc_50 import is_ucf_cc_50, read_ucf_cc_50
from training.data.ucf_qnrf import is_ucf_qnrf, read_ucf_qnrf
from training.errors import DataError

Found: TypeAlias = SplitSet | LabelledSet
"""With the publishers' split where there is one."""
Item = TypeVar("Item")


class Progress(Protocol):
    """Wraps things to be read, to show how far reading is."""

    def __call__(self, items: Iterable[Item], /) -> Iterable[Item]:
        """Give the same items."""


@dataclass(frozen=True)
class Reading:
    """How a set is to be read."""

    progress: Progress
    fold: int = 1
    """Which fold is held out, where a set has folds."""


@dataclass(frozen=True)
class Layout:
    """The form in which a data set is published."""

    name: str
    looks: str
    """What a folder of it holds, in words."""
    fits: Callable[[Path], bool]
    read: Callable[[Path, Reading], tuple[Found, ...]]


LAYOUTS = (
    Layout(
        "the common format",
        "`images` and `points.csv`",
        is_folder,
        lambda folder, _: (read_folder(folder),),
    ),
    Layout(
        "NWPU-Crowd",
        "`images_part1`, `mats`, `train.txt`, `val.txt`",
        is_nwpu_crowd,
        lambda folder, how: read_nwpu_crowd(folder, progress=how.progress),
    ),
    Layout(
        "JHU-Crowd++",
        "`train`, `val` and `test` with `images`, `gt` and `image_labels.txt`",
        is_jhu_crowd,
        lambda folder, how: (read_jhu_crowd(folder, progress=how.progress),),
    ),
    Layout(
        "UCF-QNRF",
        "`Train` and `Test` with `img_0001_ann.mat`",
        is_ucf_qnrf,
        lambda folder, how: (read_ucf_qnrf(folder, progress=how.progress),),
    ),
    Layout(
        "UCF_CC_50",
        "`1.jpg` and `1_ann.mat`",
        is_ucf_cc_50,
        lambda folder, how: (read_ucf_cc_50(folder, fold=how.fold, progress=how.progress),),
    ),
    Layout(
        "FSC-147",
        "`images_384_VarV2` and the lists of FSC_147",
        is_fsc147,
        lambda folder, how: read_fsc147(folder, progress=how.progress),
    ),
    Layout(
        "CARPK",
        "`Images`, `Annotations` and `ImageSets`",
        is_carpk,
        lambda folder, how: (read_carpk(folder, progress=how.progress),),
    ),
    Layout(
        "Mall",
        "`frames` and `mall_gt.mat`",
        is_mall,
        lambda folder, how: (read_mall(folder, progress=how.progress),),
    ),
    Layout(
        "ShanghaiTech",
        "`train_data` and `test_data`",
        is_whole,
        lambda folder, how: (read_whole(folder, progress=how.progress),),
    ),
    Layout(
        "one part of ShanghaiTech",
        "`images` and `ground-truth`",
        is_part,
        lambda folder, how: (read_part(folder, progress=how.progress),),
    ),
)
"""Every layout that is read; the first one that fits is taken."""


def recognize(source: Path) -> list[tuple[Path, Layout]]:
    """Find the data sets in a folder and below it.

    Args:
        source: Where to look.

    Returns:
        Every folder that holds a set, with its layout; nothing inside a set is looked at again.

    Raises:
        DataError: If there is no such folder, or no set in it; says what is looked for.
    """
    if not source.is_dir():
        raise DataError(f"{source}: no such folder")
    found = list(_search(source))
    if not found:
        known = "; ".join(f"{one.name} ({one.looks})" for one in LAYOUTS)
        raise DataError(f"{source}: none of these data sets was found in it: {known}")
    return found


def _search(folder: Path) -> Iterator[tuple[Path, Layout]]:
    layout = next((one for one in LAYOUTS if one.fits(folder)), None)
    if layout is not None:
        yield folder, layout
        return
    for below in sorted(path for path in folder.iterdir() if path.is_dir()):
        yield from _search(below)
