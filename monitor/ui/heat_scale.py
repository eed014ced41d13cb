"""How many people the brightest colour of the heat maps stands for.

One scale for all cameras, so that the same colour means the same crowd wherever it is on the
screen. It is fixed, by default at what suits the model's blocks. A person may let it follow the
crowd instead: then it rises at once with it, and falls slowly and with a margin, so that colours
are calm.
"""

import math

import numpy as np

from monitor.core.arrays import FloatMap
from monitor.scene.heatmap import full_people_of, spread

STEPS_PEOPLE = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
"""People per block that the brightest colour may stand for."""

STEPS_M2 = (1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0)
"""People per m² that the brightest colour may stand for, where the ground is known."""
USUAL_M2 = 6.0
"""The same, to begin with: just above where every scale of crowding ends."""

SPREAD_BLOCKS = 1.0
"""How far each block shines onto those around it before it is coloured, blocks."""

_PEAK_SHARE = 0.995  # the fullest block of all is often a mistake of the model
_FALL_S = 60.0
_MARGIN = 0.7


def peak_of(density: FloatMap) -> float:
    """Give how full the full blocks of a density map are, as it is shown.

    Args:
        density: Shape (rows, columns), float32, people per block.

    Returns:
        People per block; 0 for an empty or broken map.
    """
    if not density.size:
        return 0.0
    peak = float(np.quantile(spread(density, blocks=SPREAD_BLOCKS), _PEAK_SHARE))
    return peak if math.isfinite(peak) else 0.0


def usual_people(block_px: int) -> float:
    """Give the step of the scale that suits a model's blocks: the nearest to 1 person in 16 px."""
    wanted = full_people_of(block_px)
    return min(STEPS_PEOPLE, key=lambda step: abs(math.log(step / wanted)))


class HeatScale:
    """The scale of all heat maps of a window; lives on the GUI thread."""

    def __init__(self) -> None:
        self._peak = 0.0
        self._taken_s: float | None = None
        self._step = 0
        self._fixed: float | None = None
        self.full_m2 = USUAL_M2
        """People per m² at which the colour is the brightest, where the ground is known; fixed."""

    @property
    def full_people(self) -> float:
        """People per block at which the colour is the brightest."""
        return STEPS_PEOPLE[self._step] if self._fixed is None else self._fixed

    @property
    def follows_crowd(self) -> bool:
        """Whether the scale is not fixed."""
        return self._fixed is None

    def fix(self, people: float | None) -> None:
        """Fix the brightest colour at so many people per block; None: follow the crowd."""
        self._fixed = people

    def take(self, peak: float, now_s: float) -> None:
        """Take in how full a density map is.

        Args:
            peak: People per block, of any camera.
            now_s: Monotonic clock.
        """
        elapsed_s = 0.0 if self._taken_s is None else max(0.0, now_s - self._taken_s)
        self._taken_s = now_s
        self._peak = max(peak, self._peak * math.exp(-elapsed_s / _FALL_S))
        last = len(STEPS_PEOPLE) - 1
        while self._step < last and self._peak > STEPS_PEOPLE[self._step]:
            self._step += 1
        while self._step > 0 and self._peak < _MARGIN * STEPS_PEOPLE[self._step - 1]:
            self._step -= 1
