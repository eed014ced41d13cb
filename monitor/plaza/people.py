"""Who walks the square, and where they are at any moment.

Everyone follows a path of their own for ever: in at one edge of the view, across, out at another,
and in again. Place, heading and step are closed functions of time, so that any moment can be
drawn without those before it.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.plaza.scene import PlazaCamera, Vectors

GROUP_SHARES = (0.6, 0.28, 0.08, 0.04)
"""How often people walk alone, by two, three, four."""
STANDING_SHARE = 0.2
"""Share of groups that stand and talk."""
_BELOW_VIEW = 0.88
"""Share of the nearest distance at which even the tallest is below the picture."""
_MOST_STEPS = 400
OUT_OF_VIEW_M = 0.5
"""How far beyond the picture's edge a path begins, so that nobody appears out of nothing."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where people are at one moment; N people.

    Attributes:
        ground_xz: Shape (N, 2), meters.
        heading_rad: Shape (N,): 0 looks away from the camera, a right angle to the right.
        step_rad: Shape (N,): how far in the cycle of two steps.
        swing: Shape (N,): 0 for one who stands, 1 for a full stride.
        is_holding: Shape (N,), bool: whether a telephone or a cup is held before the chest.
    """

    ground_xz: Vectors
    heading_rad: Vectors
    step_rad: Vectors
    swing: Vectors
    is_holding: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Crowd:
    """The paths of N people; see `Standing` for the moment made from them."""

    start_xz: Vectors
    along_xz: Vectors
    """Shape (N, 2): unit vectors."""
    length_m: Vectors
    """Shape (N,): length of the path; 0 for those who stand."""
    speed: Vectors
    """Shape (N,): meters a second."""
    offset_m: Vectors
    """Shape (N,): place on the path at time 0."""
    heading_rad: Vectors
    stature: Vectors
    """Shape (N,): height, meters."""
    rhythm: Vectors
    """Shape (N,): a number of one's own, 0 to 2π, for everything that should not be in step."""
    is_holding: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.stature)

    def at(self, time_s: float) -> Standing:
        """Say where everybody is.

        Args:
            time_s: Seconds; any number, before 0 too.

        Returns:
            The moment.
        """
        walks = self.length_m > 0
        length = np.where(walks, self.length_m, 1.0)
        gone = np.where(walks, np.mod(self.offset_m + self.speed * time_s, length), 0.0)
        sway = 0.12 * np.sin(0.45 * gone + self.rhythm) + 0.03 * np.sin(0.6 * time_s + self.rhythm)
        across = np.stack([-self.along_xz[:, 1], self.along_xz[:, 0]], axis=-1)
        ground = self.start_xz + gone[:, None] * self.along_xz + sway[:, None] * across
        turn = np.where(walks, 0.0, 0.25 * np.sin(0.35 * time_s + self.rhythm))
        stride = 0.8 * self.stature  # two steps; 1.4 m for an adult
        step = 2 * math.pi * (self.offset_m + self.speed * time_s) / stride + self.rhythm
        swing = np.where(walks, np.clip(self.speed / 1.35, 0.4, 1.2), 0.0)
        return Standing(ground, self.heading_rad + turn, step, swing, self.is_holding)


def gather(generator: np.random.Generator, people: int, camera: PlazaCamera) -> Crowd:
    """Let a number of people walk and stand on the square.

    Args:
        generator: What the choice is drawn from.
        people: How many, 0 or more.
        camera: What is seen, so that paths lead into the view and out of it.

    Returns:
        Their paths.
    """
    rows: list[list[float]] = []
    while len(rows) < people:
        size = 1 + int(generator.choice(len(GROUP_SHARES), p=GROUP_SHARES))
        if generator.random() < STANDING_SHARE:
            group = _standing_group(generator, camera, size=max(2, size))
        else:
            group = _walking_group(generator, camera, size=size)
        rows.extend(group)
    table = np.array(rows[:people], dtype=np.float64).reshape(people, 8)
    return Crowd(
        start_xz=table[:, 0:2],
        along_xz=table[:, 2:4],
        length_m=table[:, 4],
        speed=table[:, 5],
        offset_m=table[:, 6],
        heading_rad=table[:, 7],
        stature=_statures(generator, people),
        rhythm=generator.uniform(0.0, 2 * math.pi, people),
        is_holding=generator.random(people) < 0.18,
    )


