"""Painting one person: which outlines in which order in which colour, and whose each pixel is."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from monitor.core.arrays import RgbImage
from monitor.plaza.body import Figures
from monitor.plaza.canvas import SHIFT_BITS, Colour, to_fixed
from monitor.plaza.looks import Looks
from monitor.plaza.scene import HEAD_HEIGHT_M, Light, Vectors

Fixed = NDArray[np.int32]
Owners = NDArray[np.int32]

_HAZE_M = 260.0
"""Distance after which 63 % of a colour is that of the air."""
_FACE_SHOWS = -0.35
"""Cosine of the angle between where one looks and the camera from which skin shows."""
_EYES_SHOW = 0.35
_EYES_FROM_PX = 22.0
_LIT_FROM_LEFT = -0.045
"""How far the brighter part of a torso lies to the side, metres."""


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of N people under the light, N tuples each."""

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
    """Give everybody's colours as they look under the light and through the air.

    Args:
        looks: What people wear.
        light: What lights them.
        depth_m: Shape (N,): how far they are.

    Returns:
        Colours.
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
