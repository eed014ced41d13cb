"""Find the ground before a camera from what a person clicks on in its picture.

Three ways, easiest first: the corners of a rectangle of known sides, six or more points whose place
on a map is known, or heads and feet of people of known height. All end in a camera: square pixels,
the optical axis through the middle of the picture, no distortion. A fish-eye lens must be
straightened before.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from monitor.core.arrays import read_only
from monitor.core.zone import RelativePoint
from monitor.scene.ground import HEAD_HEIGHT_M, HORIZON_SHARE, GroundPlane, Matrix, apply

PAIRS_MIN = 6
"""Pairs of points needed: four would fit exactly and hide every slip of the hand."""
PEOPLE_MIN = 5
_FOCAL_RANGE = (0.2, 20.0)  # of the picture's height: fish-eye to a long telephoto lens
_HAND = 1 / 720  # of the picture's height: how exactly a person clicks at best
_LOG_MOST = 20.0
"""Of the logarithms of focal length and height that are searched: no camera hangs half a million
kilometres high, and where clicks contradict each other the search would not end before."""
_NOTHING_FITS = "no camera sees these people so; check heads, feet and their height"
_STRAIGHT_DOWN = 0.05  # tilt (as a sine) below which the two planes cannot be told apart


@dataclass(frozen=True, slots=True)
class _View:
    """A camera above a flat ground; lengths in the picture are shares of its height."""

    focal: float
    axes: Matrix
    """Shape (3, 3): columns are the ground's x and y and the vertical, as the camera sees them."""
    origin: Matrix
    """Shape (3,): the ground's origin, as the camera sees it, meters."""

    def plane_to_picture(self, height_m: float, aspect: float) -> Matrix:
        """Give the homography from meters on a plane at a height to shares of the picture."""
        lens = np.array([
            [self.focal / aspect, 0.0, 0.5],
            [0.0, self.focal, 0.5],
            [0.0, 0.0, 1.0],
        ])  # fmt: skip
        raised = self.origin + height_m * self.axes[:, 2]
        return lens @ np.column_stack([self.axes[:, 0], self.axes[:, 1], raised])


def from_rectangle(
    corners_xy: Sequence[RelativePoint],
    sides_m: tuple[float, float],
    *,
    aspect: float,
    head_height_m: float = HEAD_HEIGHT_M,
) -> GroundPlane:
    """Find the ground from a rectangle on it: a parking space, a pitch, paving.

    Args:
        corners_xy: Its four corners in order, either way round, shares of the picture.
        sides_m: Length of the side from the first corner to the second, and of that from the
            second to the third, meters.
        aspect: Width of the picture divided by its height, pixels being square.
        head_height_m: Height in which heads are.

    Returns:
        The planes; the residual is 0, because four corners always fit.

    Raises:
        ValueError: If there are not four corners, they are no convex figure, a side is not
            positive, or one of them is near the horizon.
    """
    if len(corners_xy) != 4:
        raise ValueError(f"a rectangle has 4 corners, not {len(corners_xy)}")
    if not min(sides_m) > 0:
        raise ValueError(f"the sides of a rectangle are longer than 0 m, not {sides_m}")
    if not cv2.isContourConvex(np.asarray(corners_xy, dtype=np.float32)):
        raise ValueError("the corners cross; click them one after the other round the rectangle")
    long_m, wide_m = sides_m
    metres = [(0.0, 0.0), (long_m, 0.0), (long_m, wide_m), (0.0, wide_m)]
    return _from_points(corners_xy, metres, aspect=aspect, head_height_m=head_height_m)


