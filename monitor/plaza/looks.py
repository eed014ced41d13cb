"""What people wear: colours and clothes, drawn once for everybody."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.plaza.scene import Vectors

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
    """Colours, shape (N, 3), 0 to 255 before the light; and what is worn, shape (N,), bool."""

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
    """Whether the skirt is the lower half of a coat and has its colour."""


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
