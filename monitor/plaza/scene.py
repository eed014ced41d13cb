"""Where the camera hangs, what it sees of the ground, and how the light falls.

World coordinates are meters: x to the right, y up from the ground, z away from the camera's mast,
with the camera above the origin. Everything that varies is drawn from one random generator, so a
seed is a place.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HEAD_HEIGHT_M = 0.25
"""Chin to crown, hair included: the length that sizes of heads in pixels are given for."""
EYE_HEIGHT_M = 1.6
REFERENCE_HEIGHT_PX = 720
"""Picture height for which sizes in pixels are drawn; other sizes show the same scene scaled."""

Vectors = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PlazaCamera:
    """A pinhole camera on a mast, looking down on a level square.

    Attributes:
        size_wh: Width and height of the picture, pixels.
        focal_px: Focal length, pixels.
        pitch_rad: Angle of the view's middle below the horizon.
        height_m: Height above the ground.
        near_m: Distance along the ground at which a head touches the picture's lower edge.
        far_m: Distance along the ground beyond which nobody walks.
    """

    size_wh: tuple[int, int]
    focal_px: float
    pitch_rad: float
    height_m: float
    near_m: float
    far_m: float

    def project(self, points: Vectors) -> tuple[Vectors, Vectors]:
        """Say where points in the world appear.

        Args:
            points: Shape (..., 3), meters, before the camera.

        Returns:
            Shape (..., 2), pixels, and shape (...), distance along the optical axis, meters.
        """
        down = self.height_m - points[..., 1]
        cosine, sine = math.cos(self.pitch_rad), math.sin(self.pitch_rad)
        depth = np.maximum(points[..., 2] * cosine + down * sine, 0.1)
        low = down * cosine - points[..., 2] * sine
        xy = np.stack([points[..., 0] / depth, low / depth], axis=-1) * self.focal_px
        return xy + np.array([self.size_wh[0] / 2, self.size_wh[1] / 2]), depth

    def half_width_m(self, distance_m: Vectors, *, margin_m: float = 0.0) -> Vectors:
        """Half the width of what is seen at head height, at a distance along the ground."""
        down = self.height_m - EYE_HEIGHT_M
        depth = distance_m * math.cos(self.pitch_rad) + down * math.sin(self.pitch_rad)
        return depth * self.size_wh[0] / 2 / self.focal_px + margin_m

    def ground(self) -> tuple[Vectors, Vectors]:
        """Give the place on the ground that each pixel shows.

        Returns:
            World x and z, each of the picture's shape (H, W), meters; not a number above the
            horizon.
        """
        width, height = self.size_wh
        u = (np.arange(width) + 0.5 - width / 2)[None, :] / self.focal_px
        v = (np.arange(height) + 0.5 - height / 2)[:, None] / self.focal_px
        cosine, sine = math.cos(self.pitch_rad), math.sin(self.pitch_rad)
        fall = v * cosine + sine
        reach = self.height_m / np.where(fall > 1e-3, fall, np.nan)
        return reach * u, np.broadcast_to(reach * (cosine - v * sine), (height, width))


@dataclass(frozen=True, slots=True)
class Light:
    """What lights the square."""

    name: str
    gain_rgb: tuple[float, float, float]
    """What colors are multiplied by."""
    shadow_strength: float
    """Share of light that a shadow takes away."""
    shadow_reach: tuple[float, float]
    """Meters in x and z that a shadow reaches for each meter of height; 0, 0: from above."""
    haze_rgb: tuple[float, float, float]
    """Color of the far air, 0 to 255."""
    has_lamps: bool
    """Whether lamps and windows are lit."""


def choose_camera(generator: np.random.Generator, size_wh: tuple[int, int]) -> PlazaCamera:
    """Hang a camera so that heads at 1280x720 are between about 8 and 40 px.

    Args:
        generator: What the choice is drawn from.
        size_wh: Width and height of the picture, pixels.

    Returns:
        A camera that sees the square from its near to its far end.
    """
    scale = size_wh[1] / REFERENCE_HEIGHT_PX
    focal = generator.uniform(1000.0, 1750.0) * scale
    height = generator.uniform(5.5, 11.5)
    far_head = generator.uniform(7.5, 12.0) * scale
    far_row = generator.uniform(0.2, 0.38) * size_wh[1]
    far = HEAD_HEIGHT_M * focal / far_head
    eye_down = height - EYE_HEIGHT_M
    middle = size_wh[1] / 2
    pitch = math.atan2(eye_down, far) - math.atan2(far_row - middle, focal)
    near = eye_down / math.tan(pitch + math.atan2(middle, focal))
    return PlazaCamera(size_wh, focal, pitch, height, near, far)


def choose_light(generator: np.random.Generator) -> Light:
    """Choose a time of day: sun, overcast, or dusk."""
    kind = generator.choice(["day", "overcast", "dusk"], p=[0.5, 0.32, 0.18])
    brightness = generator.uniform(0.92, 1.06)
    if kind == "day":
        angle = generator.uniform(0.0, 2 * math.pi)
        reach = generator.uniform(0.5, 1.3)
        toward = (reach * math.cos(angle), reach * math.sin(angle))
        gain = (1.16 * brightness, 1.12 * brightness, 1.05 * brightness)
        return Light("day", gain, generator.uniform(0.35, 0.5), toward, (205, 214, 222), False)
    if kind == "overcast":
        gain = (0.95 * brightness, 0.97 * brightness, 0.99 * brightness)
        return Light("overcast", gain, 0.28, (0.0, 0.0), (196, 201, 205), False)
    gain = (0.62 * brightness, 0.56 * brightness, 0.58 * brightness)
    return Light("dusk", gain, 0.25, (0.0, 0.0), (92, 84, 98), True)


def lit(light: Light, colour: tuple[float, float, float]) -> tuple[int, int, int]:
    """Give a color as it looks under the light."""
    red, green, blue = (
        int(min(255.0, max(0.0, part * gain)))
        for part, gain in zip(colour, light.gain_rgb, strict=True)
    )
    return red, green, blue