def from_pairs(
    points_xy: Sequence[RelativePoint],
    metres_xy: Sequence[tuple[float, float]],
    *,
    aspect: float,
    head_height_m: float = HEAD_HEIGHT_M,
) -> GroundPlane:
    """Find the ground from points on it whose places are known, by least squares.

    Args:
        points_xy: Six or more points of the ground, shares of the picture.
        metres_xy: Their places on a plan, meters; as many.
        aspect: Width of the picture divided by its height, pixels being square.
        head_height_m: Height in which heads are.

    Returns:
        The planes, with the residual on the ground in meters.

    Raises:
        ValueError: If there are too few pairs, all lie on one line, or one is near the horizon.
    """
    if len(points_xy) != len(metres_xy):
        raise ValueError(f"{len(points_xy)} points, but {len(metres_xy)} places on the ground")
    if len(points_xy) < PAIRS_MIN:
        raise ValueError(f"{PAIRS_MIN} pairs of points are needed, not {len(points_xy)}")
    return _from_points(points_xy, metres_xy, aspect=aspect, head_height_m=head_height_m)


def _from_points(
    points_xy: Sequence[RelativePoint],
    metres_xy: Sequence[tuple[float, float]],
    *,
    aspect: float,
    head_height_m: float,
) -> GroundPlane:
    points, metres = np.asarray(points_xy, np.float64), np.asarray(metres_xy, np.float64)
    for cloud, where in ((points, "in the picture"), (metres, "on the ground")):
        if np.linalg.matrix_rank(cloud - cloud.mean(axis=0), tol=1e-6) < 2:
            raise ValueError(f"the points lie on one line {where}; spread them over the ground")
    # Towards the picture, because that is where the clicks err.
    found, _ = cv2.findHomography(metres, points * (aspect, 1.0), 0)
    if found is None or abs(np.linalg.det(found)) < 1e-12:
        raise ValueError("no plane goes through these points; check that they fit their places")
    to_picture = np.asarray(np.diag([1 / aspect, 1.0, 1.0]) @ found, dtype=np.float64)
    if float(to_picture[2] @ np.append(metres.mean(axis=0), 1.0)) < 0:
        to_picture = -to_picture  # what was clicked on lies before the camera
    view = _view_of(to_picture, aspect)
    heads = to_picture if view is None else view.plane_to_picture(head_height_m, aspect)
    plane = _plane(to_picture, heads, points, is_head_height_known=view is not None)
    missed = np.linalg.norm(apply(plane.to_ground, points) - metres, axis=1)
    return replace(plane, residual_m=float(np.sqrt(np.mean(missed**2))))


def _view_of(to_picture: Matrix, aspect: float) -> _View | None:
    """Find the camera that sees the ground so; None where the ground does not tell.

    Args:
        to_picture: From meters on the ground to shares of the picture, positive before the camera.
        aspect: Width of the picture divided by its height.

    Returns:
        The camera; None where it looks straight down, or no lens sees a plane so.

    Source:
        Zhang, A flexible new technique for camera calibration, 2000, with one unknown: the first
        two columns, seen without the lens, are at right angles and of one length.
    """
    centred = np.array([[aspect, 0, -aspect / 2], [0, 1, -0.5], [0, 0, 1.0]]) @ to_picture
    a, b = centred[:, 0], centred[:, 1]
    # a·b / f² + a3 b3 = 0, and (|a|² - |b|²) / f² + a3² - b3² = 0, for the first two rows.
    left = np.array([a[0] * b[0] + a[1] * b[1], a[0] ** 2 + a[1] ** 2 - b[0] ** 2 - b[1] ** 2])
    right = -np.array([a[2] * b[2], a[2] ** 2 - b[2] ** 2])
    scale = math.hypot(a[0], a[1], b[0], b[1]) ** 2
    if float(left @ left) < (1e-6 * scale) ** 2:
        return None
    inverse_square = float(left @ right) / float(left @ left)
    if not _FOCAL_RANGE[0] <= (focal := _root(inverse_square)) <= _FOCAL_RANGE[1]:
        return None
    rays = np.diag([1 / focal, 1 / focal, 1.0]) @ centred
    size = (np.linalg.norm(rays[:, 0]) + np.linalg.norm(rays[:, 1])) / 2
    rays = rays / size
    # The nearest pair of axes at right angles; the vertical is the one that points at the camera.
    u, _, v = np.linalg.svd(rays[:, :2], full_matrices=False)
    flat = u @ v
    up = np.cross(flat[:, 0], flat[:, 1])
    up = up if float(up @ rays[:, 2]) < 0 else -up
    if math.hypot(up[0], up[1]) < _STRAIGHT_DOWN:
        return None
    return _View(focal, np.column_stack([flat, up]), rays[:, 2])


