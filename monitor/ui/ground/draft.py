"""The ground while it is marked: three ways to do it, what each click makes of them, the way back.

Each way keeps its own marks, so that trying another one loses nothing. Whether the marks fit a
plane is worked out elsewhere: it may take longer than a click.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias, TypeVar

from PyQt6.QtCore import QCoreApplication

from monitor.core.zone import RelativePoint
from monitor.scene.ground_fit import PAIRS_MIN, PEOPLE_MIN
from monitor.settings import BandSettings, GroundSettings

Place: TypeAlias = tuple[float, float]
"""x and y on a plan, metres."""
_T = TypeVar("_T")

CORNERS = 4
OWN_SCALE = "own"
_UNDO_MOST = 300
_DIGITS = 5  # of a share of the picture: a twentieth of a pixel of 4K
_USUAL_SIDES_M = (5.0, 5.0)


class Way(StrEnum):
    """How the ground is marked; easiest first."""

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
    """Levels of this site's own, kept also while others are used."""
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
            words = _tr("Click corner {next} of {all}, one after the other round the rectangle")
            return words.format(next=number + 1, all=CORNERS) if number < CORNERS else ""
        if self.way is Way.PAIRS:
            unsaid = [place + 1 for place, one in enumerate(self.metres) if one is None]
            if unsaid:
                words = _tr("Say where point {number} is on the plan, in metres, and press Enter")
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
