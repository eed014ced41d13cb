"""How exact the ground is that is found from clicks, on drawn plazas whose cameras are known.

`python -m benchmarks.ground` marks the ground of 30 plazas in each of the three ways, with the
error of a careful hand, and compares distances between heads and the camera's height with the
truth. It takes some seconds and needs no model.
"""

import argparse
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from monitor.core.zone import RelativePoint
from monitor.plaza.scene import PlazaCamera, choose_camera
from monitor.ui.editors.ground_draft import GroundFit, Marks, Sight, Way, fit_ground

SIZE_WH = (1280, 720)
_BLOCK_PX = 8
_HEAD_M, _TALL_M = 1.65, 1.75
_PLACES = 14
_POINTS = 8
_DEPTH_M = 8.0  # of the rectangle, which begins 4 m behind the picture's lower edge

Places = NDArray[np.float64]


class Plaza:
    """One plaza's camera, and a hand that clicks on its picture."""

    def __init__(self, seed: int, hand_px: float) -> None:
        self.camera: PlazaCamera = choose_camera(np.random.default_rng(seed), SIZE_WH)
        self._hand_px = hand_px
        self._random = np.random.default_rng(seed)
        depth = self._random.uniform(self.camera.near_m + 2, 0.75 * self.camera.far_m, _PLACES)
        side = self._random.uniform(-0.7, 0.7, _PLACES) * self.camera.half_width_m(depth)
        self.places: Places = np.column_stack([side, depth])

    def seen(self, places: Places, height_m: float) -> Places:
        """Give where places at a height are seen, shares of the picture."""
        points = np.column_stack([places[:, 0], np.full(len(places), height_m), places[:, 1]])
        return np.asarray(self.camera.project(points)[0] / SIZE_WH, dtype=np.float64)

    def click(self, places: Places, height_m: float) -> tuple[RelativePoint, ...]:
        """Give where a hand clicks on them."""
        error = self._random.normal(0, self._hand_px, (len(places), 2)) / SIZE_WH
        clicked = np.clip(self.seen(places, height_m) + error, 0.0, 1.0)
        return tuple((float(x), float(y)) for x, y in clicked)


def rectangle(plaza: Plaza) -> Marks:
    """Mark a rectangle of paving in the foreground."""
    near = plaza.camera.near_m + 4
    half = 0.5 * float(plaza.camera.half_width_m(np.array(near)))
    far = near + _DEPTH_M
    corners = np.array([(-half, far), (half, far), (half, near), (-half, near)])
    return Marks(corners=plaza.click(corners, 0.0), sides_m=(2 * half, _DEPTH_M))


def points(plaza: Plaza) -> Marks:
    """Mark eight points of the ground anywhere, whose places are known."""
    places = plaza.places[:_POINTS]
    metres = tuple((float(x), float(y)) for x, y in places)
    return Marks(way=Way.PAIRS, points=plaza.click(places, 0.0), metres=metres)


def people(plaza: Plaza) -> Marks:
    """Mark heads and feet of fourteen people of one height."""
    heads, feet = plaza.click(plaza.places, _TALL_M), plaza.click(plaza.places, 0.0)
    both = tuple(one for pair in zip(heads, feet, strict=True) for one in pair)
    return Marks(way=Way.PEOPLE, people=both, height_m=_TALL_M)


def errors_of(plaza: Plaza, marks: Marks) -> tuple[float, float] | None:
    """Give the relative errors of distances (median) and of the camera's height; None: no fit."""
    sight = Sight(SIZE_WH, _BLOCK_PX)
    fit = fit_ground(marks.values(sight.aspect), sight)
    if not isinstance(fit, GroundFit) or fit.camera is None:
        return None
    placed = fit.settings.to_plane().heads_to_metres(plaza.seen(plaza.places, _HEAD_M))
    one, other = np.triu_indices(_PLACES, 1)
    found = np.linalg.norm(placed[one] - placed[other], axis=1)
    true = np.linalg.norm(plaza.places[one] - plaza.places[other], axis=1)
    height = fit.camera.height_m / plaza.camera.height_m
    return float(np.nanmedian(np.abs(found / true - 1))), abs(height - 1)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plazas", type=int, default=30)
    parser.add_argument(
        "--hand-px", type=float, default=0.7, help="error of a click, one deviation"
    )
    options = parser.parse_args()
    ways: tuple[Callable[[Plaza], Marks], ...] = (rectangle, points, people)
    print("way         fits   distances: median, worst   height: median, worst")
    for way in ways:
        plazas = [Plaza(seed, options.hand_px) for seed in range(options.plazas)]
        found = [one for one in (errors_of(plaza, way(plaza)) for plaza in plazas) if one]
        distance, height = np.array(found).T
        print(
            f"{way.__name__:10} {len(found):2}/{len(plazas)}  {np.median(distance):10.1%}, "
            f"{distance.max():5.1%}  {np.median(height):16.1%}, {height.max():5.1%}"
        )


if __name__ == "__main__":
    main()
