"""From where a person stands to the outlines of head, hair, limbs and clothes in the picture.

A body is a skeleton in metres, bent by the walk, projected by the camera and given flesh as
outlines. All people are computed at once; only filling the outlines goes one by one.
"""

import math
from dataclasses import dataclass

import numpy as np

from monitor.plaza.people import Standing
from monitor.plaza.scene import PlazaCamera, Vectors

ADULT_M = 1.75
"""Stature that the lengths of the skeleton are given for."""
HEAD_POINTS = 14
LIT_SIDE_M = np.array([-0.016, -0.004])
"""Where on a limb the brighter part lies in the picture, metres."""
RING_POINTS = 8
CAP_POINTS = 4

_RING = np.linspace(0, 2 * math.pi, RING_POINTS, endpoint=False)
_HEAD = np.linspace(0, 2 * math.pi, HEAD_POINTS, endpoint=False)
_CAP = np.linspace(-math.pi / 2, math.pi / 2, CAP_POINTS)

LIMBS = (
    "left_upper_leg",
    "left_lower_leg",
    "left_foot",
    "left_upper_arm",
    "left_lower_arm",
    "right_upper_leg",
    "right_lower_leg",
    "right_foot",
    "right_upper_arm",
    "right_lower_arm",
)
LIMB_RADII_M = np.array(
    [[0.088, 0.068], [0.066, 0.046], [0.042, 0.036], [0.060, 0.050], [0.048, 0.038]] * 2
)


@dataclass(frozen=True, slots=True)
class Figures:
    """The outlines of N people in the picture, pixels.

    Attributes:
        head: Shape (N, 14, 2): the outline of the head with its hair; counts and is counted.
        head_xy: Shape (N, 2): middle of the head.
        face: Shape (N, 14, 2): outline of the skin of the face.
        crown: Shape (N, 14, 2): the part of the hair that the light falls on.
        eyes: Shape (N, 2, 8, 2): left and right.
        hair: Shape (N, 8, 2): from the crown down the back, for long hair.
        limbs: Shape (N, 10, 8, 2): outlines in the order of `LIMBS`.
        limbs_bright: Shape (N, 10, 8, 2): the part of each that the light falls on.
        torso: Shape (N, 24, 2): points around shoulders, waist and hips; their hull is the torso.
        skirt: Shape (N, 16, 2): points around hips and hem.
        pack: Shape (N, 16, 2): points around a rucksack.
        bag: Shape (N, 8, 2): points around a bag that hangs from the right hand.
        shadow: Shape (N, 20, 2): points whose hull is the shadow on the ground.
        ground_z: Shape (N,): distance along the ground, for the order of drawing.
        depth_m: Shape (N,): distance along the optical axis.
        px_per_m: Shape (N,).
        toward: Shape (N,): 1 looks at the camera, -1 away.
        right_is_near: Shape (N,), bool: whether the right side is nearer to the camera.
    """

    head: Vectors
    head_xy: Vectors
    face: Vectors
    crown: Vectors
    eyes: Vectors
    hair: Vectors
    limbs: Vectors
    limbs_bright: Vectors
    torso: Vectors
    skirt: Vectors
    pack: Vectors
    bag: Vectors
    shadow: Vectors
    ground_z: Vectors
    depth_m: Vectors
    px_per_m: Vectors
    toward: Vectors
    right_is_near: Vectors


@dataclass(frozen=True, slots=True)
class _Frame:
    """Each person's own directions and size."""

    ground: Vectors
    forward: Vectors
    right: Vectors
    size: Vectors

    def place(
        self, forward: Vectors | float, right: Vectors | float, up: Vectors | float
    ) -> Vectors:
        """Give the world point that lies so many body metres forward, right and up."""
        scale = self.size
        point = self.ground + (scale * forward)[:, None] * self.forward
        point = point + (scale * right)[:, None] * self.right
        point[:, 1] += scale * up
        return point


