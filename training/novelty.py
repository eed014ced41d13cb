"""`python -m training.novelty CHECKPOINT --data FOLDER…`: teach a network which pictures it knows.

A trained network learns what its training pictures look like to it, and from then on says of
every picture how unlike them it is; the app calls a count unreliable where that is too much. The
limit is where a stated share of held-out pictures of the same kinds lies above it. What it is
worth is shown on corrupted pictures and on drawn ones without any scene.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np
import torch
from rich.table import Table
from torch import Tensor

from monitor.core.arrays import RgbImage
from monitor.core.manifest import Novelty
from training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from training.console import OUT, fail, with_progress
from training.data.augment import normalize, pad_to_multiple
from training.data.crops import read_rgb
from training.data.folder import SplitSet, read_folder
from training.data.foreign import FOREIGN
from training.data.labelled import LabelledPicture
from training.errors import DataError, TrainingError
from training.models.config import PyramidConfig
from training.models.familiarity import Familiarity
from training.models.pyramid import PyramidCounter
from training.robustness import shrink

DIRECTIONS = 64
"""Directions in which known pictures may differ each by its own amount."""

FALSE_SHARE = 0.02
"""Share of known pictures that may be taken for unknown."""


@dataclass(frozen=True)
class Separation:
    """How well one kind of foreign picture is told from the known ones."""

    auroc: float
    """Chance that a foreign picture is more novel than a known one; 0.5 is guessing."""
    found: float
    """Share of foreign pictures above the limit."""


def describe_picture(counter: PyramidCounter, image: RgbImage) -> Tensor:
    """Sum up a picture by a network's maps.

    Args:
        counter: Network in evaluation mode.
        image: Shape (H, W, 3), uint8, RGB.

    Returns:
        Shape (size,), float.
    """
    picture = torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1)
    whole = pad_to_multiple(picture, counter.size_multiple)[None]
    with torch.inference_mode():
        described = counter.describe(normalize(whole, counter.mean, counter.std))
    return described[0]


def even_shares(sizes: Sequence[int]) -> Tensor:
    """Give every set the same say: shape (pictures in all,), adding up to 1."""
    parts = [torch.full((size,), 1 / size) for size in sizes if size]
    return torch.cat(parts) / len(parts)


def limit_of(novelties: Sequence[Sequence[float]]) -> Novelty:
    """Find the limit that the stated share of known pictures lies above.

    Args:
        novelties: Of held-out pictures, by set; every set has the same say.

    Returns:
        The limit, and the share that lies above it.

    Raises:
        ValueError: If there is no picture.
    """
    values = np.array([one for each in novelties for one in each])
    if not len(values):
        raise ValueError("no pictures to find a limit with")
    shares = even_shares([len(each) for each in novelties]).double().numpy()
    order = np.argsort(values)
    reached = np.cumsum(shares[order])
    place = min(int(np.searchsorted(reached, 1 - FALSE_SHARE)), len(values) - 1)
    limit = float(values[order][place])
    return Novelty(limit=limit, false_share=float(shares[values > limit].sum()))


def separation(known: Sequence[float], foreign: Sequence[float], limit: float) -> Separation:
    """Measure how well foreign pictures are told from known ones.

    Args:
        known: Novelty of known pictures, one or more.
        foreign: Novelty of foreign pictures, one or more.
        limit: Above which a picture is called foreign.

    Returns:
        The area under the ROC curve, ties counting half, and the share found at the limit.

    Source:
        Mann-Whitney's U over the product of the numbers (Hanley and McNeil 1982).
    """
    first, second = np.asarray(known)[:, None], np.asarray(foreign)[None]
    auroc = float(((second > first) + 0.5 * (second == first)).mean())
    return Separation(auroc, float((np.asarray(foreign) > limit).mean()))


_SHARES = (1.0, 0.5)
"""Sizes at which training pictures are shown: cameras of half the pixels are no news."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: Words of the command line; None takes them from the system.

    Returns:
        Exit code: 0 done, 1 something a person can mend, 2 wrong use.
    """
    parser = argparse.ArgumentParser(
        prog="python -m training.novelty",
        description="Teach a trained network to say when a picture is unlike all it has learned.",
    )
    parser.add_argument("checkpoint", type=Path, help="written back with what it learned")
    parser.add_argument("--data", type=Path, nargs="+", required=True, metavar="FOLDER")
    parser.add_argument(
        "--pictures", type=int, default=150, help="training pictures of each set; default 150"
    )
    options = parser.parse_args(arguments)
    if options.pictures <= DIRECTIONS:
        parser.error(f"--pictures must be above {DIRECTIONS}, the directions that are learned")
    try:
        _fit_novelty(
            options.checkpoint, [read_folder(one) for one in options.data], options.pictures
        )
    except TrainingError as error:
        return fail(error)
    return 0


def _fit_novelty(path: Path, sets: Sequence[SplitSet], most: int) -> None:
    checkpoint = load_checkpoint(path)
    if not isinstance(checkpoint.network, PyramidConfig):
        raise TrainingError(
            f"{path}: a {checkpoint.network.network} network; only a pyramid, such as "
            "ebc-shufflenet, can say what it knows"
        )
    network = checkpoint.network.model_copy(update={"familiarity": DIRECTIONS})
    plain = replace(
        checkpoint,
        network=checkpoint.network.model_copy(update={"familiarity": 0}),
        weights={
            key: value
            for key, value in checkpoint.weights.items()
            if not key.startswith("familiarity.")
        },
    )
    counter = cast("PyramidCounter", plain.build())
    known = [_descriptions(counter, one, most, held_out=False) for one in sets]
    familiarity = Familiarity(known[0].shape[1], DIRECTIONS)
    familiarity.learn(torch.cat(known), even_shares([len(one) for one in known]))
    limit, foreign = _measure(counter, familiarity, sets)
    counter.familiarity = familiarity
    taught = Checkpoint(
        network,
        counter.state_dict(),
        {**checkpoint.metadata, "novelty": limit.model_dump()},
    )
    save_checkpoint(taught, path)
    OUT.print(foreign)
    OUT.print(
        f"{path}: novel above {limit.limit:.2f}, as {limit.false_share:.1%} of known pictures"
    )


def _measure(
    counter: PyramidCounter, familiarity: Familiarity, sets: Sequence[SplitSet]
) -> tuple[Novelty, Table]:
    held_out, judged = 60, 12  # pictures of a set: to find the limit with, and to spoil
    described = [_descriptions(counter, one, held_out, held_out=True) for one in sets]
    known = [familiarity(one).tolist() for one in described]
    limit = limit_of(known)
    table = Table("foreign pictures", "AUROC", "found at the limit")
    for name, one in zip((one.labelled.name for one in sets), known, strict=True):
        share = float((np.array(one) > limit.limit).mean())
        table.add_row(f"({name}, held out)", "", f"{share:.1%}")
    everything = [value for one in known for value in one]
    for kind, spoil in FOREIGN.items():
        chance = np.random.default_rng(1)
        pictures = [
            spoil(read_rgb(one), chance)
            for each in sets
            for one in _spread(each.part(held_out=True), judged)
        ]
        novelties = [
            float(familiarity(describe_picture(counter, one)[None]))
            for one in with_progress(kind)(pictures)
        ]
        found = separation(everything, novelties, limit.limit)
        table.add_row(kind, f"{found.auroc:.3f}", f"{found.found:.0%}")
    return limit, table


def _descriptions(
    counter: PyramidCounter, split_set: SplitSet, most: int, *, held_out: bool
) -> torch.Tensor:
    name = split_set.labelled.name
    pictures = _spread(split_set.part(held_out=held_out), most)
    if not pictures:
        part = "held out" if held_out else "for training"
        raise DataError(f"{name}: no picture in it is {part}, and both kinds are needed")
    shares = (1.0,) if held_out else _SHARES
    looked = with_progress(f"looking at {name}")(pictures)
    return torch.stack(
        [
            describe_picture(counter, shrink(image, share))
            for image in map(read_rgb, looked)
            for share in shares
        ]
    )


def _spread(pictures: Sequence[LabelledPicture], most: int) -> Sequence[LabelledPicture]:
    """Take at most so many pictures, evenly."""
    step = max(1, -(-len(pictures) // most))
    return pictures[::step]


if __name__ == "__main__":
    sys.exit(main())
