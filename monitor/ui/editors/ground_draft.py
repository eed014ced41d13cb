"""The marks on the ground while they are set, and the plane that fits them.

A plane can be marked as a rectangle of known sides, as points known on a plan, or by the heads and
feet of people. Everything here is arithmetic and text: a plane comes with a sentence on its errors.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias, TypeVar

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
from monitor.scene.ground_fit import PAIRS_MIN, PEOPLE_MIN
from monitor.settings import BandSettings, GroundSettings
from monitor.ui.language import written

Place: TypeAlias = tuple[float, float]
"""x and y on a plan, metres."""
_T = TypeVar("_T")

CORNERS = 4
OWN_SCALE = "own"
_UNDO_MOST = 300
_DIGITS = 5  # of a share of the picture: a twentieth of a pixel of 4K
_USUAL_SIDES_M = (5.0, 5.0)


class Way(StrEnum):
    """Method; easiest first."""

    RECTANGLE = "rectangle"
    PAIRS = "points"
    PEOPLE = "people"


@dataclass(frozen=True, slots=True)
class Marks:
    """All marks at one moment."""

    way: Way = Way.RECTANGLE
    corners: tuple[RelativePoint, ...] = ()
    sides_m: tuple[float, float] = _USUAL_SIDES_M
    points: tuple[RelativePoint, ...] = ()
    metres: tuple[Place | None, ...] = ()
    """Of each point; None: not said yet."""
    people: tuple[RelativePoint, ...] = ()
    """Head and feet of each person in turn; the feet of the last may be missing."""
    height_m: float = 1.72
    head_height_m: float = 1.65
    scale: str = "fruin"
    """Levels of service by their name; `OWN_SCALE`: those in `band`."""
    band: tuple[BandSettings, ...] = ()
    """Site-specific levels, kept also while others are used."""
    chosen: int | None = None
    """Which click is moved by keys."""

    @property
    def clicked(self) -> tuple[RelativePoint, ...]:
        """What was clicked for the way that is chosen."""
        return {
            Way.RECTANGLE: self.corners,
            Way.PAIRS: self.points,
            Way.PEOPLE: self.people,
        }[self.way]

    @property
    def missing(self) -> str:
        """What must still be done before a plane can be laid, in one sentence; empty: nothing."""
        number = len(self.clicked)
        if self.way is Way.RECTANGLE:
            words = _tr("Click corner {next} of {all}, in order around the rectangle")
            return words.format(next=number + 1, all=CORNERS) if number < CORNERS else ""
        if self.way is Way.PAIRS:
            unsaid = [place + 1 for place, one in enumerate(self.metres) if one is None]
            if unsaid:
                words = _tr(
                    "Enter the plan coordinates of point {number} in meters, then press Enter"
                )
                return words.format(number=unsaid[0])
            words = _tr("Click point {next} of {all} or more: near and far, left and right")
            return words.format(next=number + 1, all=PAIRS_MIN) if number < PAIRS_MIN else ""
        person = number // 2 + 1
        if number % 2:
            return _tr("Click the feet of person {next}").format(next=person)
        words = _tr("Click the head of person {next} of {all} or more: near and far")
        return words.format(next=person, all=PEOPLE_MIN) if person <= PEOPLE_MIN else ""

    def values(self, aspect: float) -> dict[str, object]:
        """Give the fields of `GroundSettings`, without a check whether they fit."""
        common: dict[str, object] = {
            "aspect": round(aspect, _DIGITS),
            "head_height_m": self.head_height_m,
        }
        if self.scale == OWN_SCALE:
            common["band"] = self.band
        else:
            common["scale"] = self.scale
        if self.way is Way.RECTANGLE:
            return common | {"rectangle": self.corners, "sides_m": self.sides_m}
        if self.way is Way.PAIRS:
            return common | {"points": self.points, "metres": self.metres}
        heads, feet = self.people[::2], self.people[1::2]
        return common | {"heads": heads, "feet": feet, "height_m": self.height_m}


def marks_of(ground: GroundSettings | None) -> Marks:
    """Give the marks from which a ground was found; None: those of a new one."""
    if ground is None:
        return Marks()
    scale = OWN_SCALE if ground.band else ground.scale
    marks = Marks(head_height_m=ground.head_height_m, scale=scale, band=ground.band)
    if ground.rectangle is not None:
        sides_m = ground.sides_m or _USUAL_SIDES_M
        return replace(marks, corners=ground.rectangle, sides_m=sides_m)
    if ground.points:
        return replace(marks, way=Way.PAIRS, points=ground.points, metres=ground.metres)
    people = tuple(one for pair in zip(ground.heads, ground.feet, strict=False) for one in pair)
    return replace(marks, way=Way.PEOPLE, people=people, height_m=ground.height_m)


class GroundDraft:
    """The marks of one camera, and the way back to each step before."""

    def __init__(self, marks: Marks) -> None:
        self._now = marks
        self._past: list[Marks] = []

    @property
    def marks(self) -> Marks:
        """The marks now."""
        return self._now

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to go back."""
        return bool(self._past)

    @property
    def can_add(self) -> bool:
        """Whether another click is of use: a rectangle has four corners."""
        return self._now.way is not Way.RECTANGLE or len(self._now.corners) < CORNERS

    def set_way(self, way: Way) -> None:
        """Mark the ground in another way; marks of this one are kept."""
        if way is not self._now.way:
            self._take(replace(self._now, way=way, chosen=None))

    def add(self, point: RelativePoint) -> None:
        """Take in a click; it can be moved from now on."""
        if self.can_add:
            clicked = (*self._now.clicked, _inside(point))
            marks = replace(self._with(clicked), chosen=len(clicked) - 1)
            if marks.way is Way.PAIRS:
                marks = replace(marks, metres=(*marks.metres, None))
            self._take(marks)

    def choose(self, place: int | None) -> None:
        """Move another click; not a step by itself."""
        is_there = place is not None and 0 <= place < len(self._now.clicked)
        self._now = replace(self._now, chosen=place if is_there else None)

    def step_chosen(self, step: int) -> None:
        """Move the next click, or the one before."""
        number = len(self._now.clicked)
        if number:
            chosen = self._now.chosen
            before = (-1 if step > 0 else 0) if chosen is None else chosen
            self.choose((before + step) % number)

    def move(self, place: int, point: RelativePoint, *, is_new_step: bool) -> None:
        """Put a click somewhere else.

        Args:
            place: Which one.
            point: Where to, pushed back into the picture.
            is_new_step: Whether undoing comes back to before this; False within one pull.
        """
        clicked = list(self._now.clicked)
        clicked[place] = _inside(point)
        moved = self._with(tuple(clicked))
        if is_new_step:
            self._take(moved)
        else:
            self._now = moved

    def nudge(self, right: float, down: float) -> bool:
        """Move the chosen click by a share of the picture; says whether one is chosen."""
        place = self._now.chosen
        if place is None or place >= len(self._now.clicked):
            return False
        x, y = self._now.clicked[place]
        self.move(place, (x + right, y + down), is_new_step=True)
        return True

    def delete(self) -> None:
        """Take the chosen click away, or the last; a person goes with head and feet."""
        clicked, marks = self._now.clicked, self._now
        if not clicked:
            return
        place = len(clicked) - 1 if marks.chosen is None else marks.chosen
        gone = {place}
        if marks.way is Way.PEOPLE:
            gone = {place - place % 2, place - place % 2 + 1}
        left = replace(self._with(_without(clicked, gone)), chosen=None)
        if marks.way is Way.PAIRS:
            left = replace(left, metres=_without(marks.metres, gone))
        self._take(left)

    def say_metres(self, place: int, metres: Place) -> None:
        """Say where a point is on the plan."""
        if 0 <= place < len(self._now.metres) and self._now.metres[place] != metres:
            all_metres = list(self._now.metres)
            all_metres[place] = metres
            self._take(replace(self._now, metres=tuple(all_metres)))

    def set_values(self, **values: object) -> None:
        """Change lengths, heights or the scale: fields of `Marks`."""
        # What comes here comes from boxes that hold numbers and names alone.
        marks = replace(self._now, **values)  # type: ignore[arg-type]
        if marks != self._now:
            self._take(marks)

    def undo(self) -> None:
        """Go one step back."""
        if self._past:
            self._now = self._past.pop()

    def _with(self, clicked: tuple[RelativePoint, ...]) -> Marks:
        if self._now.way is Way.RECTANGLE:
            return replace(self._now, corners=clicked)
        if self._now.way is Way.PAIRS:
            return replace(self._now, points=clicked)
        return replace(self._now, people=clicked)

    def _take(self, marks: Marks) -> None:
        self._past = [*self._past, self._now][-_UNDO_MOST:]
        self._now = marks


