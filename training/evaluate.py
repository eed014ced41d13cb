"""`python -m training.evaluate MODEL --data FOLDER…`: how wrong is it, and how sure may it be?

MODEL is a checkpoint or an ONNX file; either is run by the app's own tile plan on whole pictures.
Held-out pictures alone are counted unless told otherwise. With `--calibrate` the errors and the
calibration of the interval are written into the checkpoint, from where the exporter takes them.
With `--submission` pictures without marks are counted for the NWPU-Crowd benchmark.
"""

import argparse
import csv
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from monitor.core.arrays import RgbImage
from monitor.core.errors import MonitorError
from monitor.core.manifest import Calibration
from monitor.inference.model import load_model
from training.calibration import (
    LEVEL,
    coverage_left_out,
    fit_calibration,
    fit_transfer,
)
from training.checkpoint import load_checkpoint, save_checkpoint
from training.clip_count.evaluate import Orders, evaluate_prompts
from training.console import ERR, OUT, fail, with_progress
from training.counting import Look, look_at, plan_for
from training.data.crops import read_rgb
from training.data.folder import SplitSet, read_folder, read_unmarked
from training.data.labelled import LabelledPicture
from training.data.nwpu_crowd import write_submission
from training.errors import DataError, TrainingError
from training.models.config import ClipCountConfig
from training.reports import band_table, condition_table, error_table, pair_table, spread_table
from training.robustness import CONDITIONS, SMALLEST_SHARE, score_of, shrunk_table, under_each
from training.scoring import PictureScore, SetScore, grid_error, score_set

GAME_LEVELS = 6
"""Finest grid of GAME that can be asked for: 64 × 64 cells."""


