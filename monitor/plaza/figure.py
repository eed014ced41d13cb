"""One person of the plaza: body, clothes and paint.

A body is a skeleton in meters, bent by the walk, projected by the camera and given flesh as
outlines. All people are computed at once; only filling the outlines goes one by one.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from monitor.core.arrays import RgbImage
from monitor.plaza.canvas import SHIFT_BITS, Colour, to_fixed
from monitor.plaza.people import Standing
from monitor.plaza.scene import HEAD_HEIGHT_M, Light, PlazaCamera, Vectors

SKIN_RGB = (
    (241, 206, 178),
    (232, 190, 160),
    (214, 168, 132),
    (190, 140, 104),
    (152, 104, 74),
    (112, 74, 52),
    (80, 54, 42),
)
HAIR_RGB = (
    (28, 24, 22),
    (38, 30, 26),
    (58, 42, 32),
    (84, 60, 42),
    (122, 88, 56),
    (176, 140, 92),
    (150, 146, 142),
    (108, 106, 106),
    (20, 20, 22),
)
TOP_RGB = (
    (36, 38, 44),
    (52, 56, 66),
    (86, 92, 102),
    (232, 230, 226),
    (205, 205, 206),
    (44, 62, 98),
    (70, 102, 150),
    (142, 38, 40),
    (186, 62, 52),
    (60, 92, 70),
    (112, 128, 82),
    (196, 170, 126),
    (150, 116, 82),
    (214, 178, 64),
    (190, 120, 140),
    (104, 76, 120),
    (126, 168, 190),
    (30, 30, 32),
    (24, 32, 52),
    (168, 150, 132),
)
LEG_RGB = (
    (34, 36, 44),
    (28, 30, 34),
    (44, 56, 84),
    (60, 76, 108),
    (86, 100, 128),
    (70, 66, 62),
    (112, 104, 92),
    (164, 148, 120),
    (190, 184, 172),
    (24, 26, 40),
    (92, 92, 96),
)
SHOE_RGB = ((24, 22, 22), (44, 36, 30), (226, 224, 220), (90, 62, 44), (60, 62, 70))
HAT_RGB = ((34, 36, 42), (196, 190, 180), (120, 44, 42), (48, 60, 88), (110, 96, 78), (78, 84, 76))
BAG_RGB = ((40, 36, 34), (110, 70, 44), (60, 70, 90), (150, 40, 44), (200, 180, 150), (52, 74, 58))


@dataclass(frozen=True, slots=True)
class Looks:
    """Colors, shape (N, 3), 0 to 255 before the light; and what is worn, shape (N,), bool."""

    skin: Vectors
    hair: Vectors
    top: Vectors
    under: Vectors
    """What shows where a jacket is open."""
    legs: Vectors
    shoes: Vectors
    bag: Vectors
    has_long_hair: NDArray[np.bool_]
    has_cap: NDArray[np.bool_]
    has_skirt: NDArray[np.bool_]
    has_bare_legs: NDArray[np.bool_]
    has_short_sleeves: NDArray[np.bool_]
    has_rucksack: NDArray[np.bool_]
    has_handbag: NDArray[np.bool_]
    has_open_jacket: NDArray[np.bool_]
    is_coat: NDArray[np.bool_]
    """Whether the skirt is the lower half of a coat and has its color."""


def dress(generator: np.random.Generator, people: int) -> Looks:
    """Dress a number of people.

    Args:
        generator: What the choice is drawn from.
        people: How many, 0 or more.

    Returns:
        What they wear.
    """
    warmth = generator.random()  # of the day: how many wear short sleeves and bare legs

    def some(share: float) -> NDArray[np.bool_]:
        return generator.random(people) < share

    cap = some(0.08)
    coat = some(0.22 * (1 - warmth))
    hair = _pick(generator, HAIR_RGB, people)
    hat = _pick(generator, HAT_RGB, people)
    return Looks(
        skin=_pick(generator, SKIN_RGB, people),
        hair=np.where(cap[:, None], hat, hair),
        top=_pick(generator, TOP_RGB, people),
        under=_pick(generator, TOP_RGB, people),
        legs=_pick(generator, LEG_RGB, people),
        shoes=_pick(generator, SHOE_RGB, people),
        bag=_pick(generator, BAG_RGB, people),
        has_long_hair=some(0.38) & ~cap,
        has_cap=cap,
        has_skirt=some(0.13) | coat,
        has_bare_legs=some(0.45 * warmth),
        has_short_sleeves=some(0.65 * warmth) & ~coat,
        has_rucksack=some(0.18),
        has_handbag=some(0.2),
        has_open_jacket=some(0.3),
        is_coat=coat,
    )


def _pick(
    generator: np.random.Generator, colours: tuple[tuple[int, int, int], ...], people: int
) -> Vectors:
    chosen = np.array(colours, dtype=np.float64)[generator.integers(len(colours), size=people)]
    shade = generator.normal(1.0, 0.09, (people, 1))
    tint = generator.normal(0.0, 5.0, (people, 3))
    return np.clip(chosen * shade + tint, 6.0, 250.0)


ADULT_M = 1.75
"""Stature that the lengths of the skeleton are given for."""
HEAD_POINTS = 14
LIT_SIDE_M = np.array([-0.016, -0.004])
"""Where on a limb the brighter part lies in the picture, meters."""
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
        """Give the world point that lies so many body meters forward, right and up."""
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
        stature: Shape (N,), meters.
        camera: What looks at them.
        shadow_reach: Meters in x and z that a shadow reaches for each meter of height.

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


# A ring: meters forward, up from the hip, half width, half depth.
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


Fixed = NDArray[np.int32]
Owners = NDArray[np.int32]

_HAZE_M = 260.0
"""Distance after which 63 % of a color is that of the air."""
_FACE_SHOWS = -0.35
"""Cosine of the angle between where one looks and the camera from which skin shows."""
_EYES_SHOW = 0.35
_EYES_FROM_PX = 22.0
_LIT_FROM_LEFT = -0.045
"""How far the brighter part of a torso lies to the side, meters."""


@dataclass(frozen=True, slots=True)
class Palette:
    """The colors of N people under the light, N tuples each."""

    skin: list[Colour]
    brow: list[Colour]
    hair: list[Colour]
    hair_bright: list[Colour]
    top: list[Colour]
    top_bright: list[Colour]
    top_dark: list[Colour]
    under: list[Colour]
    legs: list[Colour]
    legs_bright: list[Colour]
    legs_dark: list[Colour]
    shoes: list[Colour]
    bag: list[Colour]


@dataclass(frozen=True, slots=True)
class Outlines:
    """The outlines of `Figures` in OpenCV's fixed point, and what decides on their order."""

    head: Fixed
    face: Fixed
    hair: Fixed
    limbs: Fixed
    limbs_bright: Fixed
    crown: Fixed
    eyes: Fixed
    torso: Fixed
    bright: Fixed
    skirt: Fixed
    pack: Fixed
    bag: Fixed
    head_px: list[float]
    """Height of each head, pixels."""
    toward: list[float]
    right_is_near: list[bool]


