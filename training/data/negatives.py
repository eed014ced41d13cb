"""Drawn pictures of many things and nobody: what a counter must learn not to count.

Published sets show few places without people, and none of foliage, tiles, rows of windows or
heaps of round things, which look like crowds to a network that never saw them empty.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

import cv2
import numpy as np

from monitor.core.arrays import AnyArray, RgbImage
from training.data.labelled import LabelledPicture, LabelledSet

LICENCE = "GPL-3.0-or-later (drawn by this project)"
_SIZE_HW = (600, 800)
_JPEG_QUALITY = 88
_Chance = np.random.Generator
_Color = tuple[int, int, int]


def draw_negatives(
    folder: Path,
    *,
    pictures: int,
    seed: int,
    progress: Callable[[Iterable[int]], Iterable[int]] = lambda steps: steps,
) -> LabelledSet:
    """Draw pictures without people, every kind equally often.

    Args:
        folder: Where the pictures are written, as JPEG.
        pictures: How many.
        seed: Same seed, same pictures.
        progress: Wraps the numbers of the pictures, to show how far drawing is.

    Returns:
        The pictures, none with a head.
    """
    drawn: list[LabelledPicture] = []
    kinds = list(KINDS.values())
    for index in progress(range(pictures)):
        chance = np.random.default_rng((seed, index))
        image = _as_seen(kinds[index % len(kinds)](chance), chance)
        path = folder / f"nobody_{index:05d}.jpg"
        bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
        cv2.imwrite(str(path), bgr, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
        drawn.append(LabelledPicture(path, _SIZE_HW, np.zeros((0, 2), np.float32)))
    return LabelledSet("drawn pictures of nobody", LICENCE, tuple(drawn))


def tiles(chance: _Chance) -> RgbImage:
    """A floor or a wall of tiles or bricks, seen at a slant."""
    across = int(chance.integers(10, 60))
    down = max(4, int(across * chance.uniform(0.4, 1.0)))
    base, joint = _color(chance), _color(chance)
    image = _filled(base)
    shift = chance.random() < 0.5  # bricks
    for row, top in enumerate(range(0, _SIZE_HW[0], down)):
        left = -across // 2 if shift and row % 2 else 0
        for column in range(left, _SIZE_HW[1], across):
            shade = _near(base, chance, 18)
            cv2.rectangle(image, (column, top), (column + across, top + down), shade, -1)
            cv2.rectangle(image, (column, top), (column + across, top + down), joint, 1)
    return _slanted(image, chance)


def windows(chance: _Chance) -> RgbImage:
    """A house front: rows of windows, some of them lit."""
    wall = _color(chance)
    image = _filled(wall)
    width, height = (int(chance.integers(8, 50)) for _ in range(2))
    gap = int(chance.integers(4, 30))
    for top in range(gap, _SIZE_HW[0], height + gap):
        for left in range(gap, _SIZE_HW[1], width + gap):
            pane = _near((60, 70, 90) if chance.random() < 0.7 else (230, 210, 150), chance, 30)
            cv2.rectangle(image, (left, top), (left + width, top + height), pane, -1)
    return _slanted(image, chance)


def foliage(chance: _Chance) -> RgbImage:
    """Leaves: thousands of small green and brown shapes over one another."""
    image = _filled(_near((40, 60, 30), chance, 20))
    base = ((60, 110, 40), (110, 120, 50), (120, 90, 50))[int(chance.integers(3))]
    size = float(chance.uniform(2, 9))
    for _ in range(6000):
        middle = (int(chance.integers(_SIZE_HW[1])), int(chance.integers(_SIZE_HW[0])))
        axes = (max(1, int(chance.exponential(size))), max(1, int(size * 0.6)))
        color = _near(base, chance, 45)
        cv2.ellipse(image, middle, axes, float(chance.uniform(0, 180)), 0, 360, color, -1)
    return image


def heap(chance: _Chance) -> RgbImage:
    """Many round things side by side: fruit, stones, balls, lamps."""
    image = _filled(_color(chance))
    radius = float(chance.uniform(3, 18))
    base = _color(chance)
    for _ in range(int(chance.integers(80, 1200))):
        middle = (int(chance.integers(_SIZE_HW[1])), int(chance.integers(_SIZE_HW[0])))
        size = max(2, int(radius * chance.uniform(0.7, 1.3)))
        color = _near(base, chance, 35)
        cv2.circle(image, middle, size, color, -1, cv2.LINE_AA)
        light = (middle[0] - size // 3, middle[1] - size // 3)
        cv2.circle(image, light, max(1, size // 3), _near(color, chance, 60), -1, cv2.LINE_AA)
    return image


def rows_of_things(chance: _Chance) -> RgbImage:
    """Chairs, cars or crates in rows that grow nearer: boxes with legs and shadows."""
    image = _filled(_color(chance))
    base = _color(chance)
    top = int(chance.integers(60, 200))
    size = float(chance.uniform(6, 14))
    while top < _SIZE_HW[0]:
        step = size * chance.uniform(1.2, 1.6)
        for left in np.arange(-size, _SIZE_HW[1], step):
            if chance.random() < 0.15:
                continue
            corner = (int(left), top)
            end = (int(left + size), int(top + size))
            cv2.rectangle(image, corner, end, _near(base, chance, 20), -1)
            cv2.rectangle(image, corner, end, (30, 30, 30), 1)
            cv2.line(
                image, (corner[0], end[1]), (corner[0], int(end[1] + size / 2)), (40, 40, 40), 1
            )
        top += max(2, int(size * 1.7))
        size *= 1.12
    return image


def clouds(chance: _Chance) -> RgbImage:
    """Smooth unevenness at every size: sky, asphalt, water, grass."""
    height, width = _SIZE_HW
    field = np.zeros(_SIZE_HW, np.float64)
    for octave in range(2, 9):
        coarse = chance.normal(0, 1, (2**octave * 3 // 4 + 1, 2**octave + 1))
        fine = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
        field += np.asarray(fine, np.float64) / 2 ** (octave * float(chance.uniform(0.3, 1.0)))
    field = (field - field.min()) / np.ptp(field)
    ends = np.array([_color(chance), _color(chance)], np.float64)
    return _whole(ends[0] + field[..., None] * (ends[1] - ends[0]))


def static(chance: _Chance) -> RgbImage:
    """A camera without light or signal: noise of some strength on a dull ground."""
    ground = _filled(_near((40, 40, 40), chance, 40)).astype(np.float64)
    grain = chance.normal(0, chance.uniform(5, 70), _SIZE_HW)[..., None]
    colored = chance.normal(0, chance.uniform(0, 30), (*_SIZE_HW, 3))
    return _whole(ground + grain + colored)


def writing(chance: _Chance) -> RgbImage:
    """Signs and notices: lines of letters of one size."""
    paper, ink = _color(chance), _color(chance)
    image = _filled(paper)
    scale = float(chance.uniform(0.4, 1.4))
    for line in range(20, _SIZE_HW[0], int(40 * scale)):
        letters = "".join(chr(int(one)) for one in chance.integers(65, 91, 60))
        cv2.putText(image, letters, (5, line), cv2.FONT_HERSHEY_SIMPLEX, scale, ink, 2)
    return image


def fences(chance: _Chance) -> RgbImage:
    """Railings, blinds, crossings and checks: stripes one way or both."""
    rows, columns = np.indices(_SIZE_HW)
    period = int(chance.integers(6, 60))
    striped = columns // period % 2
    if chance.random() < 0.5:
        striped = (striped + rows // period) % 2
    ends = np.array([_color(chance), _color(chance)], np.uint8)
    return _slanted(ends[striped], chance)


KINDS: dict[str, Callable[[_Chance], RgbImage]] = {
    "tiles": tiles,
    "windows": windows,
    "foliage": foliage,
    "heap": heap,
    "rows of things": rows_of_things,
    "clouds": clouds,
    "static": static,
    "writing": writing,
    "fences": fences,
}
"""The kinds by their names, in the order in which they are drawn."""


def _as_seen(image: RgbImage, chance: _Chance) -> RgbImage:
    """Add what a camera adds: uneven light, some blur, some grain."""
    height, width = _SIZE_HW
    left, right = (float(one) for one in chance.uniform(0.5, 1.2, 2))
    top, bottom = (float(one) for one in chance.uniform(0.7, 1.2, 2))
    across = np.linspace(left, right, width)[None, :, None]
    light = across * np.linspace(top, bottom, height)[:, None, None]
    softened = cv2.GaussianBlur(image, (0, 0), float(chance.uniform(0.4, 2.0)))
    grain = chance.normal(0, chance.uniform(1, 8), image.shape)
    return _whole(softened * light + grain)


def _slanted(image: RgbImage, chance: _Chance) -> RgbImage:
    height, width = _SIZE_HW
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = corners + chance.uniform(-0.5, 0.5, (4, 2)).astype(np.float32) * np.array(
        [width, height], np.float32
    ) * np.float32(0.6)
    matrix = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    bent = cv2.warpPerspective(image, matrix, (width, height), borderMode=cv2.BORDER_REFLECT)
    return np.asarray(bent, dtype=np.uint8)


def _color(chance: _Chance) -> _Color:
    red, green, blue = (int(one) for one in chance.integers(20, 236, 3))
    return red, green, blue


def _near(color: _Color, chance: _Chance, most: int) -> _Color:
    red, green, blue = (
        int(np.clip(one + chance.integers(-most, most + 1), 0, 255)) for one in color
    )
    return red, green, blue


def _filled(color: _Color) -> RgbImage:
    return np.full((*_SIZE_HW, 3), color, np.uint8)


def _whole(values: AnyArray) -> RgbImage:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