def _statures(generator: np.random.Generator, people: int) -> Vectors:
    is_child = generator.random(people) < 0.07
    adult = np.clip(generator.normal(1.70, 0.09, people), 1.48, 1.96)
    return np.where(is_child, generator.uniform(1.05, 1.45, people), adult)


def _distance(generator: np.random.Generator, camera: PlazaCamera) -> float:
    # Between even on the ground (root) and even in the picture: enough near people to look at.
    share = float(generator.random()) ** 0.7
    return camera.near_m + float(share) * (camera.far_m - camera.near_m)


def _gate(generator: np.random.Generator, camera: PlazaCamera, side: int) -> NDArray[np.float64]:
    """Give a place just out of view: left (-1), right (1), or below the picture (0)."""
    if side:
        distance = _distance(generator, camera)
        half = float(camera.half_width_m(np.array(distance), margin_m=OUT_OF_VIEW_M))
        return np.array([side * half, distance])
    distance = camera.near_m * _BELOW_VIEW - OUT_OF_VIEW_M
    half = float(camera.half_width_m(np.array(distance)))
    return np.array([generator.uniform(-0.9, 0.9) * half, distance])


def _walking_group(
    generator: np.random.Generator, camera: PlazaCamera, *, size: int
) -> list[list[float]]:
    sides = [(-1, 1), (1, -1), (-1, 0), (1, 0), (0, -1), (0, 1)]
    chosen = sides[int(generator.choice(len(sides), p=[0.36, 0.36, 0.07, 0.07, 0.07, 0.07]))]
    start, end = (_gate(generator, camera, side) for side in chosen)
    along = (end - start) / float(np.hypot(*(end - start)))
    across = np.array([-along[1], along[0]])
    shifts = (np.arange(size) - (size - 1) / 2) * 0.68 + generator.normal(0.0, 0.05, size)
    lags = generator.normal(0.0, 0.18, size)
    begins, ends = (place + shifts[:, None] * across for place in (start, end))
    begins, ends = _until_unseen(begins, -along, camera), _until_unseen(ends, along, camera)
    length = float(np.hypot(*(ends[0] - begins[0])))
    heading = math.atan2(along[0], along[1])
    speed = float(np.clip(generator.normal(1.3, 0.22), 0.6, 2.0))
    offset = generator.uniform(0.0, length)
    return [
        [*begin, *along, length, speed, offset + lag, heading]
        for begin, lag in zip(begins, lags, strict=True)
    ]


def _until_unseen(places: Vectors, step: Vectors, camera: PlazaCamera) -> Vectors:
    """Move a group along its path until nobody of it can be seen; shape (N, 2), meters."""
    for _ in range(_MOST_STEPS):
        half = camera.half_width_m(places[:, 1], margin_m=OUT_OF_VIEW_M)
        is_below = places[:, 1] < camera.near_m * _BELOW_VIEW
        if (is_below | (np.abs(places[:, 0]) > half)).all():
            break
        places = places + 0.25 * step
    return places


def _standing_group(
    generator: np.random.Generator, camera: PlazaCamera, *, size: int
) -> list[list[float]]:
    radius = 0.32 + 0.13 * size
    distance = max(_distance(generator, camera), camera.near_m * 1.05 + radius)
    half = float(camera.half_width_m(np.array(distance)))
    middle = np.array([generator.uniform(-0.9, 0.9) * half, distance])
    first = generator.uniform(0.0, 2 * math.pi)
    rows = []
    for place in range(size):
        angle = first + 2 * math.pi * place / size + generator.normal(0.0, 0.15)
        spot = middle + radius * np.array([math.sin(angle), math.cos(angle)])
        rows.append([*spot, 1.0, 0.0, 0.0, 0.0, 0.0, angle + math.pi + generator.normal(0.0, 0.3)])
    return rows