def pose(
    standing: Standing, stature: Vectors, camera: PlazaCamera, shadow_reach: tuple[float, float]
) -> Figures:
    """Draw up everybody's outlines.

    Args:
        standing: Where everybody is.
        stature: Shape (N,), metres.
        camera: What looks at them.
        shadow_reach: Metres in x and z that a shadow reaches for each metre of height.

    Returns:
        Outlines, pixels.
    """
    frame = _frame_of(standing, stature)
    skeleton, hip_up = _skeleton(frame, standing)
    joints, depth = camera.project(np.stack(skeleton, axis=1))
    px_per_m = camera.focal_px / depth * (stature / ADULT_M)[:, None]
    head_xyz = frame.place(0.03, 0.0, hip_up + 0.72)
    head_xy, head_depth = camera.project(head_xyz)
    head_px = camera.focal_px / head_depth * np.sqrt(stature / ADULT_M)  # heads shrink less
    face_xy, _ = camera.project(frame.place(0.085, 0.0, hip_up + 0.685))
    nape_xy, _ = camera.project(frame.place(-0.07, 0.0, hip_up + 0.52))
    to_camera = np.array([0.0, camera.height_m, 0.0]) - frame.ground
    to_camera[:, 1] = 0.0
    to_camera /= np.linalg.norm(to_camera, axis=1, keepdims=True)
    return Figures(
        head=_oval(head_xy, 0.098 * head_px, 0.128 * head_px),
        head_xy=head_xy,
        face=_oval(face_xy, 0.070 * head_px, 0.090 * head_px),
        crown=_oval(
            head_xy + np.array([-0.02, -0.055]) * head_px[:, None], 0.055 * head_px, 0.05 * head_px
        ),
        eyes=_eyes(frame, camera, hip_up, head_px),
        hair=_capsule(head_xy, nape_xy, 0.098 * head_px, 0.085 * head_px),
        limbs=_limbs(joints, px_per_m),
        limbs_bright=_limbs(joints + LIT_SIDE_M * px_per_m[..., None], 0.5 * px_per_m),
        torso=_rings(frame, camera, hip_up, _TORSO),
        skirt=_rings(frame, camera, hip_up, _SKIRT),
        pack=_rings(frame, camera, hip_up, _PACK),
        bag=_oval(
            joints[:, 13] + np.stack([0 * head_px, 0.2 * head_px], -1),
            0.14 * head_px,
            0.15 * head_px,
        )[:, ::2],
        shadow=_shadow(np.stack(skeleton, axis=1), head_xyz, camera, shadow_reach),
        ground_z=frame.ground[:, 2],
        depth_m=camera.project(frame.ground)[1],
        px_per_m=head_px,
        toward=np.sum(frame.forward * to_camera, axis=1),
        right_is_near=np.sum(frame.right * to_camera, axis=1) > 0,
    )


# A ring: metres forward, up from the hip, half width, half depth.
_TORSO = ((0.02, 0.50, 0.215, 0.115), (0.01, 0.25, 0.175, 0.12), (0.0, -0.02, 0.175, 0.12))
_SKIRT = ((0.0, 0.08, 0.165, 0.12), (0.0, -0.42, 0.25, 0.2))
_PACK = ((-0.19, 0.46, 0.14, 0.10), (-0.2, 0.08, 0.16, 0.12))


def _frame_of(standing: Standing, stature: Vectors) -> _Frame:
    sine, cosine = np.sin(standing.heading_rad), np.cos(standing.heading_rad)
    zero = np.zeros_like(sine)
    ground = np.stack([standing.ground_xz[:, 0], zero, standing.ground_xz[:, 1]], axis=-1)
    forward = np.stack([sine, zero, cosine], axis=-1)
    right = np.stack([cosine, zero, -sine], axis=-1)
    return _Frame(ground, forward, right, stature / ADULT_M)


def _skeleton(frame: _Frame, standing: Standing) -> tuple[list[Vectors], Vectors]:
    """Give the joints of left and right leg and arm, and how high the hips are."""
    legs = [_leg_angles(standing, 0.0), _leg_angles(standing, math.pi)]
    reach = [0.43 * np.cos(thigh) + 0.43 * np.cos(thigh - knee) for thigh, knee in legs]
    hip_up = 0.07 + np.maximum(reach[0], reach[1])
    joints: list[Vectors] = []
    for side, (thigh, knee), phase in zip((-1.0, 1.0), legs, (0.0, math.pi), strict=True):
        joints += _leg(frame, hip_up, side, thigh, knee)
        joints += _arm(frame, hip_up, side, standing, phase)
    return joints, hip_up


def _leg_angles(standing: Standing, phase: float) -> tuple[Vectors, Vectors]:
    cycle = standing.step_rad + phase
    thigh = 0.46 * standing.swing * np.sin(cycle) + 0.03
    knee = 0.06 + 0.75 * standing.swing * np.clip(np.cos(cycle - 0.3), 0.0, None) ** 1.5
    return thigh, knee


