"""The square without people: paving, houses, trees, lamps, benches; drawn once for a place.

Joints between slabs are thinner than a pixel far away, so each pixel gets the exact share of the
joint that its footprint covers instead of a sample.
"""

import math
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from monitor.core.arrays import RgbImage, read_only
from monitor.plaza.canvas import Canvas, Colour, hull_of
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
        """Give the corners, in the picture, of a part of the wall; meters along and up."""
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
    """Give how much of each pixel is stone of the second color: bands that cross, or none."""
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
    """Give the outlines of a thing's shadow on the ground, shape (points, 3) each, meters."""
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
    """Draw an upright box from its middle on the ground; colors of front and top."""
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
