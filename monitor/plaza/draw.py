"""The square at one moment: a picture, where the heads are, and how many.

What counts: a person counts when the middle of the head lies inside the picture and at least a
quarter of the head's area shows, that is, is not behind somebody nearer or something in the way.
Whose pixel each pixel is, is kept in a second picture of identities, so the number is exact.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from monitor.core.arrays import Points, RgbImage, read_only
from monitor.plaza.backdrop import Backdrop, Occluder, build_backdrop, darken, noise_tile
from monitor.plaza.canvas import SHIFT_BITS, to_fixed
from monitor.plaza.figure import (
    Figures,
    Looks,
    Owners,
    PersonPainter,
    dress,
    fix_outlines,
    head_mark,
    mix_palette,
    pose,
)
from monitor.plaza.people import gather
from monitor.plaza.scene import Vectors, choose_camera, choose_light

VISIBLE_SHARE = 0.25
"""Share of a head's area that must show for the person to count."""
MOST_PEOPLE = 20_000


@dataclass(frozen=True, slots=True)
class PlazaPicture:
    """The square at one moment."""

    image: RgbImage
    """Shape (H, W, 3), uint8, RGB, read-only."""
    heads_xy: Points
    """Shape (truth, 2), float32: middle of each head that counts, pixels, inside the picture."""
    truth: int
    """How many people count."""


class Plaza:
    """A square with people on it. Pictures of any moment, in any order; safe from any thread."""

    def __init__(self, people: int, seed: int, size_wh: tuple[int, int] = (1280, 720)) -> None:
        """Build the square.

        Args:
            people: How many walk about; those out of view at a moment are not in its number.
            seed: Chooses place, light and people; the same seed is the same square.
            size_wh: Width and height of the pictures, pixels, 64 or more.

        Raises:
            ValueError: If a number is out of range.
        """
        if not 0 <= people <= MOST_PEOPLE:
            raise ValueError(f"people must be from 0 to {MOST_PEOPLE}, not {people}")
        if min(size_wh) < 64:
            raise ValueError(f"a plaza of {size_wh[0]}x{size_wh[1]} px is too small to draw")
        place, crowd, clothes, grain = (
            np.random.default_rng([seed & 0xFFFFFFFF, part]) for part in range(4)
        )
        self.people = people
        self.seed = seed
        self.size_wh = size_wh
        self._camera = choose_camera(place, size_wh)
        self._light = choose_light(place)
        self._backdrop: Backdrop = build_backdrop(place, self._camera, self._light)
        self._crowd = gather(crowd, people, self._camera)
        self._looks: Looks = dress(clothes, people)
        self._noise = noise_tile(grain, (size_wh[1], size_wh[0]))

    def render(self, time_s: float) -> PlazaPicture:
        """Draw the square at one moment.

        Args:
            time_s: Seconds; any number.

        Returns:
            The picture and who is in it; the same for the same time, whatever was drawn before.
        """
        image = self._backdrop.image.copy()
        owners = np.zeros(image.shape[:2], dtype=np.int32)
        figures = pose(
            self._crowd.at(time_s), self._crowd.stature, self._camera, self._light.shadow_reach
        )
        shown = _in_view(figures, self.size_wh)
        self._draw_shadows(image, figures, shown)
        self._draw_people(image, owners, figures, shown)
        heads = heads_that_count(owners, figures, self.size_wh)
        image = self._expose(image, time_s)
        return PlazaPicture(read_only(image), read_only(heads), len(heads))

    def _draw_shadows(self, image: RgbImage, figures: Figures, shown: list[int]) -> None:
        shade = np.zeros((image.shape[0] // 2, image.shape[1] // 2), dtype=np.uint8)
        outlines = to_fixed(figures.shadow / 2)
        for index in shown:
            outline = cv2.convexHull(outlines[index])
            cv2.fillConvexPoly(shade, outline, (255,), cv2.LINE_AA, SHIFT_BITS)
        soft = cv2.GaussianBlur(shade, (3, 3), 0)
        full = cv2.resize(soft, (image.shape[1], image.shape[0]))
        darken(image, np.asarray(full, dtype=np.uint8), self._light)

    def _draw_people(
        self, image: RgbImage, owners: Owners, figures: Figures, shown: list[int]
    ) -> None:
        palette = mix_palette(self._looks, self._light, figures.depth_m)
        painter = PersonPainter(image, owners, fix_outlines(figures), palette, self._looks)
        waiting = list(self._backdrop.occluders)
        for index in shown:
            while waiting and waiting[0].distance_m > figures.ground_z[index]:
                self._restore(image, owners, waiting.pop(0))
            painter.paint(index)
        for occluder in waiting:
            self._restore(image, owners, occluder)

    def _restore(self, image: RgbImage, owners: Owners, occluder: Occluder) -> None:
        left, top, right, bottom = occluder.box_xyxy
        place = np.s_[top:bottom, left:right]
        cv2.copyTo(self._backdrop.image[place], occluder.mask, image[place])
        owners[place][occluder.mask > 0] = 0

    def _expose(self, image: RgbImage, time_s: float) -> RgbImage:
        soft = cv2.GaussianBlur(image, (3, 3), 0.5)
        height, width = image.shape[:2]
        moment = np.random.default_rng([self.seed & 0xFFFFFFFF, int(time_s * 1000) & 0xFFFFFFFF])
        down, across = moment.integers(0, 64, 2)
        noise = self._noise[down : down + height, across : across + width]
        return np.asarray(cv2.addWeighted(soft, 1.0, noise, 1.0, -128.0), dtype=np.uint8)


def _in_view(figures: Figures, size_wh: tuple[int, int]) -> list[int]:
    """Give the people of whom something may show, from far to near."""
    reach = 2.4 * figures.px_per_m
    x, y = figures.head_xy[:, 0], figures.head_xy[:, 1]
    inside = (x > -reach) & (x < size_wh[0] + reach) & (y > -reach) & (y < size_wh[1] + reach)
    order = np.argsort(-figures.ground_z, kind="stable")
    return [int(index) for index in order if inside[index]]


def heads_that_count(owners: Owners, figures: Figures, size_wh: tuple[int, int]) -> Points:
    """Find the heads that lie in the picture and show.

    Args:
        owners: Shape (H, W): whose each pixel is.
        figures: The outlines that were drawn.
        size_wh: Width and height of the picture, pixels.

    Returns:
        Shape (N, 2), float32, pixels.
    """
    people = len(figures.head_xy)
    pixels = np.bincount(owners.ravel(), minlength=head_mark(people))[3::2][:people]
    x, y = figures.head_xy[:, 0], figures.head_xy[:, 1]
    inside = (x >= 0) & (x < size_wh[0]) & (y >= 0) & (y < size_wh[1])
    needed = np.maximum(1.0, VISIBLE_SHARE * _areas(figures.head))
    return np.asarray(figures.head_xy[inside & (pixels >= needed)], dtype=np.float32)


def _areas(outlines: Vectors) -> Vectors:
    x, y = outlines[..., 0], outlines[..., 1]
    twice = x * np.roll(y, -1, axis=-1) - y * np.roll(x, -1, axis=-1)
    return np.asarray(np.abs(twice.sum(axis=-1)) / 2, dtype=np.float64)