def mix_palette(looks: Looks, light: Light, depth_m: Vectors) -> Palette:
    """Give everybody's colors as they look under the light and through the air.

    Args:
        looks: What people wear.
        light: What lights them.
        depth_m: Shape (N,): how far they are.

    Returns:
        Colors.
    """
    haze = (1 - np.exp(-depth_m / _HAZE_M))[:, None]
    gain, air = np.array(light.gain_rgb), np.array(light.haze_rgb)

    def seen(colour: Vectors, factor: float = 1.0) -> list[Colour]:
        shown = np.clip((colour * gain * factor) * (1 - haze) + air * haze, 0, 255)
        return [(red, green, blue) for red, green, blue in shown.astype(int).tolist()]

    bare = looks.has_bare_legs[:, None]
    legs = np.where(bare & looks.has_skirt[:, None], looks.skin, looks.legs)
    return Palette(
        skin=seen(looks.skin),
        brow=seen(looks.skin, 0.42),
        hair=seen(looks.hair, 0.9),
        hair_bright=seen(looks.hair * 1.12 + 10),
        top=seen(looks.top),
        top_bright=seen(looks.top * 1.1 + 8),
        top_dark=seen(looks.top, 0.8),
        under=seen(looks.under),
        legs=seen(legs),
        legs_bright=seen(legs * 1.1 + 6),
        legs_dark=seen(legs, 0.8),
        shoes=seen(looks.shoes),
        bag=seen(looks.bag),
    )


def fix_outlines(figures: Figures) -> Outlines:
    """Turn everybody's outlines into what OpenCV fills."""
    middle = figures.torso.mean(axis=1, keepdims=True)
    shift = np.stack([figures.px_per_m * _LIT_FROM_LEFT, 0 * figures.px_per_m], axis=-1)
    bright = middle + (figures.torso - middle) * np.array([0.62, 0.92]) + shift[:, None, :]
    return Outlines(
        head=to_fixed(figures.head),
        face=to_fixed(figures.face),
        hair=to_fixed(figures.hair),
        limbs=to_fixed(figures.limbs),
        limbs_bright=to_fixed(figures.limbs_bright),
        crown=to_fixed(figures.crown),
        eyes=to_fixed(figures.eyes),
        torso=to_fixed(figures.torso),
        bright=to_fixed(bright),
        skirt=to_fixed(figures.skirt),
        pack=to_fixed(figures.pack),
        bag=to_fixed(figures.bag),
        head_px=(figures.px_per_m * HEAD_HEIGHT_M).tolist(),
        toward=figures.toward.tolist(),
        right_is_near=figures.right_is_near.tolist(),
    )