@dataclass(frozen=True)
class OpenedModel:
    """A model, ready to count."""

    look: Callable[[RgbImage], Look]
    block_px: int
    calibration: Calibration | None
    """How variances become intervals; None if not fitted."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: Words of the command line; None takes them from the system.

    Returns:
        Exit code: 0 done, 1 something a person can mend, 2 wrong use.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    is_checkpoint = options.model.suffix != ".onnx"
    if options.calibrate and not is_checkpoint:
        parser.error("--calibrate needs a checkpoint; an ONNX file is made from one")
    if any(not SMALLEST_SHARE <= share <= 1 for share in options.shrink):
        parser.error(f"--shrink takes shares of {SMALLEST_SHARE} to 1")
    is_scored = (
        any(
            (
                options.calibrate,
                options.csv,
                options.game,
                options.shrink,
                options.bands,
                options.against,
            )
        )
        or options.conditions
    )
    if options.submission is not None and (is_scored or len(options.data) > 1):
        parser.error("--submission counts one set without marks; nothing can be scored on it")
    try:
        if is_checkpoint and _is_asked(options):
            return 0
        opened = _open_checkpoint(options) if is_checkpoint else open_file(options.model)
        if options.submission is not None:
            _submit(opened, options.data[0], options.submission)
        else:
            _evaluate(opened, options)
    except (TrainingError, MonitorError) as error:
        return fail(error)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.evaluate", description="Score a model on marked pictures."
    )
    parser.add_argument("model", type=Path, help="checkpoint or ONNX file")
    parser.add_argument("--data", type=Path, nargs="+", required=True, metavar="FOLDER")
    parser.add_argument("--all", action="store_true", help="count training pictures too")
    parser.add_argument(
        "--against",
        type=Path,
        metavar="OTHER.onnx",
        help="compare with another model file, picture by picture",
    )
    parser.add_argument("--csv", type=Path, help="write every picture's truth and count there")
    parser.add_argument(
        "--game",
        type=int,
        choices=range(GAME_LEVELS + 1),
        nargs="+",
        default=[],
        metavar="LEVEL",
        help="show the errors over grids of 2^LEVEL rows and columns (GAME), for example 1 2 3",
    )
    parser.add_argument(
        "--shrink",
        type=float,
        nargs="+",
        default=[],
        metavar="SHARE",
        help="show how much counts change when pictures are shrunk, for example to 0.5 and 0.25",
    )
    parser.add_argument(
        "--bands",
        type=float,
        nargs="+",
        default=[],
        metavar="PEOPLE",
        help="show the errors by how many people are there, for example 50 200 800",
    )
    parser.add_argument(
        "--conditions",
        action="store_true",
        help=f"show the errors under {', '.join(CONDITIONS)}",
    )
    parser.add_argument(
        "--calibrate",
        action="store_true",
        help="fit the interval and write it, with the errors, into the checkpoint",
    )
    parser.add_argument(
        "--submission",
        type=Path,
        metavar="OUT.txt",
        help="count a set without marks and write what the NWPU-Crowd benchmark takes",
    )
    parser.add_argument(
        "--asks",
        type=Path,
        metavar="FILE.json",
        help="CLIP-Count: what pictures are asked for; default: all that is marked in them",
    )
    parser.add_argument("--window", type=int, help="side of windows, pixels; default: whole")
    parser.add_argument("--stride", type=int, help="distance of windows; default: the window")
    return parser


def _is_asked(options: argparse.Namespace) -> bool:
    """Score a network that counts by prompts, if the checkpoint holds one."""
    checkpoint = load_checkpoint(options.model)
    if not isinstance(checkpoint.network, ClipCountConfig):
        return False
    orders = Orders(
        data=options.data,
        all_pictures=options.all,
        asks=options.asks,
        stride_px=options.stride,
        table=options.csv,
        saves=options.model if options.calibrate else None,
    )
    evaluate_prompts(checkpoint, orders)
    return True


def _evaluate(opened: OpenedModel, options: argparse.Namespace) -> None:
    sets = [read_folder(folder) for folder in options.data]
    scores = [_score(one, opened, options) for one in sets]
    names = [one.labelled.name for one in sets]
    OUT.print(error_table(names, scores, options.game))
    if options.against is not None:
        other = open_file(options.against)
        others = [_score(one, other, options) for one in sets]
        OUT.print(pair_table(names, scores, others))
    if options.bands:
        OUT.print(band_table(scores, sorted(options.bands)))
    chosen = [(name, _chosen(one, options)) for name, one in zip(names, sets, strict=True)]
    if options.conditions:
        OUT.print(condition_table(names, [("as it is", scores), *under_each(chosen, opened.look)]))
    if options.shrink:
        OUT.print(shrunk_table(chosen, opened.look, options.shrink))
    if options.csv is not None:
        _write_csv(options.csv, sets, scores, options.game)
    calibration = opened.calibration
    if options.calibrate:
        calibration = _calibrate(options.model, sets, scores)
    if calibration is not None and _all_have_variances(scores):
        OUT.print(spread_table(names, scores, calibration))


def _submit(opened: OpenedModel, folder: Path, path: Path) -> None:
    unmarked = read_unmarked(folder)
    for fault in unmarked.faults:
        ERR.print(f"  {fault}", soft_wrap=True)
    pictures = with_progress(f"counting {unmarked.name}")(unmarked.pictures)
    counts = {
        one.name: float(opened.look(read_rgb(one)).density.sum(dtype=np.float64))
        for one in pictures
    }
    write_submission(path, counts)
    OUT.print(f"{path}: counts of {len(counts)} pictures")


def open_file(path: Path) -> OpenedModel:
    """Open a model file as the app does, ready to count."""
    model = load_model(path)

    def look(image: RgbImage) -> Look:
        found = model.predict(image)
        return Look(found.density, found.block_variance, found.novelty)

    return OpenedModel(look, model.manifest.block_px, model.manifest.calibration)


def _open_checkpoint(options: argparse.Namespace) -> OpenedModel:
    checkpoint = load_checkpoint(options.model)
    counter = checkpoint.build()
    window_px = options.window or getattr(counter, "window_px", None)
    stride_px = options.stride or window_px

    def look(image: RgbImage) -> Look:
        size_hw = (image.shape[0], image.shape[1])
        plan = plan_for(counter, size_hw, window_px=window_px, stride_px=stride_px)
        return look_at(counter, image, plan)

    calibration = checkpoint.metadata.get("calibration")
    fitted = Calibration.model_validate(calibration) if calibration else None
    return OpenedModel(look, counter.block_px, fitted)


def _score(
    split_set: SplitSet, opened: OpenedModel, options: argparse.Namespace
) -> list[PictureScore]:
    counted = with_progress(f"counting {split_set.labelled.name}")(_chosen(split_set, options))
    return [_count(one, opened, options.game) for one in counted]


def _chosen(split_set: SplitSet, options: argparse.Namespace) -> Sequence[LabelledPicture]:
    pictures = split_set.labelled.pictures if options.all else split_set.part(held_out=True)
    if not pictures:
        name = split_set.labelled.name
        raise DataError(f"{name}: nothing is held out in it; add --all to count every picture")
    return pictures


def _count(picture: LabelledPicture, opened: OpenedModel, levels: Sequence[int]) -> PictureScore:
    look = opened.look(read_rgb(picture))
    errors = tuple(
        grid_error(
            look.density,
            picture.points_xy,
            size_hw=picture.size_hw,
            block_px=opened.block_px,
            level=level,
        )
        for level in levels
    )
    return replace(score_of(picture, look), grid_errors=errors)


def _all_have_variances(scores: Sequence[list[PictureScore]]) -> bool:
    return all(picture.variance is not None for one in scores for picture in one)


def _write_csv(
    path: Path,
    sets: Sequence[SplitSet],
    scores: Sequence[list[PictureScore]],
    levels: Sequence[int],
) -> None:
    grids = [f"grid_error_{level}" for level in levels]
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["set", "image", "truth", "count", "variance", *grids])
            for split_set, one in zip(sets, scores, strict=True):
                name = split_set.labelled.name
                for score in one:
                    row = [name, score.name, score.truth, score.count, score.variance]
                    writer.writerow([*row, *score.grid_errors])
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror})") from error


def _calibrate(
    path: Path, sets: Sequence[SplitSet], scores: Sequence[list[PictureScore]]
) -> Calibration | None:
    checkpoint = load_checkpoint(path)
    errors = [
        _error(split_set, score_set(one)) for split_set, one in zip(sets, scores, strict=True)
    ]
    metadata = {**checkpoint.metadata, "errors": errors}
    calibration: Calibration | None = None
    if _all_have_variances(scores):
        calibration, held, how = _fit(scores)
        metadata["calibration"] = calibration.model_dump()
        for error, share in zip(errors, held, strict=True):
            error["coverage"] = share
        OUT.print(
            f"variance = {calibration.law}: the {LEVEL:.0%} interval holds "
            f"{calibration.coverage:.0%} of {how} (each set with the same say)"
        )
    save_checkpoint(replace(checkpoint, metadata=metadata), path)
    return calibration


def _fit(
    scores: Sequence[Sequence[PictureScore]],
) -> tuple[Calibration, tuple[float, ...], str]:
    """Fit the interval; also how often it holds each set, and which pictures of it."""
    if len(scores) > 1:
        transfer = fit_transfer(scores)
        return transfer.calibration, transfer.held, "pictures of kinds left out of the fit"
    held = coverage_left_out(scores)
    calibration = fit_calibration(scores).model_copy(update={"coverage": held[0]})
    return calibration, held, "pictures left out of the fit"


def _error(split_set: SplitSet, measured: SetScore) -> dict[str, object]:
    return {
        "split": f"{split_set.labelled.name}: {split_set.split}",
        "pictures": measured.pictures,
        "mae": measured.mae,
        "rmse": measured.rmse,
        "nae": 0.0 if np.isnan(measured.nae) else measured.nae,
    }


if __name__ == "__main__":
    sys.exit(main())
