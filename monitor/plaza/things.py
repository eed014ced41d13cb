"""What stands on the square: trees, lamps, benches, planters, bollards."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from monitor.plaza.canvas import Canvas, Colour
from monitor.plaza.scene import Light, PlazaCamera, Vectors, lit

Kind = Literal["tree", "lamp", "bench", "planter", "bollard"]

_AROUND = np.linspace(0, 2 * math.pi, 16, endpoint=False)


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing, standing on the ground."""

    kind: Kind
    x: float
    z: float
    height: float
    width: float


def place_things(generator: np.random.Generator, camera: PlazaCamera) -> tuple[Thing, ...]:
    """Choose what stands where.

    Args:
        generator: What the choice is drawn from.
        camera: What sees it; tall things stand at the far end and the sides, not before the view.

    Returns:
        Things from far to near.
    """
    things: list[Thing] = []
    far_half = float(camera.half_width_m(np.array(camera.far_m)))
    spacing = generator.uniform(6.0, 10.0)
    start = generator.uniform(0.0, spacing)
    line = camera.far_m + generator.uniform(-1.0, 1.5)
    for index in range(int(2.4 * far_half / spacing) + 1):
        x = -1.2 * far_half + start + index * spacing
        things.append(Thing("tree", x, line, generator.uniform(4.5, 6.5), 3.6))
        kind: Kind = "bench" if generator.random() < 0.6 else "planter"
        things.append(Thing(kind, x + spacing / 2, line - 0.2, 0.5, generator.uniform(1.6, 2.4)))
    span = camera.far_m - camera.near_m
    for side in (-1, 1):
        for share in (0.3, 0.62):
            z = camera.near_m + (share + generator.uniform(-0.08, 0.08)) * span
            edge = side * float(camera.half_width_m(np.array(z)))
            things.append(Thing("lamp", edge * generator.uniform(0.5, 0.8), z, 4.4, 0.09))
            if generator.random() < 0.3:
                big = Thing("tree", edge * 1.05, z + 1.5, generator.uniform(4.5, 6.0), 3.2)
                things.append(big)
            if generator.random() < 0.6:
                things.append(Thing("planter", edge * 0.86, z + 3.0, 0.55, 1.6))
    bollards = range(int(generator.integers(0, 7)))
    things.extend(Thing("bollard", 2.0 * one - 6.0, line - 2.5, 0.9, 0.16) for one in bollards)
    return tuple(sorted(things, key=lambda one: -one.z))


def draw_thing(
    canvas: Canvas,
    generator: np.random.Generator,
    thing: Thing,
    camera: PlazaCamera,
    light: Light,
) -> None:
    """Draw one thing where it stands."""
    if thing.kind == "tree":
        _draw_tree(canvas, generator, thing, camera, light)
    elif thing.kind == "lamp":
        _draw_lamp(canvas, thing, camera, light)
    elif thing.kind == "bench":
        _draw_bench(canvas, thing, camera, light)
    elif thing.kind == "planter":
        _draw_planter(canvas, generator, thing, camera, light)
    else:
        _draw_post(
            canvas,
            camera,
            (thing.x, thing.z),
            (0.0, thing.height, thing.width),
            lit(light, (70, 72, 76)),
        )


def shade_of(thing: Thing, light: Light) -> list[Vectors]:
    """Give the outlines of a thing's shadow on the ground, shape (points, 3) each, metres."""
    reach = light.shadow_reach
    middle = np.array([thing.x, 0.0, thing.z])
    direction = np.array([reach[0], 0.0, reach[1]])
    if thing.kind == "tree":
        radius = thing.width / 2
        at = middle + direction * thing.height * 0.72
        return [at + _circle(radius), np.concatenate([middle + _circle(0.14), at + _circle(0.14)])]
    foot = middle + _circle(max(thing.width / 2, 0.14))
    return [np.concatenate([foot, foot + direction * thing.height])]


def _circle(radius: float) -> Vectors:
    return np.stack([radius * np.cos(_AROUND), 0 * _AROUND, radius * np.sin(_AROUND)], axis=-1)


def _draw_post(
    canvas: Canvas,
    camera: PlazaCamera,
    place: tuple[float, float],
    shape: tuple[float, float, float],
    colour: Colour,
) -> None:
    low, high, width = shape
    ends = np.array([[place[0], low, place[1]], [place[0], high, place[1]]])
    points, depth = camera.project(ends)
    half = np.maximum(width / 2 * camera.focal_px / depth, 0.5)
    left, right = points - np.stack([half, 0 * half], -1), points + np.stack([half, 0 * half], -1)
    canvas.fill(np.array([left[0], right[0], right[1], left[1]]), colour)
    edge = left + (right - left) * 0.35
    bright: Colour = (min(255, colour[0] + 18), min(255, colour[1] + 18), min(255, colour[2] + 18))
    canvas.fill(np.array([left[0], edge[0], edge[1], left[1]]), bright)