def _inside(point: RelativePoint) -> RelativePoint:
    x, y = (round(min(1.0, max(0.0, part)), _DIGITS) for part in point)
    return x, y


def _without(items: tuple[_T, ...], gone: set[int]) -> tuple[_T, ...]:
    return tuple(one for place, one in enumerate(items) if place not in gone)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Ground", text)


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
        "Point {number} does not fit the others: mark it again, or check its coordinates."
    ).format(number=place + 1)


def _miss_warning(misses: Sequence[Miss]) -> str:
    residual = _root_mean_square([one.m for one in misses])
    if residual <= _MISS_MOST_M:
        return ""
    return _tr("The marks disagree by {miss} m: check each one.").format(
        miss=written(residual, ".1f")
    )


def _people_warning(height_error: float) -> str:
    if height_error <= _HEIGHT_ERROR_MOST:
        return ""
    return _tr(
        "The camera height cannot be determined from these people: mark some nearer and some "
        "farther away, or measure a rectangle."
    )


def _camera_warning(camera: CameraPlace | None, settings: GroundSettings) -> str:
    if camera is None:
        if settings.head_height_m == 0:
            return ""
        return _tr(
            "The head height cannot be determined from these marks, so heads are treated as feet: "
            "correct only for a camera that looks straight down. Otherwise check the lengths."
        )
    if camera.misfit_m > _MISS_MOST_M:
        return _tr(
            "No lens sees the ground quite so, it is off by {miss} m: check the lengths and "
            "their order."
        ).format(miss=written(camera.misfit_m, ".1f"))
    if not _HEIGHT_M[0] <= camera.height_m <= _HEIGHT_M[1]:
        return _tr("The computed camera height is {height} m: check the lengths.").format(
            height=written(camera.height_m, ".1f")
        )
    return ""