class PersonPainter:
    """Paints people into a picture and marks their pixels; for one picture, one thread."""

    def __init__(
        self, image: RgbImage, owners: Owners, outlines: Outlines, palette: Palette, looks: Looks
    ) -> None:
        self._image = image
        self._owners = owners
        self._outlines = outlines
        self._palette = palette
        self._looks = looks
        self._mark = 0

    def paint(self, index: int) -> None:
        """Paint one person over what is there: far side, middle, near side, head."""
        self._mark = body_mark(index)
        near = self._outlines.right_is_near[index]
        facing_away = self._outlines.toward[index] < 0
        self._paint_leg(index, right=not near, is_far=True)
        self._paint_leg(index, right=near, is_far=False)
        self._paint_arm(index, right=not near, is_far=True)
        if self._looks.has_rucksack[index] and not facing_away:
            self._hull(self._outlines.pack[index], self._palette.bag[index])
        self._paint_torso(index)
        if self._looks.has_rucksack[index] and facing_away:
            self._hull(self._outlines.pack[index], self._palette.bag[index])
        self._paint_arm(index, right=near, is_far=False)
        self._paint_head(index)

    def _paint_leg(self, index: int, *, right: bool, is_far: bool) -> None:
        limbs, first = self._outlines.limbs[index], 5 if right else 0
        colours = self._palette.legs_dark if is_far else self._palette.legs
        lower = self._palette.skin if self._looks.has_bare_legs[index] else colours
        self._fill(limbs[first + 2], self._palette.shoes[index])
        self._fill(limbs[first + 1], lower[index])
        self._fill(limbs[first], colours[index])
        if not is_far:
            self._fill(self._outlines.limbs_bright[index][first], self._palette.legs_bright[index])

    def _paint_arm(self, index: int, *, right: bool, is_far: bool) -> None:
        limbs, first = self._outlines.limbs[index], 8 if right else 3
        sleeve = self._palette.top_dark[index] if is_far else self._palette.top[index]
        bare = self._looks.has_short_sleeves[index]
        if right and self._looks.has_handbag[index]:
            self._hull(self._outlines.bag[index], self._palette.bag[index])
        self._fill(limbs[first + 1], self._palette.skin[index] if bare else sleeve)
        self._fill(limbs[first], sleeve)
        if not is_far:
            bright = self._palette.top_bright[index]
            self._fill(self._outlines.limbs_bright[index][first], bright)

    def _paint_torso(self, index: int) -> None:
        looks, palette, outlines = self._looks, self._palette, self._outlines
        if looks.has_skirt[index]:
            cloth = palette.top_dark if looks.is_coat[index] else palette.under
            self._hull(outlines.skirt[index], cloth[index])
        self._hull(outlines.torso[index], palette.top_dark[index])
        self._hull(outlines.bright[index], palette.top[index])
        if looks.has_open_jacket[index] and outlines.toward[index] > 0.3:
            chest = outlines.bright[index]
            middle = chest.mean(axis=0)
            strip = middle + (chest - middle) * np.array([0.3, 1.0])
            self._hull(strip.astype(np.int32), palette.under[index])

    def _paint_head(self, index: int) -> None:
        looks, palette, outlines = self._looks, self._palette, self._outlines
        if looks.has_long_hair[index] and outlines.toward[index] < 0.2:
            self._fill(outlines.hair[index], palette.hair[index])
        self._mark = head_mark(index)
        self._fill(outlines.head[index], palette.hair[index])
        self._mark = 0  # what follows lies on the head
        self._fill(outlines.crown[index], palette.hair_bright[index])
        if outlines.toward[index] > _FACE_SHOWS:
            self._fill(outlines.face[index], palette.skin[index])
        if outlines.toward[index] > _EYES_SHOW and outlines.head_px[index] > _EYES_FROM_PX:
            for eye in outlines.eyes[index]:
                self._fill(eye, palette.brow[index])

    def _hull(self, points: Fixed, colour: Colour) -> None:
        self._fill(np.asarray(cv2.convexHull(points), dtype=np.int32), colour)

    def _fill(self, outline: Fixed, colour: Colour) -> None:
        cv2.fillConvexPoly(self._image, outline, colour, cv2.LINE_AA, SHIFT_BITS)
        if self._mark:
            cv2.fillConvexPoly(self._owners, outline, (self._mark,), cv2.LINE_8, SHIFT_BITS)


def body_mark(index: int) -> int:
    """Give the identity that marks a person's body: even, from 2 on."""
    return 2 * index + 2


def head_mark(index: int) -> int:
    """Give the identity that marks a person's head: odd, from 3 on."""
    return 2 * index + 3
