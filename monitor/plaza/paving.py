"""The ground of the square: slabs, bands, joints and stains in perspective, without flicker.

Joints between slabs are thinner than a pixel far away, so each pixel gets the exact share of the
joint that its footprint covers instead of a sample.
"""

import math

import cv2
import numpy as np

from monitor.core.arrays import RgbImage
from monitor.plaza.scene import Light, PlazaCamera, Vectors

STONES_RGB = (
    ((176, 170, 160), (158, 150, 140)),
    ((160, 160, 160), (142, 143, 146)),
    ((188, 176, 156), (166, 146, 124)),
    ((146, 140, 134), (120, 114, 110)),
    ((178, 152, 132), (152, 122, 104)),
    ((132, 134, 138), (112, 114, 120)),
)


def pave(
    generator: np.random.Generator, camera: PlazaCamera, light: Light, *, yaw_rad: float
) -> RgbImage:
    """Draw the ground, and the sky above the horizon.

    Args:
        generator: What the choice is drawn from.
        camera: What looks at it.
        light: What lights it.
        yaw_rad: How the slabs are turned against the camera.

    Returns:
        Shape (H, W, 3), uint8, RGB.
    """
    x, z = camera.ground()
    is_ground = np.isfinite(z) & (z < 400)
    x, z = np.where(is_ground, x, 0.0), np.where(is_ground, z, 400.0)
    cosine, sine = math.cos(yaw_rad), math.sin(yaw_rad)
    east, north = x * cosine - z * sine, x * sine + z * cosine
    wide = z / camera.focal_px * 1.0 + 1e-4
    deep = wide * np.maximum(1.0, z / camera.height_m)
    shade = _slabs(generator, (east, north), (wide, deep))
    base, second = STONES_RGB[int(generator.integers(len(STONES_RGB)))]
    band = _bands(generator, (east, north), (wide, deep))
    colour = np.array(base) * (1 - band[..., None]) + np.array(second) * band[..., None]
    stains = 0.5 * _clouds(generator, east / 9, north / 9) + 0.5 * _clouds(
        generator, east / 2.3, north / 2.3
    )
    colour = colour * (shade * (1 + 0.09 * stains))[..., None] * np.array(light.gain_rgb)
    haze = (1 - np.exp(-z / 420.0))[..., None]
    colour = colour * (1 - haze) + np.array(light.haze_rgb) * haze
    sky = np.linspace(1.0, 0.82, colour.shape[0])[:, None, None] * np.array(light.haze_rgb)
    seen = np.clip(np.where(is_ground[..., None], colour, sky), 0, 255)
    return np.asarray(seen, dtype=np.uint8)


def _slabs(
    generator: np.random.Generator,
    place: tuple[Vectors, Vectors],
    footprint: tuple[Vectors, Vectors],
) -> Vectors:
    """Give the brightness of each pixel's slabs and joints, around 1."""
    side = generator.uniform(0.6, 1.3)
    length = side * float(generator.choice([1.0, 1.0, 1.5, 2.0]))
    joint = generator.uniform(0.012, 0.03)
    row = np.floor(place[1] / side)
    offset = 0.5 * length * np.mod(row, 2) * float(generator.random() < 0.5)
    east = place[0] + offset
    tones = generator.normal(0.0, generator.uniform(0.02, 0.05), (64, 64))
    column = np.floor(east / length).astype(np.int64) % 64
    tone = tones[row.astype(np.int64) % 64, column]
    tone = tone * np.clip(1.4 - footprint[1] / side, 0.0, 1.0)
    lines = 1 - (1 - _share(east, length, joint, footprint[0])) * (
        1 - _share(place[1], side, joint, footprint[1])
    )
    return (1 + tone) * (1 - generator.uniform(0.28, 0.45) * lines)


def _bands(
    generator: np.random.Generator,
    place: tuple[Vectors, Vectors],
    footprint: tuple[Vectors, Vectors],
) -> Vectors:
    """Give how much of each pixel is stone of the second colour: bands that cross, or none."""
    period = generator.uniform(4.5, 9.0)
    width = generator.uniform(0.4, 1.1) * float(generator.random() < 0.75)
    across = _share(place[0], period, width, footprint[0])
    along = _share(place[1], period, width, footprint[1])
    return 1 - (1 - across) * (1 - along)


def _share(place: Vectors, period: float, width: float, footprint: Vectors) -> Vectors:
    """Average a row of pulses, each `width` long in every `period`, over a pixel's footprint."""
    if width <= 0:
        return np.zeros_like(place)

    def integral(at: Vectors) -> Vectors:
        whole = np.floor(at / period)
        return whole * width + np.minimum(at - whole * period, width)

    return (integral(place + footprint / 2) - integral(place - footprint / 2)) / footprint


def _clouds(generator: np.random.Generator, x: Vectors, y: Vectors) -> Vectors:
    """Give smooth noise, about -2 to 2, that repeats after 128 units."""
    grid = generator.normal(0.0, 1.0, (128, 128)).astype(np.float32)
    column, row = (np.mod(one, 127.0).astype(np.float32) for one in (x, y))
    return cv2.remap(grid, column, row, cv2.INTER_LINEAR).astype(np.float64)
