"""From marks to a plane, with all that is shown of it; done off the GUI thread."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError
from PyQt6.QtCore import QCoreApplication

from monitor.core.arrays import FloatMap
from monitor.core.zone import RelativePoint, Zone, relative_area
from monitor.scene.ground import GroundPlane
from monitor.scene.ground_check import (
    CameraPlace,
    Grid,
    Miss,
    Outline,
    ZoneGround,
    beyond_share,
    camera_place,
    far_part,
    ground_grid,
    horizon,
    near_part,
    pair_misses,
    people_misses,
    suspect_of,
    zone_grounds,
)
from monitor.settings import GroundSettings
from monitor.ui.language import written

_MISS_MOST_M = 0.5
"""Beyond that a click is off, not merely coarse: half a person's width on the ground."""
_HEIGHT_M = (2.0, 100.0)
"""Heights at which cameras of crowds hang; others are likely a mistake in the lengths."""
_HEIGHT_ERROR_MOST = 0.04
"""Standard error of the camera's height beyond which it was off by 9 % or more on 30 drawn plazas,
and by 8 % at most below (`benchmarks/ground.py`)."""
_BEYOND_MOST = 0.05
_NEAR_LEAST = 0.2


@dataclass(frozen=True, slots=True)
class Sight:
    """What the camera sees while its ground is marked."""

    size_wh: tuple[int, int]
    """Width and height of the picture, pixels."""
    block_px: int
    """Side of a block of the model, pixels."""
    zones: tuple[Zone, ...] = ()
    density: FloatMap | None = None
    """People by block, counted in that picture; None: nothing was counted."""

    @property
    def aspect(self) -> float:
        """Width of the picture divided by its height."""
        return self.size_wh[0] / self.size_wh[1]


@dataclass(frozen=True, eq=False, slots=True)
class GroundFit:
    """A plane that was laid through marks, and what it can be checked by."""

    settings: GroundSettings
    misses: tuple[Miss, ...]
    """Of each corner, point or person."""
    camera: CameraPlace | None
    horizon: tuple[RelativePoint, RelativePoint] | None
    far: Outline
    """Where a block says too little."""
    grid: Grid
    zones: tuple[ZoneGround, ...]
    warnings: tuple[str, ...]
    """What makes it doubtful, one sentence each, the worst first."""

    @property
    def residual_m(self) -> float:
        """How far the marks miss, root mean square, metres."""
        return _root_mean_square([one.m for one in self.misses])

    @property
    def residual_px(self) -> float:
        """The same in pixels of the picture."""
        return _root_mean_square([one.px for one in self.misses])


def fit_ground(values: Mapping[str, object], sight: Sight) -> GroundFit | str:
    """Lay a plane through marks.

    Args:
        values: Fields of `GroundSettings`.
        sight: What the camera sees.

    Returns:
        The fit; where there is none, one sentence that says why.
    """
    try:
        settings = GroundSettings.model_validate(values)
    except ValidationError as error:
        return _sentence(error.errors(include_input=False)[0]["msg"])
    plane = settings.to_plane()
    camera = camera_place(plane, settings.head_height_m)
    near = near_part(plane, sight.size_wh, sight.block_px)
    size_hw = sight.size_wh[::-1]
    areas = plane.block_areas_m2(size_hw, sight.block_px)
    beyond = 0.0 if sight.density is None else beyond_share(areas, sight.density)
    misses = _misses(plane, settings, camera, sight)
    return GroundFit(
        settings=settings,
        misses=misses,
        camera=camera,
        horizon=horizon(plane),
        far=far_part(plane, sight.size_wh, sight.block_px),
        grid=ground_grid(plane, near, sight.size_wh),
        zones=zone_grounds(sight.zones, areas, size_hw, sight.block_px),
        warnings=tuple(
            one
            for one in (
                _horizon_warning(beyond),
                _suspect_warning(settings),
                _miss_warning(misses),
                _people_warning(plane.height_error),
                _camera_warning(camera, settings),
                _near_warning(abs(relative_area(near)) if near else 0.0),
            )
            if one
        ),
    )


def _misses(
    plane: GroundPlane, settings: GroundSettings, camera: CameraPlace | None, sight: Sight
) -> tuple[Miss, ...]:
    if settings.points:
        return pair_misses(plane, settings.points, settings.metres, sight.size_wh)
    if settings.heads and camera is not None:
        people = list(zip(settings.heads, settings.feet, strict=True))
        return people_misses(plane, camera, people, settings.height_m, sight.size_wh)
    return ()  # four corners always fit; what can be wrong with them is in the camera's misfit


def _horizon_warning(beyond: float) -> str:
    if beyond <= _BEYOND_MOST:
        return ""
    return _tr(
        "The horizon lies in the crowd: {share:.0%} of the people that are counted now would "
        "stand beyond it. Check the marks."
    ).format(share=beyond)


def _suspect_warning(settings: GroundSettings) -> str:
    place = suspect_of(settings.points, settings.metres) if settings.points else None
    if place is None:
        return ""
    return _tr(
        "Point {number} does not go with the others: click it again, or check its metres."
    ).format(number=place + 1)


def _miss_warning(misses: Sequence[Miss]) -> str:
    residual = _root_mean_square([one.m for one in misses])
    if residual <= _MISS_MOST_M:
        return ""
    return _tr("The marks miss by {miss} m: look for one that is off.").format(
        miss=written(residual, ".1f")
    )


def _people_warning(height_error: float) -> str:
    if height_error <= _HEIGHT_ERROR_MOST:
        return ""
    return _tr(
        "These people leave open how high the camera hangs: click some nearer and some farther "
        "away, or measure a rectangle."
    )


def _camera_warning(camera: CameraPlace | None, settings: GroundSettings) -> str:
    if camera is None:
        if settings.head_height_m == 0:
            return ""
        return _tr(
            "The height of heads cannot be told from these marks, so heads are taken for feet: "
            "right only for a camera that looks straight down. Else check the lengths."
        )
    if camera.misfit_m > _MISS_MOST_M:
        return _tr(
            "No lens sees the ground quite so, it is off by {miss} m: check the lengths and "
            "their order."
        ).format(miss=written(camera.misfit_m, ".1f"))
    if not _HEIGHT_M[0] <= camera.height_m <= _HEIGHT_M[1]:
        return _tr("The camera would hang {height} m high: check the lengths.").format(
            height=written(camera.height_m, ".1f")
        )
    return ""


def _near_warning(share: float) -> str:
    if share >= _NEAR_LEAST:
        return ""
    return _tr("Only {share:.0%} of the picture is near enough to be measured.").format(share=share)


def _root_mean_square(values: Sequence[float]) -> float:
    return math.sqrt(sum(one**2 for one in values) / len(values)) if values else 0.0


def _sentence(message: str) -> str:
    text = message.removeprefix("Value error, ")
    return text[:1].upper() + text[1:]


def _tr(text: str) -> str:
    return QCoreApplication.translate("Ground", text)
