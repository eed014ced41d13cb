"""The square without people: paving, houses, trees, lamps, benches; drawn once for a place."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from monitor.core.arrays import RgbImage, read_only
from monitor.plaza.canvas import Canvas, hull_of
from monitor.plaza.houses import draw_houses
from monitor.plaza.paving import pave
from monitor.plaza.scene import Light, PlazaCamera
from monitor.plaza.things import Thing, draw_thing, place_things, shade_of

Mask = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Occluder:
    """A thing on the square that hides who walks behind it; its look is in the backdrop."""

    distance_m: float
    """Along the ground: whoever is farther away is hidden."""
    box_xyxy: tuple[int, int, int, int]
    mask: Mask
    """Shape of the box, 255 where the thing is."""


@dataclass(frozen=True, slots=True)
class Backdrop:
    """The empty square."""

    image: RgbImage
    occluders: tuple[Occluder, ...]
    """From far to near."""


def build_backdrop(generator: np.random.Generator, camera: PlazaCamera, light: Light) -> Backdrop:
    """Draw the empty square.

    Args:
        generator: What the choice is drawn from.
        camera: What looks at it.
        light: What lights it.

    Returns:
        The picture, read-only, and the things in it that people can walk behind.
    """
    yaw = generator.uniform(-0.3, 0.3)
    image = pave(generator, camera, light, yaw_rad=yaw)
    draw_houses(Canvas(image), generator, camera, light, yaw_rad=yaw)
    things = place_things(generator, camera)
    _lay_shadows(image, things, camera, light)
    occluders = []
    for thing in things:
        mask = np.zeros(image.shape[:2], dtype=np.uint8)
        seed = int(generator.integers(2**31))
        draw_thing(Canvas(image, mask), np.random.default_rng(seed), thing, camera, light)
        occluder = _cut_out(thing, mask)
        if occluder is not None:
            occluders.append(occluder)
    if light.has_lamps:
        _glow(image, things, camera)
    soft = np.asarray(cv2.GaussianBlur(image, (3, 3), 0.55), dtype=np.uint8)
    return Backdrop(read_only(soft), tuple(occluders))


def _cut_out(thing: Thing, mask: Mask) -> Occluder | None:
    left, top, width, height = cv2.boundingRect(mask)
    if not width or not height:
        return None
    part = mask[top : top + height, left : left + width]
    solid = np.where(part > 127, 255, 0).astype(np.uint8)
    return Occluder(thing.z, (left, top, left + width, top + height), solid)


def _lay_shadows(
    image: RgbImage, things: tuple[Thing, ...], camera: PlazaCamera, light: Light
) -> None:
    shade = np.zeros(image.shape[:2], dtype=np.uint8)
    for thing in things:
        for outline in shade_of(thing, light):
            points, _ = camera.project(outline)
            Canvas.fill_mask(shade, hull_of(points))
    radius = max(1, round(image.shape[0] / 180))
    soft = cv2.GaussianBlur(shade, (2 * radius + 1, 2 * radius + 1), 0)
    darken(image, np.asarray(soft, dtype=np.uint8), light)


def darken(image: RgbImage, shade: Mask, light: Light) -> None:
    """Take light away where a shadow lies, in place; the rest of the light is bluish."""
    for channel, keep in enumerate((1.06, 1.0, 0.9)):
        strength = min(0.9, light.shadow_strength * keep)
        table = (255 - np.arange(256) * strength).astype(np.uint8)
        factor = cv2.LUT(shade, table)
        image[..., channel] = cv2.multiply(
            np.ascontiguousarray(image[..., channel]), factor, scale=1 / 255
        )


def _glow(image: RgbImage, things: tuple[Thing, ...], camera: PlazaCamera) -> None:
    glow = np.zeros((*image.shape[:2], 3), dtype=np.float32)
    for thing in things:
        if thing.kind != "lamp":
            continue
        top, depth = camera.project(np.array([thing.x, thing.height, thing.z]))
        size = camera.focal_px / float(depth)
        foot, _ = camera.project(np.array([thing.x, 0.0, thing.z]))
        _add_spot(glow, top, 0.9 * size, 0.9 * size, 130.0)
        _add_spot(glow, foot, 4.5 * size, 2.2 * size, 46.0)
    warm = glow * np.array([1.0, 0.82, 0.52], dtype=np.float32)
    image[:] = np.clip(image + warm, 0, 255).astype(np.uint8)


def _add_spot(
    glow: NDArray[np.float32], middle: NDArray[np.float64], wide: float, high: float, peak: float
) -> None:
    rows = (np.arange(glow.shape[0])[:, None] - middle[1]) / high
    columns = (np.arange(glow.shape[1])[None, :] - middle[0]) / wide
    spot = peak * np.exp(-2.0 * (rows**2 + columns**2))
    glow += spot[..., None].astype(np.float32)


def noise_tile(generator: np.random.Generator, size_hw: tuple[int, int]) -> Mask:
    """Make sensor noise around the value 128, larger than a picture so that it can be shifted."""
    margin = 64
    size = (size_hw[0] + margin, size_hw[1] + margin)
    grey = generator.normal(0.0, 2.6, size).astype(np.float32)
    colour = generator.normal(0.0, 1.3, (*size, 3)).astype(np.float32)
    soft = cv2.GaussianBlur(grey, (0, 0), 0.6) * math.sqrt(2)
    return np.asarray(np.clip(128.5 + soft[..., None] + colour, 0, 255), dtype=np.uint8)