def _draw_tree(
    canvas: Canvas,
    generator: np.random.Generator,
    thing: Thing,
    camera: PlazaCamera,
    light: Light,
) -> None:
    bark = lit(light, (84, 68, 54))
    _draw_post(canvas, camera, (thing.x, thing.z), (0.0, thing.height * 0.6, 0.26), bark)
    green = np.array([generator.uniform(62, 96), generator.uniform(96, 122), 52.0])
    leaves = 900
    direction = generator.normal(0.0, 1.0, (leaves, 3))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    radius = thing.width / 2 * generator.random(leaves) ** 0.35
    spread = direction * radius[:, None] * np.array([1.0, 0.85, 1.0])
    middle = np.array([thing.x, thing.height * 0.72, thing.z])
    points, depth = camera.project(middle + spread)
    lift = spread[:, 1] / thing.width * 2
    order = np.argsort(-depth + 0.2 * -lift)
    for index in order:
        tone = 0.74 + 0.34 * lift[index] + generator.normal(0.0, 0.1)
        colour = green * max(0.35, tone)
        size = camera.focal_px / depth[index] * generator.uniform(0.07, 0.17)
        canvas.disc(points[index], float(size), lit(light, (colour[0], colour[1], colour[2])))


def _draw_lamp(canvas: Canvas, thing: Thing, camera: PlazaCamera, light: Light) -> None:
    iron = lit(light, (58, 62, 64))
    place = (thing.x, thing.z)
    _draw_post(canvas, camera, place, (0.0, 0.5, 0.2), iron)
    _draw_post(canvas, camera, place, (0.0, thing.height, thing.width), iron)
    _draw_post(canvas, camera, place, (thing.height, thing.height + 0.08, 0.5), iron)
    glass = (255, 240, 200) if light.has_lamps else lit(light, (222, 222, 214))
    _draw_post(canvas, camera, place, (thing.height - 0.35, thing.height, 0.3), glass)


def _draw_box(
    canvas: Canvas,
    camera: PlazaCamera,
    middle: Vectors,
    size: Vectors,
    colour: tuple[Colour, Colour],
) -> None:
    """Draw an upright box from its middle on the ground; colours of front and top."""
    signs = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) / 2
    flat = np.stack([signs[:, 0] * size[0], np.zeros(4), signs[:, 1] * size[2]], axis=-1) + middle
    top = flat + np.array([0.0, size[1], 0.0])
    canvas.fill_hull(camera.project(np.concatenate([flat, top]))[0], colour[0])
    canvas.fill(camera.project(top)[0], colour[1])


def _draw_bench(canvas: Canvas, thing: Thing, camera: PlazaCamera, light: Light) -> None:
    wood = (lit(light, (104, 78, 56)), lit(light, (150, 116, 84)))
    stone = (lit(light, (110, 108, 104)), lit(light, (150, 148, 142)))
    for side in (-0.4, 0.4):
        leg = np.array([thing.x + side * thing.width, 0.0, thing.z])
        _draw_box(canvas, camera, leg, np.array([0.15, 0.4, 0.4]), stone)
    seat = np.array([thing.x, 0.38, thing.z])
    _draw_box(canvas, camera, seat, np.array([thing.width, 0.08, 0.45]), wood)


def _draw_planter(
    canvas: Canvas,
    generator: np.random.Generator,
    thing: Thing,
    camera: PlazaCamera,
    light: Light,
) -> None:
    stone = (lit(light, (128, 124, 118)), lit(light, (158, 154, 148)))
    middle = np.array([thing.x, 0.0, thing.z])
    _draw_box(canvas, camera, middle, np.array([thing.width, thing.height, 0.9]), stone)
    spots = generator.uniform(-0.5, 0.5, (110, 3)) * np.array([thing.width * 0.95, 0.35, 0.75])
    points, depth = camera.project(spots + middle + np.array([0.0, thing.height + 0.12, 0.0]))
    for index in np.argsort(-depth):
        green = np.array([72.0, 108.0, 56.0]) * generator.uniform(0.6, 1.2)
        if generator.random() < 0.12:
            green = np.array([196.0, 96.0, 110.0])
        size = float(camera.focal_px / depth[index] * generator.uniform(0.06, 0.12))
        canvas.disc(points[index], size, lit(light, (green[0], green[1], green[2])))