def _leg(
    frame: _Frame, hip_up: Vectors, side: float, thigh: Vectors, knee: Vectors
) -> list[Vectors]:
    across = 0.095 * side
    knee_forward, knee_up = 0.43 * np.sin(thigh), hip_up - 0.43 * np.cos(thigh)
    foot_forward = knee_forward + 0.43 * np.sin(thigh - knee)
    foot_up = knee_up - 0.43 * np.cos(thigh - knee)
    return [
        frame.place(0.0, across, hip_up),
        frame.place(knee_forward, across, knee_up),
        frame.place(foot_forward, across * 0.9, foot_up),
        frame.place(foot_forward + 0.17, across * 1.1, np.maximum(foot_up - 0.04, 0.02)),
    ]


def _arm(
    frame: _Frame, hip_up: Vectors, side: float, standing: Standing, phase: float
) -> list[Vectors]:
    swing = -0.5 * standing.swing * np.sin(standing.step_rad + phase)
    holds = standing.is_holding & (side > 0)
    upper = np.where(holds, 0.25, swing)
    bend = np.where(holds, 1.7, 0.3 + 0.25 * standing.swing)
    elbow_forward, elbow_up = 0.29 * np.sin(upper), hip_up + 0.47 - 0.29 * np.cos(upper)
    hand_forward = elbow_forward + 0.29 * np.sin(upper + bend)
    hand_up = elbow_up - 0.29 * np.cos(upper + bend)
    return [
        frame.place(0.0, 0.205 * side, hip_up + 0.47),
        frame.place(elbow_forward, 0.25 * side, elbow_up),
        frame.place(hand_forward, np.where(holds, 0.14, 0.25 * side), hand_up),
    ]


def _eyes(frame: _Frame, camera: PlazaCamera, hip_up: Vectors, head_px: Vectors) -> Vectors:
    places = [
        camera.project(frame.place(0.12, side, hip_up + 0.735))[0] for side in (-0.033, 0.033)
    ]
    return np.stack(
        [_oval(one, 0.009 * head_px, 0.006 * head_px)[:, ::2] for one in places], axis=1
    )


def _limbs(joints: Vectors, px_per_m: Vectors) -> Vectors:
    first = [0, 1, 2, 4, 5, 7, 8, 9, 11, 12]
    start, end = joints[:, first], joints[:, [index + 1 for index in first]]
    scale = px_per_m[:, first]
    return _capsule(start, end, scale * LIMB_RADII_M[:, 0], scale * LIMB_RADII_M[:, 1])


def _capsule(start: Vectors, end: Vectors, radius: Vectors, end_radius: Vectors) -> Vectors:
    """Outline two circles and what lies between: shape (..., 8, 2)."""
    along = end - start
    angle = np.arctan2(along[..., 1], along[..., 0])[..., None]
    front = angle + _CAP
    back = angle + _CAP + math.pi
    ahead = np.stack([np.cos(front), np.sin(front)], -1) * end_radius[..., None, None]
    behind = np.stack([np.cos(back), np.sin(back)], -1) * radius[..., None, None]
    return np.concatenate([end[..., None, :] + ahead, start[..., None, :] + behind], axis=-2)


def _oval(middle: Vectors, half_width: Vectors, half_height: Vectors) -> Vectors:
    across = half_width[:, None] * np.cos(_HEAD)
    down = half_height[:, None] * np.sin(_HEAD)
    return middle[:, None, :] + np.stack([across, down], axis=-1)


def _rings(
    frame: _Frame, camera: PlazaCamera, hip_up: Vectors, rings: tuple[tuple[float, ...], ...]
) -> Vectors:
    points = [
        frame.place(ahead + deep * math.cos(turn), wide * math.sin(turn), hip_up + up)
        for ahead, up, wide, deep in rings
        for turn in _RING
    ]
    return camera.project(np.stack(points, axis=1))[0]


def _shadow(
    joints: Vectors, head: Vectors, camera: PlazaCamera, reach: tuple[float, float]
) -> Vectors:
    """Lay the body down on the ground along the light; from above: a round patch at the feet."""
    if reach == (0.0, 0.0):
        middle = joints[:, [2, 9]].mean(axis=1)
        around = np.linspace(0, 2 * math.pi, 20, endpoint=False)
        patch = np.stack([0.32 * np.cos(around), 0 * around, 0.32 * np.sin(around)], axis=-1)
        points = middle[:, None, :] + patch
    else:
        top = head[:, None, :] + np.array([[-0.1, 0, 0], [0.1, 0, 0], [0, 0.1, 0.0]])
        top = np.concatenate([top, top - np.array([0.0, 0.2, 0.0])], axis=1)
        points = np.concatenate([joints, top], axis=1)
        lift = points[..., 1]
        points = np.stack(
            [points[..., 0] + reach[0] * lift, 0 * lift, points[..., 2] + reach[1] * lift], axis=-1
        )
    points[..., 1] = 0.0
    return camera.project(points)[0]
