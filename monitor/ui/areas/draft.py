"""Areas while they are put together: what each step makes of them, and the way back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PyQt6.QtCore import QCoreApplication

from monitor.core.area import Combine, Member
from monitor.core.series import SEPARATOR
from monitor.settings import AreaSettings, MemberSettings

_UNDO_MOST = 200


@dataclass(frozen=True, slots=True)
class AreaParts:
    """One area; unlike one that is counted it may still be without a member."""

    name: str
    combine: Combine = Combine.SUM
    members: tuple[Member, ...] = ()
    kept: AreaSettings | None = None
    """What else is set of it, its rules above all; None: it is new."""

    def settings(self) -> AreaSettings:
        """Give the settings; raises a `ValueError` where it has no member."""
        if not self.members:
            raise ValueError(f"area {self.name} has no member")
        member = tuple(MemberSettings(camera=one.camera, zone=one.zone) for one in self.members)
        if self.kept is None:
            return AreaSettings(name=self.name, combine=self.combine, member=member)
        changes = {"name": self.name, "combine": self.combine, "member": member}
        return self.kept.model_copy(update=changes)


@dataclass(frozen=True, slots=True)
class _Step:
    areas: tuple[AreaParts, ...]
    chosen: int | None


class AreasDraft:
    """All areas of a site while they are changed."""

    def __init__(self, areas: Sequence[AreaSettings], cameras: Sequence[str]) -> None:
        """Begin with what holds.

        Args:
            areas: The areas.
            cameras: Names that an area cannot have.
        """
        parts = tuple(AreaParts(one.name, one.combine, one.to_area().members, one) for one in areas)
        self._cameras = tuple(cameras)
        self._now = _Step(parts, 0 if parts else None)
        self._past: list[_Step] = []

    @property
    def areas(self) -> tuple[AreaParts, ...]:
        """All areas, also those without a member yet."""
        return self._now.areas

    @property
    def chosen(self) -> int | None:
        """Which area is changed; None: none is."""
        return self._now.chosen

    @property
    def area(self) -> AreaParts | None:
        """The area that is changed."""
        return None if self.chosen is None else self.areas[self.chosen]

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to go back."""
        return bool(self._past)

    def settings(self) -> tuple[AreaSettings, ...]:
        """Give all areas that can be counted: those with a member."""
        return tuple(one.settings() for one in self.areas if one.members)

    def choose(self, place: int) -> None:
        """Change another area; not a step by itself."""
        if 0 <= place < len(self.areas):
            self._now = replace(self._now, chosen=place)

    def add(self) -> None:
        """Add an area, still without members."""
        taken = {*self._cameras, *(one.name for one in self.areas)}
        number = next(n for n in range(1, len(taken) + 2) if f"area {n}" not in taken)
        self._take(_Step((*self.areas, AreaParts(f"area {number}")), len(self.areas)))

    def delete(self) -> None:
        """Take the chosen area away."""
        if self.chosen is not None:
            areas = tuple(one for place, one in enumerate(self.areas) if place != self.chosen)
            self._take(_Step(areas, 0 if areas else None))

    def rename(self, name: str) -> None:
        """Call the chosen area otherwise.

        Raises:
            ValueError: If the name is empty, or a camera or another area has it; one sentence.
        """
        if self.area is None or name == self.area.name:
            return
        others = {one.name for place, one in enumerate(self.areas) if place != self.chosen}
        if not name.strip() or "/" in name or SEPARATOR in name:
            raise ValueError(_tr("An area needs a name without / and ·"))
        if name in others or name in self._cameras:
            raise ValueError(_tr("Another area or camera is called {name}").format(name=name))
        self._change(replace(self.area, name=name))

    def set_combine(self, combine: Combine) -> None:
        """Say how the members of the chosen area make the whole."""
        if self.area is not None and combine is not self.area.combine:
            self._change(replace(self.area, combine=combine))

    def set_member(self, member: Member, *, is_in: bool) -> None:
        """Take a camera or zone into the chosen area, or out of it.

        A whole camera and one of its zones are not both in it: people would count twice.
        """
        if self.area is None or (member in self.area.members) is is_in:
            return
        left = tuple(one for one in self.area.members if not (is_in and _overlap(one, member)))
        members = (*left, member) if is_in else tuple(one for one in left if one != member)
        self._change(replace(self.area, members=members))

    def undo(self) -> None:
        """Go one step back."""
        if self._past:
            self._now = self._past.pop()

    def _change(self, area: AreaParts) -> None:
        areas = list(self.areas)
        areas[self.chosen or 0] = area
        self._take(replace(self._now, areas=tuple(areas)))

    def _take(self, step: _Step) -> None:
        self._past = [*self._past, self._now][-_UNDO_MOST:]
        self._now = step


def _overlap(one: Member, other: Member) -> bool:
    return one.camera == other.camera and (one.zone is None or other.zone is None)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Areas", text)