def _root(inverse_square: float) -> float:
    return 1 / math.sqrt(inverse_square) if inverse_square > 0 else math.inf


def from_people(
    heads_xy: Sequence[RelativePoint],
    feet_xy: Sequence[RelativePoint],
    *,
    height_m: float,
    aspect: float,
    head_height_m: float = HEAD_HEIGHT_M,
) -> GroundPlane:
    """Find the ground from people of known height who stand on it.

    Args:
        heads_xy: Tops of the heads of five or more people, shares of the picture; near and far.
        feet_xy: Their feet, in the same order.
        height_m: How tall they are, meters; the mean, if they differ.
        aspect: Width of the picture divided by its height, pixels being square.
        head_height_m: Height in which heads are.

    Returns:
        The planes, with the residual in people's heights, meters. The ground's origin is below
        the camera, its y axis points away from it.

    Raises:
        ValueError: If there are too few people, a head is below its feet, or nothing fits.
    """
    if len(heads_xy) != len(feet_xy) or len(heads_xy) < PEOPLE_MIN:
        raise ValueError(
            f"{PEOPLE_MIN} people with head and feet are needed, not "
            f"{len(heads_xy)} heads and {len(feet_xy)} feet"
        )
    middle, scale = (0.5, 0.5), (aspect, 1.0)
    heads = (np.asarray(heads_xy, np.float64) - middle) * scale
    feet = (np.asarray(feet_xy, np.float64) - middle) * scale
    if (heads[:, 1] >= feet[:, 1]).any():
        raise ValueError("a head lies below its feet; click the head first, then the feet")
    starts = [(math.log(f), tilt, 0.0, math.log(5.0)) for f in (0.7, 1.5, 3) for tilt in (0.2, 0.6)]
    try:
        fits = [_descend(np.array(one), heads, feet, height_m) for one in starts]
    except np.linalg.LinAlgError as singular:
        raise ValueError(_NOTHING_FITS) from singular
    values, error = min(fits, key=lambda one: one[1])
    view = _tilted(values)
    ground = view.plane_to_picture(0.0, aspect)
    seen_m = float(np.mean(np.linalg.norm(heads - feet, axis=1)))
    if not error < 0.25 * seen_m:
        raise ValueError(_NOTHING_FITS)
    plane = _plane(
        ground,
        view.plane_to_picture(head_height_m, aspect),
        np.asarray(feet_xy, np.float64),
        is_head_height_known=True,
    )
    return replace(
        plane,
        residual_m=error / seen_m * height_m,
        height_error=_height_error(values, heads, feet, height_m),
    )


def _tilted(values: Matrix) -> _View:
    """Give the camera of a logarithm of focal length, a tilt, a roll and a logarithm of height."""
    tilt, roll = float(values[1]), float(values[2])
    down = np.array([
        [1.0, 0.0, 0.0],
        [0.0, -math.sin(tilt), -math.cos(tilt)],
        [0.0, math.cos(tilt), -math.sin(tilt)],
    ])  # fmt: skip
    turn = np.array([
        [math.cos(roll), -math.sin(roll), 0.0],
        [math.sin(roll), math.cos(roll), 0.0],
        [0.0, 0.0, 1.0],
    ])  # fmt: skip
    axes = turn @ down
    return _View(math.exp(float(values[0])), axes, -math.exp(float(values[3])) * axes[:, 2])


