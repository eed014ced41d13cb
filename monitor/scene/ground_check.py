"""How well marked ground fits, and what a person can check it by.

Numbers that are wrong look like numbers that are right. So a plane is shown as what everybody can
judge: a grid of meters on the pavement, the horizon, the height at which the camera would hang, how
far each click misses, and how large the zones would be.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from monitor.core.arrays import FloatMap
from monitor.core.zone import RelativePoint, Zone
from monitor.scene.ground import HORIZON_SHARE, UNSURE_M2, GroundPlane, Matrix, apply
from monitor.scene.zones import masks_of

Outline = tuple[RelativePoint, ...]
"""Corners of a convex figure in the picture, in order; empty where there is none."""

LINES_MOST = 200
"""Lines along one axis; a good plane never has as many, a wrong one must not stop the window."""
_MAJOR = 5
_CELL_PX2, _CELL_HEIGHT_PX = 150.0, 720
"""Area of a square meter whose lines can still be told apart, in a picture so high, pixels."""
_PICTURE: Outline = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
_SAMPLES = 7
_WORTH_M = 0.05  # residual below which no click is worth doubting
_SUSPECT_SHARE = 1 / 3  # of the residual, left without the one point: then it was that point


@dataclass(frozen=True, slots=True)
class CameraPlace:
    """Where a camera hangs, in the meters of its ground."""

    x_m: float
    y_m: float
    height_m: float
    """Above the ground."""
    misfit_m: float
    """How far the ground, seen through one lens from there, is from where it was marked; root mean
    square. Large where no camera can see the marks so."""


@dataclass(frozen=True, slots=True)
class Miss:
    """How far one click is from where the plane puts it."""

    px: float
    m: float


@dataclass(frozen=True, slots=True)
class GridLine:
    """One line of the grid on the ground, in the picture."""

    start: RelativePoint
    end: RelativePoint
    is_major: bool
    """Whether it is one of every five."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Lines on the ground, as far as it is seen well enough."""

    step_m: int
    """Between two lines nearby; far away only every fifth is drawn."""
    lines: tuple[GridLine, ...]


@dataclass(frozen=True, slots=True)
class ZoneGround:
    """The ground of one zone."""

    name: str
    area_m2: float
    """As far as it is seen well enough."""
    far_share: float
    """Share of its place in the picture that is too far away."""


def camera_place(plane: GroundPlane, head_height_m: float) -> CameraPlace | None:
    """Find where the camera hangs.

    Args:
        plane: The planes of the ground and of the heads.
        head_height_m: Height of the latter, meters.

    Returns:
        The place; None where both planes cannot be told apart, or no place fits.

    Source:
        A ray from the camera at c, height H, meets the ground at g and the plane of heads at h;
        by similar triangles h = c + (g − c) · (1 − head_height / H). This is a straight line for g
        and h together; it is laid through a raster of rays by least squares.
    """
    if not plane.is_head_height_known or not head_height_m > 0:
        return None
    raster = np.linspace(0.0, 1.0, _SAMPLES)
    points = np.stack(np.meshgrid(raster, raster), axis=-1).reshape(-1, 2)
    points = points[plane.depth_shares(points) > 2 * HORIZON_SHARE]
    if len(points) < 3:
        return None
    ground, heads = plane.feet_to_metres(points), plane.heads_to_metres(points)
    from_middle, to_middle = ground - ground.mean(axis=0), heads - heads.mean(axis=0)
    share = float((from_middle * to_middle).sum() / (from_middle**2).sum())
    if not 0 < share < 1:
        return None
    x_m, y_m = (heads.mean(axis=0) - share * ground.mean(axis=0)) / (1 - share)
    misfit = np.linalg.norm(share * from_middle - to_middle, axis=1) / share
    # Far rays miss by meters where near ones miss by centimetres; the middle one is typical.
    return CameraPlace(
        float(x_m), float(y_m), head_height_m / (1 - share), float(np.median(misfit))
    )


def pair_misses(
    plane: GroundPlane,
    points_xy: Sequence[RelativePoint],
    metres_xy: Sequence[tuple[float, float]],
    size_wh: tuple[int, int],
) -> tuple[Miss, ...]:
    """Say how far each point of the ground is from its place on the plan.

    Args:
        plane: What was laid through them.
        points_xy: Where they were clicked, shares of the picture.
        metres_xy: Their places on the plan, in the same order.
        size_wh: Width and height of the picture, pixels.

    Returns:
        For each point, in the picture and on the ground.
    """
    points, metres = np.asarray(points_xy, np.float64), np.asarray(metres_xy, np.float64)
    on_ground = np.linalg.norm(plane.feet_to_metres(points) - metres, axis=1)
    seen = apply(np.asarray(np.linalg.inv(plane.to_ground), np.float64), metres)
    in_picture = np.linalg.norm((seen - points) * size_wh, axis=1)
    return _misses(in_picture, on_ground)


