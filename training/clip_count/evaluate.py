"""Score a network that is asked what to count: `training.evaluate` on a CLIP-Count checkpoint.

Every picture is asked for everything marked in it and for some things that are not in it. With
`--asks FILE.json` (`{"7.jpg": {"class": "apples", "count": 4}}`, the form of FSC-147-S) pictures
are asked for one of several kinds of things in them, whose number the file says.
"""

import csv
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.table import Table

from training.checkpoint import Checkpoint, save_checkpoint
from training.clip_count.network import ClipCounter
from training.clip_count.scoring import Answer, Asking, PromptScore, absent_names, score_answers
from training.console import OUT, with_progress
from training.data.crops import read_rgb
from training.data.folder import SplitSet, read_folder
from training.data.fsc147 import OUTLIER
from training.data.labelled import LabelledPicture, names_in, points_named, vocabulary
from training.errors import DataError

_WRONG_QUESTIONS = 2
"""Things asked for that are not in a picture."""


@dataclass(frozen=True)
class Orders:
    """What to score, and what to do with it."""

    data: Sequence[Path]
    """Folders in the common format."""
    all_pictures: bool = False
    """Ask training pictures too."""
    asks: Path | None = None
    """File of questions, in place of those that the marks answer."""
    stride_px: int | None = None
    """Distance between windows; None: half a window."""
    table: Path | None = None
    """Where every answer is written to, as CSV."""
    saves: Path | None = None
    """Checkpoint that the errors are written into."""


def evaluate_prompts(checkpoint: Checkpoint, orders: Orders) -> None:
    """Ask, print, and write what was ordered.

    Args:
        checkpoint: Of CLIP-Count.
        orders: What to do.

    Raises:
        DataError: If pictures, questions or files cannot be used.
        CheckpointError: If the weights do not fit, or the errors cannot be written.
    """
    counter = checkpoint.build()
    assert isinstance(counter, ClipCounter)  # the caller has looked
    asking = Asking(counter, stride_px=orders.stride_px)
    sets = [read_folder(folder) for folder in orders.data]
    names = vocabulary(one for each in sets for one in each.labelled.pictures)
    asked = None if orders.asks is None else read_questions(orders.asks)
    answers = [_answers(one, asking, names, asked, orders) for one in sets]
    scores = [score_answers(one, outliers=(OUTLIER,)) for one in answers]
    _print(sets, scores)
    if orders.table is not None:
        _write(orders.table, sets, answers)
    if orders.saves is not None:
        errors = [_error(one, score) for one, score in zip(sets, scores, strict=True)]
        metadata = {**checkpoint.metadata, "errors": errors}
        save_checkpoint(replace(checkpoint, metadata=metadata), orders.saves)


def read_questions(path: Path) -> dict[str, tuple[str, float]]:
    """Read what pictures are to be asked for.

    Args:
        path: JSON, for each picture's name an object with `class` and `count`.

    Returns:
        Prompt and true count by the picture's name.

    Raises:
        DataError: If it cannot be read, or an entry has no class or no count.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return {
            str(name): (str(one["class"]), float(one["count"])) for name, one in document.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"{path}: no questions could be read ({error!r}); it holds JSON such as "
            '{"7.jpg": {"class": "apples", "count": 4}}'
        ) from error


def _answers(
    split_set: SplitSet,
    asking: Asking,
    names: Sequence[str],
    asked: dict[str, tuple[str, float]] | None,
    orders: Orders,
) -> list[Answer]:
    pictures = split_set.labelled.pictures if orders.all_pictures else split_set.part(held_out=True)
    if asked is not None:
        pictures = tuple(one for one in split_set.labelled.pictures if one.name in asked)
    name = split_set.labelled.name
    if not pictures:
        found = "nothing is held out in it; add --all" if asked is None else "no picture is asked"
        raise DataError(f"{name}: {found}")
    answers: list[Answer] = []
    for one in with_progress(f"asking {name}")(pictures):
        questions = (
            _questions(one, names)
            if asked is None
            else [Answer(one.name, *asked[one.name], count=math.nan)]
        )
        image = read_rgb(one)
        answers.extend(
            replace(each, count=float(asking.count(image, each.prompt).sum(dtype="float64")))
            for each in questions
        )
    return answers


def _questions(picture: LabelledPicture, names: Sequence[str]) -> list[Answer]:
    right = [
        Answer(picture.name, name, float(len(points_named(picture, name))), math.nan)
        for name in names_in(picture)
    ]
    wrong = [
        Answer(picture.name, name, 0.0, math.nan, is_wrong=True)
        for name in absent_names(picture, names, most=_WRONG_QUESTIONS)
    ]
    return [*right, *wrong]


def _print(sets: Sequence[SplitSet], scores: Sequence[PromptScore]) -> None:
    table = Table(
        "set", "questions", "MAE", "RMSE", f"RMSE without {OUTLIER}", "NAE", "bias",
        "counted of what is absent", "sensitivity to the prompt",
    )  # fmt: skip
    for one, score in zip(sets, scores, strict=True):
        table.add_row(
            one.labelled.name,
            str(score.right.pictures),
            f"{score.right.mae:.2f}",
            f"{score.right.rmse:.2f}",
            f"{score.rmse_without_outliers:.2f}",
            f"{score.right.nae:.1%}",
            f"{score.right.bias:+.2f}",
            f"{score.absent_count:.2f}",
            f"{score.sensitivity:.2f}",
        )
    OUT.print(table)


def _write(path: Path, sets: Sequence[SplitSet], answers: Sequence[Sequence[Answer]]) -> None:
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["set", "image", "prompt", "truth", "count", "is_absent"])
            for split_set, its in zip(sets, answers, strict=True):
                writer.writerows(
                    [split_set.labelled.name, one.picture, one.prompt, one.truth, one.count,
                     int(one.is_wrong)]
                    for one in its
                )  # fmt: skip
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror})") from error


def _error(split_set: SplitSet, score: PromptScore) -> dict[str, object]:
    right = score.right
    return {
        "split": f"{split_set.labelled.name}: {split_set.split}",
        "pictures": right.pictures,
        "mae": right.mae,
        "rmse": right.rmse,
        "nae": 0.0 if math.isnan(right.nae) else right.nae,
    }
