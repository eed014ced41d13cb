"""A drawn world of colored shapes with names, in which every thing is known.

It is small enough for a CLIP model to learn it in a minute, so that counting by name can be
proven without the weights of a real one: what is asked for is counted, what is absent is not, and
pairs of color and shape that the counter never saw are counted by their names alone.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from monitor.core.arrays import RgbImage
from training.data.folder import SplitSet
from training.data.labelled import LabelledPicture, LabelledSet

LICENCE = "GPL-3.0-or-later (drawn by this project)"

COLORS = {
    "red": (214, 40, 40),
    "green": (40, 170, 60),
    "blue": (40, 80, 220),
    "yellow": (235, 200, 40),
}
SHAPES = ("circle", "square", "star")
UNSEEN = ("red star", "blue circle", "green square")
"""Pairs of which the counter's training pictures hold none; each color and shape is in others."""

SIDE_PX = 48
_RADIUS_PX = (5, 7)
_GAP_PX = 1
_MOST = 6
"""Things in a picture, at most."""
_SUPERSAMPLING = 3
_TRIES = 60


@dataclass(frozen=True)
class Scene:
    """A picture and what is in it."""

    image: RgbImage
    points_xy: NDArray[np.float32]
    """Shape (N, 2), pixels: middles of the things."""
    labels: tuple[str, ...]
    """Their names, such as `red star`."""


def pair_names(*, without: Sequence[str] = ()) -> tuple[str, ...]:
    """Give the names of all pairs of a color and a shape but some."""
    every = (f"{color} {shape}" for color in COLORS for shape in SHAPES)
    return tuple(name for name in every if name not in without)


def plural(name: str) -> str:
    """Give the name of several such things."""
    return f"{name}s"


def draw_scene(
    draw: np.random.Generator, names: Sequence[str], *, kinds: int = 2, side_px: int = SIDE_PX
) -> Scene:
    """Draw things that do not touch, on a ground of some light color.

    Args:
        draw: Where chance comes from.
        names: What may be in the picture.
        kinds: How many of them are, at most; one at least.
        side_px: Side of the picture, pixels.

    Returns:
        The picture.
    """
    chosen = draw.choice(
        len(names), size=min(len(names), int(draw.integers(1, kinds + 1))), replace=False
    )
    ground = draw.integers(170, 256, size=3)
    large = side_px * _SUPERSAMPLING
    image = np.broadcast_to(ground.astype(np.uint8), (large, large, 3)).copy()
    points: list[tuple[float, float, float]] = []
    labels: list[str] = []
    for kind in chosen:
        for _ in range(int(draw.integers(1, _MOST // len(chosen) + 1))):
            place = _free_place(draw, points, side_px)
            if place is None:
                break
            points.append(place)
            labels.append(names[int(kind)])
            _paint(image, names[int(kind)], place, float(draw.uniform(0, 2 * np.pi)))
    small = cv2.resize(image, (side_px, side_px), interpolation=cv2.INTER_AREA)
    middles = np.array([place[:2] for place in points], np.float32).reshape(-1, 2)
    return Scene(np.asarray(small, np.uint8), middles, tuple(labels))


def draw_set(
    folder: Path,
    names: Sequence[str],
    *,
    pictures: int,
    seed: int,
    progress: Callable[[Iterable[int]], Iterable[int]] = lambda steps: steps,
) -> LabelledSet:
    """Draw a set of scenes, every thing marked and named in the plural.

    Args:
        folder: Where the pictures are written, as PNG; must exist.
        names: What may be in them.
        pictures: How many.
        seed: Same seed, same pictures.
        progress: Wraps the numbers of the pictures, to show how far drawing is.

    Returns:
        The set.
    """
    drawn: list[LabelledPicture] = []
    for index in progress(range(pictures)):
        scene = draw_scene(np.random.default_rng((seed, index)), names)
        path = folder / f"scene_{index:05d}.png"
        cv2.imwrite(str(path), cv2.cvtColor(scene.image, cv2.COLOR_RGB2BGR))
        labels = tuple(plural(name) for name in scene.labels)
        drawn.append(LabelledPicture(path, (SIDE_PX, SIDE_PX), scene.points_xy, labels=labels))
    return LabelledSet("drawn shapes", LICENCE, tuple(drawn))


def split_tail(labelled: LabelledSet, *, held_out: int) -> SplitSet:
    """Hold the last pictures of a drawn set out."""
    first = len(labelled.pictures) - held_out
    held = tuple(index >= first for index in range(len(labelled.pictures)))
    return SplitSet(labelled, held, f"the last {held_out} held out")


def _free_place(
    draw: np.random.Generator, taken: Sequence[tuple[float, float, float]], side_px: int
) -> tuple[float, float, float] | None:
    for _ in range(_TRIES):
        radius = float(draw.uniform(*_RADIUS_PX))
        x, y = (float(one) for one in draw.uniform(radius, side_px - radius, 2))
        gaps = (np.hypot(x - u, y - v) - radius - other for u, v, other in taken)
        if all(gap >= _GAP_PX for gap in gaps):
            return x, y, radius
    return None


def _paint(
    image: NDArray[np.uint8], name: str, place: tuple[float, float, float], turn: float
) -> None:
    color, shape = name.split()
    x, y, radius = (one * _SUPERSAMPLING for one in place)
    rgb = COLORS[color]
    if shape == "circle":
        cv2.circle(image, (round(x), round(y)), round(radius), rgb, -1)
        return
    corners = {"square": 4, "star": 10}[shape]
    first = np.pi / 4 if shape == "square" else turn  # squares stand upright
    angles = first + np.arange(corners) * (2 * np.pi / corners)
    inner = 0.4  # depth of a star's notches
    lengths = np.full(corners, radius)
    if shape == "star":
        lengths[1::2] *= inner
    outline = np.stack([x + lengths * np.cos(angles), y + lengths * np.sin(angles)], axis=1)
    cv2.fillPoly(image, [outline.round().astype(np.int32)], rgb)