def people_misses(
    plane: GroundPlane,
    camera: CameraPlace,
    people: Sequence[tuple[RelativePoint, RelativePoint]],
    height_m: float,
    size_wh: tuple[int, int],
) -> tuple[Miss, ...]:
    """Say how far each head is from where its feet and the height of people put it.

    Args:
        plane: What was found from them.
        camera: Where the camera hangs.
        people: Head and feet of each person, shares of the picture.
        height_m: How tall they are taken to be.
        size_wh: Width and height of the picture, pixels.

    Returns:
        For each person, in the picture and in height.
    """
    marks = np.asarray(people, np.float64).reshape(-1, 2, 2)
    middle = np.array([camera.x_m, camera.y_m])
    feet = plane.feet_to_metres(marks[:, 1]) - middle
    behind = plane.feet_to_metres(marks[:, 0]) - middle  # where the ray over the head ends
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.linalg.norm(feet, axis=1) / np.linalg.norm(behind, axis=1)
    tall_m = camera.height_m * (1 - share)
    over = middle + feet * camera.height_m / max(camera.height_m - height_m, 1e-6)
    seen = apply(np.asarray(np.linalg.inv(plane.to_ground), np.float64), over)
    in_picture = np.linalg.norm((seen - marks[:, 0]) * size_wh, axis=1)
    return _misses(in_picture, np.abs(tall_m - height_m))


def suspect_of(
    points_xy: Sequence[RelativePoint], metres_xy: Sequence[tuple[float, float]]
) -> int | None:
    """Find the one point that does not go with the others.

    Args:
        points_xy: Points of the ground, shares of the picture; six or more.
        metres_xy: Their places on a plan.

    Returns:
        Its place; None where leaving any one out does not make the others fit much better.
    """
    points, metres = np.asarray(points_xy, np.float64), np.asarray(metres_xy, np.float64)
    whole = _residual(points, metres)
    without = [
        _residual(np.delete(points, place, axis=0), np.delete(metres, place, axis=0))
        for place in range(len(points))
    ]
    best = int(np.argmin(without))
    if whole < _WORTH_M:
        return None
    return best if without[best] < _SUSPECT_SHARE * whole else None


def horizon(plane: GroundPlane) -> tuple[RelativePoint, RelativePoint] | None:
    """Give the horizon from the picture's left edge to its right, which may be far above it."""
    across, down, offset = (float(part) for part in plane.to_ground[2])
    if abs(down) < 1e-9 * max(1.0, abs(across)):
        return None  # straight down there is none
    return (0.0, -offset / down), (1.0, -(across + offset) / down)


def near_part(plane: GroundPlane, size_wh: tuple[int, int], block_px: int) -> Outline:
    """Give the part of the picture in which a block says well enough where people stand.

    Args:
        plane: The planes.
        size_wh: Width and height of the picture, pixels.
        block_px: Side of a block of the model, pixels.

    Returns:
        A convex outline; empty where there is none.

    Source:
        A homography maps a small area times |det H| / d³, with d the last coordinate, which is
        linear in the picture: so the limit is a straight line, level with the horizon.
    """
    return _cut(_PICTURE, plane.to_heads[2], _least_depth(plane, size_wh, block_px))


def far_part(plane: GroundPlane, size_wh: tuple[int, int], block_px: int) -> Outline:
    """Give the rest of the picture; see `near_part`."""
    return _cut(_PICTURE, -plane.to_heads[2], -_least_depth(plane, size_wh, block_px))


def ground_grid(plane: GroundPlane, near: Outline, size_wh: tuple[int, int]) -> Grid:
    """Draw meters on the ground: every fifth line as far as is seen well enough, the others nearby.

    Args:
        plane: The planes.
        near: Where to draw at all, a convex outline in the picture.
        size_wh: Width and height of the picture, pixels.

    Returns:
        Lines along both axes of the ground, one meter apart; where even nearby they could not be
        told apart, five.
    """
    if len(near) < 3:
        return Grid(1, ())
    per_side = math.sqrt(_CELL_PX2 * UNSURE_M2) * size_wh[1] / _CELL_HEIGHT_PX
    close = _cut(near, plane.to_heads[2], _least_depth(plane, size_wh, per_side))
    fine = [one for one in _lines(plane, close, 1) if not one.is_major]
    coarse = [replace(one, is_major=True) for one in _lines(plane, near, _MAJOR)]
    return Grid(1 if fine else _MAJOR, (*fine, *coarse))