def _missed(values: Matrix, heads: Matrix, feet: Matrix, height_m: float) -> Matrix:
    """Say how far, in the picture, heads are from where people's feet say they should be."""
    view = _tilted(values)
    rays = np.column_stack([feet / view.focal, np.ones(len(feet))])
    up = view.axes[:, 2]
    along = float(view.origin @ up) / np.minimum(rays @ up, -1e-6)
    raised = rays * along[:, None] + height_m * up
    seen = view.focal * raised[:, :2] / np.maximum(raised[:, 2:], 1e-6)
    offsets: Matrix = (seen - heads).ravel()
    return offsets


def _descend(values: Matrix, heads: Matrix, feet: Matrix, height_m: float) -> tuple[Matrix, float]:
    """Fit by Levenberg and Marquardt's method; gives the values and the root mean square miss."""
    damping = 1e-2
    missed = _missed(values, heads, feet, height_m)
    for _ in range(200):
        slopes = _slopes(values, heads, feet, height_m)
        normal = slopes.T @ slopes
        move = np.linalg.solve(
            normal + damping * (np.diag(np.diag(normal)) + 1e-12 * np.eye(len(values))),
            -slopes.T @ missed,
        )
        is_possible = float(np.abs((values + move)[[0, 3]]).max()) < _LOG_MOST
        better = _missed(values + move, heads, feet, height_m) if is_possible else missed
        if float(better @ better) < float(missed @ missed):
            values, missed, damping = values + move, better, damping / 3
            if float(np.abs(move).max()) < 1e-10:
                break
        else:
            damping *= 4
            if damping > 1e12:
                break
    return values, float(np.sqrt(np.mean(missed**2)))


def _slopes(values: Matrix, heads: Matrix, feet: Matrix, height_m: float) -> Matrix:
    """Give how the misses change with each value; shape (2 N, 4)."""
    missed = _missed(values, heads, feet, height_m)
    return np.column_stack([
        (_missed(values + step, heads, feet, height_m) - missed) / 1e-6
        for step in 1e-6 * np.eye(len(values))
    ])  # fmt: skip


def _height_error(values: Matrix, heads: Matrix, feet: Matrix, height_m: float) -> float:
    """Say how open the clicks leave the camera's height.

    Returns:
        Standard error of its logarithm.

    Source:
        Least squares: the covariance of the values is σ² (JᵀJ)⁻¹, with σ the miss of a click,
        taken to be no better than a hand.
    """
    slopes = _slopes(values, heads, feet, height_m)
    missed = _missed(values, heads, feet, height_m)
    sigma = max(_HAND, float(np.sqrt(np.mean(missed**2))))
    # A value that no click depends on has an infinite error, not an exception.
    spread = np.linalg.pinv(slopes.T @ slopes + 1e-12 * np.eye(len(values)))
    return sigma * math.sqrt(max(0.0, float(spread[3, 3])))


def _plane(
    ground: Matrix, heads: Matrix, clicked_xy: Matrix, *, is_head_height_known: bool
) -> GroundPlane:
    """Turn planes round, from picture to meters, so that what is before the camera is positive."""
    turned = []
    for matrix in (ground, heads):
        inverse = np.linalg.inv(matrix)
        inverse = inverse / np.linalg.norm(inverse[2])
        middle = np.append(clicked_xy.mean(axis=0), 1.0)
        turned.append(read_only(inverse * (1.0 if float(inverse[2] @ middle) > 0 else -1.0)))
    plane = GroundPlane(turned[0], turned[1], 0.0, is_head_height_known)
    shares = plane.depth_shares(clicked_xy)
    if float(shares.min()) < HORIZON_SHARE:
        worst = int(shares.argmin()) + 1
        raise ValueError(f"point {worst} is near the horizon; choose one closer to the camera")
    return plane