def _near_warning(share: float) -> str:
    if share >= _NEAR_LEAST:
        return ""
    return _tr("Only {share:.0%} of the picture is close enough to be measured.").format(
        share=share
    )


def _root_mean_square(values: Sequence[float]) -> float:
    return math.sqrt(sum(one**2 for one in values) / len(values)) if values else 0.0


def _sentence(message: str) -> str:
    text = message.removeprefix("Value error, ")
    return text[:1].upper() + text[1:]


_FEW = 0.02  # of a zone: less is its edge


def check_text(fit: GroundFit) -> str:
    """Say what a person can check a plane by: misses, camera, grid, zones.

    Args:
        fit: The plane.

    Returns:
        One line: `Off by 1.2 px, 0.04 m. Camera 8.1 m above the ground. Grid 1 m. gate 54 m²`.
    """
    parts = []
    if fit.misses:
        parts.append(
            _tr("Error {px} px, {m} m.").format(
                px=written(fit.residual_px, ".1f"), m=written(fit.residual_m, ".2f")
            )
        )
    if fit.camera is not None:
        parts.append(_camera_text(fit.camera, has_misses=bool(fit.misses)))
    parts.append(_tr("Grid {step} m.").format(step=fit.grid.step_m))
    if fit.zones:
        parts.append(_tr("Zones: {zones}").format(zones=", ".join(map(_zone_text, fit.zones))))
    return " ".join(parts)


def _camera_text(camera: CameraPlace, *, has_misses: bool) -> str:
    words = _tr("Camera {height} m above the ground").format(height=written(camera.height_m, ".1f"))
    if has_misses:
        return f"{words}."
    return words + _tr(", lens error {miss} m.").format(miss=written(camera.misfit_m, ".2f"))


def _zone_text(zone: ZoneGround) -> str:
    words = _tr("{name} {area} m²").format(name=zone.name, area=written(zone.area_m2, ".0f"))
    if zone.far_share <= _FEW:
        return words
    return words + _tr(" ({share:.0%} too far)").format(share=zone.far_share)