def _lines(plane: GroundPlane, outline: Outline, step_m: int) -> list[GridLine]:
    """Draw all lines of a grid that cross an outline; one of every five is marked as such."""
    if len(outline) < 3:
        return []
    corners = plane.feet_to_metres(np.asarray(outline))
    lines: list[GridLine] = []
    for axis in (0, 1):
        first = math.ceil(float(corners[:, axis].min()) / step_m)
        last = math.floor(float(corners[:, axis].max()) / step_m)
        for number in range(first, min(last, first + LINES_MOST - 1) + 1):
            ends = _crossings(outline, plane.to_ground[axis] - number * step_m * plane.to_ground[2])
            if ends is not None:
                lines.append(GridLine(*ends, is_major=number % _MAJOR == 0))
    return lines


def zone_grounds(
    zones: Sequence[Zone], areas_m2: Matrix, size_hw: tuple[int, int], block_px: int
) -> tuple[ZoneGround, ...]:
    """Say how large each zone that is counted would be.

    Args:
        zones: Zones of the camera, both kinds.
        areas_m2: Shape (rows, columns): ground under each block, as `GroundPlane.block_areas_m2`.
        size_hw: Height and width of the picture, pixels.
        block_px: Side of a block, pixels.

    Returns:
        For each zone that is counted, in order.
    """
    is_sure = areas_m2 <= UNSURE_M2
    found = []
    for zone, mask in masks_of(zones, size_hw, block_px).zones:
        area_m2 = float((areas_m2[is_sure] * mask[is_sure]).sum())
        far = float(mask[~is_sure].sum()) / max(float(mask.sum()), 1e-12)
        found.append(ZoneGround(zone.name, area_m2, far))
    return tuple(found)


def beyond_share(areas_m2: Matrix, density: FloatMap) -> float:
    """Give the share of the people who would stand at the horizon or above it.

    Args:
        areas_m2: Shape (rows, columns): ground under each block; infinite near the horizon.
        density: Shape (rows, columns), people per block.

    Returns:
        0 to 1; 0 where nobody is, or where the shapes differ.
    """
    total = float(density.sum())
    if density.shape != areas_m2.shape or not total > 0:
        return 0.0
    return float(density[np.isinf(areas_m2)].sum()) / total


def _misses(px: Matrix, m: Matrix) -> tuple[Miss, ...]:
    return tuple(Miss(float(one), float(other)) for one, other in zip(px, m, strict=True))


def _residual(points: NDArray[np.float64], metres: NDArray[np.float64]) -> float:
    """Lay a plane through points and give how far they miss, meters; infinite where none fits."""
    found = np.asarray(cv2.findHomography(points, metres, 0)[0], np.float64)
    if found.shape != (3, 3):  # OpenCV gives None where no plane fits, whatever its types say
        return math.inf
    missed = np.linalg.norm(apply(found, points) - metres, axis=1)
    return float(np.sqrt(np.mean(missed**2)))


def _least_depth(plane: GroundPlane, size_wh: tuple[int, int], block_px: float) -> float:
    """Give the last coordinate on the head plane from which on a block covers too much."""
    share = block_px**2 / (size_wh[0] * size_wh[1])
    by_area = math.cbrt(abs(float(np.linalg.det(plane.to_heads))) * share / UNSURE_M2)
    corners = np.column_stack([np.asarray(_PICTURE), np.ones(4)])
    return max(by_area, HORIZON_SHARE * float((corners @ plane.to_heads[2]).max()))


def _cut(outline: Outline, line: Matrix, least: float) -> Outline:
    """Keep the part of a convex outline where a linear function is large enough."""
    kept: list[RelativePoint] = []
    heights = [float(line[0] * x + line[1] * y + line[2]) - least for x, y in outline]
    for place, (point, height) in enumerate(zip(outline, heights, strict=True)):
        after, rise = outline[(place + 1) % len(outline)], heights[(place + 1) % len(outline)]
        if height >= 0:
            kept.append(point)
        if (height >= 0) != (rise >= 0):
            kept.append(_between(point, after, height / (height - rise)))
    return tuple(kept) if len(kept) >= 3 else ()


def _crossings(outline: Outline, line: Matrix) -> tuple[RelativePoint, RelativePoint] | None:
    """Give where a line enters and leaves a convex outline; None where it does not cross it."""
    found: list[RelativePoint] = []
    for point, after in zip(outline, (*outline[1:], outline[0]), strict=True):
        here = float(line[0] * point[0] + line[1] * point[1] + line[2])
        there = float(line[0] * after[0] + line[1] * after[1] + line[2])
        if (here >= 0) != (there >= 0):
            found.append(_between(point, after, here / (here - there)))
    return (found[0], found[1]) if len(found) == 2 else None


def _between(one: RelativePoint, other: RelativePoint, share: float) -> RelativePoint:
    return one[0] + share * (other[0] - one[0]), one[1] + share * (other[1] - one[1])
