"""The houses behind the square: walls, windows, shops."""

import math
from dataclasses import dataclass

import numpy as np

from monitor.plaza.canvas import Canvas, Colour
from monitor.plaza.scene import Light, PlazaCamera, Vectors, lit

WALLS_RGB = (
    (196, 178, 150),
    (206, 196, 178),
    (168, 128, 104),
    (186, 160, 128),
    (150, 146, 142),
    (212, 204, 192),
    (158, 110, 92),
    (182, 176, 164),
    (198, 168, 140),
    (140, 130, 124),
)
AWNINGS_RGB = ((140, 40, 40), (40, 84, 70), (46, 62, 104), (196, 186, 168), (178, 118, 48))
FLOOR_M = 3.5
SHOP_M = 4.0


@dataclass(frozen=True, slots=True)
class _Wall:
    """An upright plane: a point on the ground and a direction along it, in x and z."""

    start: Vectors
    along: Vectors
    camera: PlazaCamera

    def rectangle(self, left: float, right: float, low: float, high: float) -> Vectors:
        """Give the corners, in the picture, of a part of the wall; metres along and up."""
        corners = [(left, low), (right, low), (right, high), (left, high)]
        world = np.array(
            [
                [self.start[0] + a * self.along[0], up, self.start[1] + a * self.along[1]]
                for a, up in corners
            ]
        )
        return self.camera.project(world)[0]


def draw_houses(
    canvas: Canvas,
    generator: np.random.Generator,
    camera: PlazaCamera,
    light: Light,
    *,
    yaw_rad: float,
) -> None:
    """Draw a row of houses behind everything that people walk on.

    Args:
        canvas: What is drawn on.
        generator: What the choice is drawn from.
        camera: What looks at them.
        light: What lights them.
        yaw_rad: How the row is turned against the camera.
    """
    along = np.array([math.cos(yaw_rad), -math.sin(yaw_rad)])
    away = np.array([math.sin(yaw_rad), math.cos(yaw_rad)])
    half = float(camera.half_width_m(np.array(camera.far_m)))
    corners = np.array([[-half, camera.far_m], [half, camera.far_m]])
    behind = float((corners @ away).max()) + generator.uniform(3.0, 6.0)
    reach = 2.6 * half + 25.0
    wall = _Wall(behind * away, along, camera)
    canvas.fill(wall.rectangle(-reach, reach, 0.0, 0.12), lit(light, (120, 116, 110)))
    place = -reach
    while place < reach:
        width = generator.uniform(7.0, 15.0)
        _draw_house(canvas, generator, wall, light, span=(place, place + width))
        place += width
    pavement = wall.rectangle(-reach, reach, -0.25, 0.12)
    canvas.fill(pavement, lit(light, (138, 134, 128)))


def _draw_house(
    canvas: Canvas,
    generator: np.random.Generator,
    wall: _Wall,
    light: Light,
    *,
    span: tuple[float, float],
) -> None:
    left, right = span
    floors = int(generator.integers(3, 6))
    top = SHOP_M + floors * FLOOR_M
    tone = WALLS_RGB[int(generator.integers(len(WALLS_RGB)))]
    shade = float(generator.uniform(0.86, 1.04))
    paint = (tone[0] * shade, tone[1] * shade, tone[2] * shade)
    canvas.fill(wall.rectangle(left, right, 0.0, top), lit(light, paint))
    canvas.fill(wall.rectangle(left, left + 0.25, 0.0, top), lit(light, _scaled(paint, 0.8)))
    for floor in range(floors):
        low = SHOP_M + floor * FLOOR_M
        canvas.fill(wall.rectangle(left, right, low - 0.2, low), lit(light, _scaled(paint, 1.12)))
        _draw_windows(canvas, generator, wall, light, row=(left, right, low + 0.9))
    _draw_shop(canvas, generator, wall, light, span=span)


def _draw_windows(
    canvas: Canvas,
    generator: np.random.Generator,
    wall: _Wall,
    light: Light,
    *,
    row: tuple[float, float, float],
) -> None:
    left, right, low = row
    number = max(2, int((right - left) / 2.5))
    for index in range(number):
        middle = left + (index + 0.5) * (right - left) / number
        frame = wall.rectangle(middle - 0.68, middle + 0.68, low - 0.08, low + 1.83)
        canvas.fill(frame, lit(light, (226, 222, 214)))
        glass = _glass(generator, light)
        for side in (-0.6, 0.03):
            pane = wall.rectangle(middle + side, middle + side + 0.57, low, low + 1.75)
            canvas.fill(pane, glass)
        sky = wall.rectangle(middle - 0.6, middle - 0.1, low + 1.1, low + 1.7)
        canvas.fill(sky, _brighter(glass, 22))
        sill = wall.rectangle(middle - 0.8, middle + 0.8, low - 0.2, low - 0.06)
        canvas.fill(sill, lit(light, (150, 146, 138)))


def _draw_shop(
    canvas: Canvas,
    generator: np.random.Generator,
    wall: _Wall,
    light: Light,
    *,
    span: tuple[float, float],
) -> None:
    left, right = span
    canvas.fill(wall.rectangle(left, right, 0.0, 3.5), lit(light, (96, 90, 84)))
    place = left + 0.5
    awning = AWNINGS_RGB[int(generator.integers(len(AWNINGS_RGB)))]
    while place < right - 1.6:
        width = min(float(generator.uniform(1.6, 3.2)), right - 0.4 - place)
        is_door = generator.random() < 0.25
        low = 0.1 if is_door else 0.6
        glass = _glass(generator, light, brighter=18)
        canvas.fill(wall.rectangle(place, place + width - 0.25, low, 2.7), glass)
        shelf = wall.rectangle(place + 0.15, place + width - 0.4, low + 0.1, low + 0.8)
        canvas.fill(shelf, _brighter(glass, int(generator.integers(4, 40))))
        place += width
    if generator.random() < 0.6:
        canvas.fill(wall.rectangle(left + 0.3, right - 0.3, 2.7, 3.45), lit(light, awning))
        stripe = left + 0.3
        while stripe < right - 0.8:
            canvas.fill(
                wall.rectangle(stripe, stripe + 0.35, 2.7, 3.45), lit(light, (214, 208, 196))
            )
            stripe += 0.9
    else:
        sign = wall.rectangle(left + 0.5, right - 0.5, 2.85, 3.4)
        canvas.fill(sign, lit(light, _scaled(awning, 0.7)))


def _glass(generator: np.random.Generator, light: Light, *, brighter: int = 0) -> Colour:
    if light.has_lamps and generator.random() < 0.45:
        glow = float(generator.uniform(0.75, 1.0))
        return int(246 * glow), int(206 * glow), int(132 * glow)
    dark = int(generator.integers(46, 84)) + brighter
    return lit(light, (dark, dark * 1.08, dark * 1.16))


def _scaled(colour: tuple[float, float, float], factor: float) -> tuple[float, float, float]:
    return colour[0] * factor, colour[1] * factor, colour[2] * factor


def _brighter(colour: Colour, by: int) -> Colour:
    return min(255, colour[0] + by), min(255, colour[1] + by), min(255, colour[2] + by)
