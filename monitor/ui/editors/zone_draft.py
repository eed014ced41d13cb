"""Zones while they are drawn: what each step changes, and undo."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from monitor.core.zone import RelativePoint, Zone
from monitor.ui.language import later, translate

COLOURS = {
    later("ZonePanel", "blue"): "#3d9be9",
    later("ZonePanel", "orange"): "#e69f00",
    later("ZonePanel", "green"): "#2fae86",
    later("ZonePanel", "yellow"): "#f0e442",
    later("ZonePanel", "red"): "#d55e00",
    later("ZonePanel", "pink"): "#cc79a7",
}
"""After Okabe and Ito; a zone's name stands beside its colour."""
_UNDO_MOST = 200
_RECTANGLE = ((0.3, 0.3), (0.7, 0.3), (0.7, 0.7), (0.3, 0.7))


@dataclass(frozen=True, slots=True)
class _Step:
    zones: tuple[Zone, ...]
    points: tuple[RelativePoint, ...]
    chosen: int | None


class ZoneDraft:
    """The zones of one camera; every zone in it is a possible one at any time."""

    def __init__(self, zones: Sequence[Zone]) -> None:
        self._now = _Step(tuple(zones), (), 0 if zones else None)
        self._past: list[_Step] = []

    @property
    def zones(self) -> tuple[Zone, ...]:
        """All finished zones."""
        return self._now.zones

    @property
    def points(self) -> tuple[RelativePoint, ...]:
        """Corners of the zone that is being drawn."""
        return self._now.points

    @property
    def chosen(self) -> int | None:
        """Which zone is changed; None: none is."""
        return self._now.chosen

    @property
    def zone(self) -> Zone | None:
        """The zone that is changed."""
        return None if self.chosen is None else self.zones[self.chosen]

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to go back."""
        return bool(self._past)

    def choose(self, place: int | None) -> None:
        """Change another zone; not a step by itself."""
        known = place is not None and 0 <= place < len(self.zones)
        self._now = replace(self._now, chosen=place if known else None)

    def add_point(self, point: RelativePoint) -> None:
        """Set the next corner of a new zone."""
        self._take(replace(self._now, points=(*self.points, _inside(point))))

    def drop_points(self) -> None:
        """Give up the zone that is being drawn."""
        if self.points:
            self._take(replace(self._now, points=()))

    def close(self) -> None:
        """Finish the zone that is being drawn.

        Raises:
            ValueError: If its corners make no zone, in one sentence; they stay to be mended.
        """
        self._add(self.points)

    def add_rectangle(self) -> None:
        """Add a zone in the middle, for whoever moves corners with the keyboard."""
        self._add(_RECTANGLE)

    def change(self, **changes: object) -> None:
        """Change name, kind, colour or motion of the chosen zone.

        Args:
            changes: Fields of `Zone`.

        Raises:
            ValueError: If the name is empty or taken.
        """
        if self.chosen is None or self.zone is None:
            return
        # A field's type is checked by the zone itself.
        zone = replace(self.zone, **changes)  # type: ignore[arg-type]
        others = {one.name for place, one in enumerate(self.zones) if place != self.chosen}
        if zone.name in others:
            words = translate("ZoneController", "another zone is named {name}")
            raise ValueError(words.format(name=zone.name))
        if zone != self.zone:
            self._take(replace(self._now, zones=self._with(self.chosen, zone)))

    def move_corner(self, corner: int, point: RelativePoint, *, is_new_step: bool) -> bool:
        """Put a corner of the chosen zone somewhere else.

        Args:
            corner: Which one.
            point: Where to, pushed back into the picture.
            is_new_step: Whether undoing comes back to before this; False within one pull.

        Returns:
            Whether that is possible; where edges would cross nothing is changed.
        """
        if self.zone is None:
            return False
        polygon = list(self.zone.polygon)
        polygon[corner] = _inside(point)
        return self._reshape(tuple(polygon), is_new_step=is_new_step)

    def shift(
        self, start: Sequence[RelativePoint], right: float, down: float, *, is_new_step: bool
    ) -> bool:
        """Put the chosen zone as a whole somewhere else, as far as it stays in the picture.

        Args:
            start: Its corners where the move began: many small moves add up to no error.
            right: Share of the picture's width.
            down: Share of its height.
            is_new_step: Whether undoing comes back to before this; False within one pull.

        Returns:
            Whether that is possible.
        """
        across, along = zip(*start, strict=True)
        right, down = _kept_in(across, right), _kept_in(along, down)
        moved = tuple(_inside((x + right, y + down)) for x, y in start)
        return self._reshape(moved, is_new_step=is_new_step)

    def _reshape(self, polygon: tuple[RelativePoint, ...], *, is_new_step: bool) -> bool:
        if self.chosen is None or self.zone is None:
            return False
        try:
            zone = replace(self.zone, polygon=polygon)
        except ValueError:
            return False
        step = replace(self._now, zones=self._with(self.chosen, zone))
        if is_new_step:
            self._take(step)
        else:
            self._now = step
        return True

    def delete(self) -> None:
        """Take the chosen zone away."""
        if self.chosen is not None:
            zones = tuple(one for place, one in enumerate(self.zones) if place != self.chosen)
            self._take(replace(self._now, zones=zones, chosen=0 if zones else None))

    def undo(self) -> None:
        """Go one step back."""
        if self._past:
            self._now = self._past.pop()

    def _add(self, polygon: tuple[RelativePoint, ...]) -> None:
        names = {one.name for one in self.zones}
        number = next(n for n in range(1, len(names) + 2) if f"zone {n}" not in names)
        colours = list(COLOURS.values())
        colour = colours[len(self.zones) % len(colours)]
        zone = Zone(f"zone {number}", polygon, colour=colour)
        self._take(_Step((*self.zones, zone), (), len(self.zones)))

    def _with(self, place: int, zone: Zone) -> tuple[Zone, ...]:
        return (*self.zones[:place], zone, *self.zones[place + 1 :])

    def _take(self, step: _Step) -> None:
        self._past = [*self._past, self._now][-_UNDO_MOST:]
        self._now = step


def _kept_in(places: Sequence[float], step: float) -> float:
    """Give as much of a step as keeps places between 0 and 1."""
    return min(max(step, -min(places)), 1.0 - max(places))


def _inside(point: RelativePoint) -> RelativePoint:
    x, y = (round(min(1.0, max(0.0, part)), 4) for part in point)
    return x, y


def zone_at(zones: Sequence[Zone], point: RelativePoint) -> int | None:
    """Give the zone at a place; of several the one that is drawn on top; None: none is there."""
    hits = [place for place, one in enumerate(zones) if _holds(one.polygon, point)]
    return hits[-1] if hits else None


def _holds(polygon: tuple[RelativePoint, ...], point: RelativePoint) -> bool:
    """Whether a point lies inside a polygon: a ray to the right crosses its edges oddly often."""
    x, y = point
    is_inside = False
    for (ax, ay), (bx, by) in zip(polygon, (*polygon[1:], polygon[0]), strict=True):
        if (ay > y) != (by > y) and x < ax + (y - ay) / (by - ay) * (bx - ax):
            is_inside = not is_inside
    return is_inside
