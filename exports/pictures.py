"""Pictures to prove a file on: of many sizes, made by rule, drawn, or real and marked."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from exports.errors import ExportError
from monitor.core.arrays import RgbImage
from training.data.crops import read_rgb
from training.data.folder import SplitSet, read_folder
from training.data.labelled import LabelledPicture
from training.data.plaza import LICENCE, draw_plazas

SIZES_HW = ((64, 64), (97, 61), (33, 500), (240, 320), (361, 641))
"""Height and width of the pictures compared: small, odd, narrow, upright, wide; none is large, so
that a proof takes seconds."""

_DRAWN_SEED = 77
"""Drawn squares of their own: not those of the demo, nor of a training set with a usual seed."""


@dataclass(frozen=True)
class MarkedPicture:
    """A picture in memory and how many people are in it."""

    name: str
    image: RgbImage
    truth: float
    """People marked."""


@dataclass(frozen=True)
class PictureSet:
    """Pictures that belong together, and where they are from."""

    origin: str
    """In words, for the model card."""
    pictures: tuple[MarkedPicture, ...]


@dataclass(frozen=True)
class Halves:
    """Pictures to fit something to, and others of the same kind to judge it on."""

    origin: str
    """In words, for the model card."""
    fitting: tuple[MarkedPicture, ...]
    judging: tuple[MarkedPicture, ...]
    """None of them is among those that fit."""


def sizes_for(window_px: int | None) -> tuple[tuple[int, int], ...]:
    """Choose sizes to compare at; networks with windows get few windows, for they are slow."""
    if window_px is None:
        return SIZES_HW
    half = max(1, window_px // 2)  # a window may be a single pixel
    return (
        (window_px, window_px),
        (half, max(1, half - 3)),
        (window_px + 1, half),
        (half, window_px + half + 5),
        (max(1, 2 * window_px - 7), window_px),
    )


def patterned_pictures(
    sizes_hw: Sequence[tuple[int, int]] = SIZES_HW, *, seed: int = 0
) -> list[RgbImage]:
    """Make pictures of given sizes: smooth shapes and noise, the same for a seed.

    Args:
        sizes_hw: Height and width of each, pixels.
        seed: Same seed, same pictures.

    Returns:
        One picture for each size, (H, W, 3) uint8 RGB.
    """
    draw = np.random.default_rng(seed)
    pictures: list[RgbImage] = []
    for height, width in sizes_hw:
        y, x = np.mgrid[0:height, 0:width]
        waves = [
            127
            + 60 * np.sin(x / draw.uniform(3, 40) + draw.uniform(0, 6))
            + 60 * np.cos(y / draw.uniform(3, 40))
            for _ in range(3)
        ]
        noise = draw.normal(0, 12, (height, width, 3))
        pictures.append(np.clip(np.stack(waves, -1) + noise, 0, 255).astype(np.uint8))
    return pictures


def pictures_of(folder: Path | None, *, most: int) -> PictureSet:
    """Take real marked pictures from a folder, or draw squares whose people are known.

    Args:
        folder: In the common format; its held-out pictures if it has any, else all. None draws.
        most: How many pictures at most, spread evenly over the set.

    Returns:
        The pictures.

    Raises:
        ExportError: If none are asked for.
        DataError: If the folder cannot be used.
    """
    if most < 1:
        raise ExportError(f"{most} pictures: name 1 or more")
    if folder is None:
        return _drawn(most)
    split_set = read_folder(folder)
    found = split_set.part(held_out=True) or split_set.labelled.pictures
    return PictureSet(_origin(split_set), _read(found, most))


def halves_of(folder: Path | None, *, most: int) -> Halves:
    """Take pictures to fit something to, and others to judge it on.

    Args:
        folder: In the common format. Held-out pictures judge, and the others fit; where there are
            not both, every second one judges. None draws squares.
        most: How many pictures at most, half of them each way.

    Returns:
        The pictures.

    Raises:
        ExportError: If there are fewer than two pictures.
        DataError: If the folder cannot be used.
    """
    if most < 2:
        raise ExportError(f"{most} pictures are too few: half fit the file, half judge it")
    if folder is not None:
        split_set = read_folder(folder)
        learned, held = split_set.part(held_out=False), split_set.part(held_out=True)
        if learned and held:
            half = most // 2
            return Halves(_origin(split_set), _read(learned, half), _read(held, half))
        whole = PictureSet(_origin(split_set), _read(split_set.labelled.pictures, most))
    else:
        whole = _drawn(most)
    if len(whole.pictures) < 2:
        raise ExportError(f"{whole.origin}: one picture is too few to fit a file and to judge it")
    return Halves(whole.origin, whole.pictures[::2], whole.pictures[1::2])


def _drawn(number: int) -> PictureSet:
    with tempfile.TemporaryDirectory() as place:
        drawn = draw_plazas(Path(place), pictures=number, seed=_DRAWN_SEED)
        return PictureSet(f"{drawn.name} ({LICENCE})", _read(drawn.pictures, number))


def _origin(split_set: SplitSet) -> str:
    return f"{split_set.labelled.name} ({split_set.labelled.licence})"


def _read(pictures: Sequence[LabelledPicture], most: int) -> tuple[MarkedPicture, ...]:
    places = np.linspace(0, len(pictures) - 1, min(most, len(pictures))).round().astype(int)
    return tuple(
        MarkedPicture(one.name, read_rgb(one), float(len(one.points_xy)))
        for one in (pictures[place] for place in places)
    )
