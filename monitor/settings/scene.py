"""`[[camera.zone]]` and `[camera.ground]`: what a camera sees, as a person has marked it."""

from functools import lru_cache
from typing import Annotated, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

from monitor.core.zone import Zone, ZoneKind
from monitor.scene.ground import HEAD_HEIGHT_M, GroundPlane
from monitor.scene.ground_fit import from_pairs, from_people, from_rectangle
from monitor.scene.levels import SCALES, Band, Scale

_FROZEN = ConfigDict(
    frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True
)
_Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
_Place: TypeAlias = tuple[_Share, _Share]
"""x and y as shares of the picture's width and height, from its upper left corner."""
_Side: TypeAlias = Annotated[float, Field(ge=0.01, le=100_000)]
_Metres: TypeAlias = Annotated[float, Field(ge=-1e8, le=1e8)]
"""On a plan; the grids of whole countries count in metres from far away."""


class ZoneSettings(BaseModel):
    """`[[camera.zone]]`: a part of the picture that is counted by itself, or not at all."""

    model_config = _FROZEN

    name: Annotated[str, Field(min_length=1)]
    """How people call it; unique in a camera."""
    polygon: Annotated[tuple[_Place, ...], Field(min_length=3)]
    """Corners in order, as shares of the picture: `[[0, 0.5], [1, 0.5], [1, 1]]`."""
    kind: ZoneKind = ZoneKind.COUNT
    """count, or exclude: nobody in it counts anywhere."""
    colour: Annotated[str, Field(pattern="^#[0-9a-fA-F]{6}$")] = "#3d9be9"
    """Colour in which it is drawn."""
    moving: bool = False
    """Whether people walk there rather than stand."""

    @model_validator(mode="after")
    def _zone_is_possible(self) -> Self:
        self.to_zone()
        return self

    @classmethod
    def of_zone(cls, zone: Zone) -> Self:
        """Give the settings that make a zone."""
        return cls(
            name=zone.name,
            polygon=zone.polygon,
            kind=zone.kind,
            colour=zone.colour,
            moving=zone.is_moving,
        )

    def to_zone(self) -> Zone:
        """Give the record that is counted with."""
        return Zone(self.name, self.polygon, self.kind, self.colour, self.moving)


class BandSettings(BaseModel):
    """`[[camera.ground.band]]`: one level of a scale of one's own."""

    model_config = _FROZEN

    name: Annotated[str, Field(min_length=1)]
    """How people call it, as `C` or `dense`."""
    from_m2: Annotated[float, Field(ge=0)]
    """People per m² from which on it holds; the lowest begins at 0."""
    meaning: str = ""
    """What it means, in words."""
    source: str = ""
    """Where the number comes from."""


class GroundSettings(BaseModel):
    """`[camera.ground]`: the ground before the camera, from what was clicked on in its picture.

    One of three: `rectangle` with `sides_m`; `points` with `metres`; `heads` and `feet` with
    `height_m`. All points are shares of the picture.
    """

    model_config = _FROZEN

    rectangle: tuple[_Place, _Place, _Place, _Place] | None = None
    """Corners of a rectangle on the ground, in order."""
    sides_m: tuple[_Side, _Side] | None = None
    """Its sides: from the first corner to the second, and from the second to the third."""
    points: tuple[_Place, ...] = ()
    """Six or more points of the ground …"""
    metres: tuple[tuple[_Metres, _Metres], ...] = ()
    """… and where they are on a plan, metres."""
    heads: tuple[_Place, ...] = ()
    """Tops of the heads of five or more people …"""
    feet: tuple[_Place, ...] = ()
    """… and their feet, in the same order."""
    height_m: Annotated[float, Field(gt=0.5, lt=2.5)] = 1.72
    """How tall those people are."""
    head_height_m: Annotated[float, Field(ge=0, lt=2.5)] = HEAD_HEIGHT_M
    """Height in which the heads of the crowd are: lower where people sit."""
    aspect: Annotated[float, Field(gt=0.1, lt=10)] = 16 / 9
    """Width of the picture divided by its height."""
    scale: str = "fruin"
    """Levels of service: fruin or still; not looked at where bands are given."""
    band: tuple[BandSettings, ...] = ()
    """A scale of one's own, from 0 on; it holds for standing and moving people alike."""
    reference: str | None = None
    """File with what the camera saw when the points were clicked on, to tell when it has moved;
    absent: what it sees when the program starts."""

    @model_validator(mode="after")
    def _ground_is_possible(self) -> Self:
        self.to_plane()
        self.to_scale()
        return self

    def to_plane(self) -> GroundPlane:
        """Find the ground.

        Returns:
            The planes of the ground and of the heads.

        Raises:
            ValueError: If none or several of the three ways are given, or the points do not fit.
        """
        ways = (self.rectangle is not None, bool(self.points), bool(self.heads))
        if sum(ways) != 1:
            raise ValueError(
                "give one of `rectangle` with `sides_m`, `points` with `metres`, or `heads` with "
                "`feet`"
            )
        return _plane_of(self.model_copy(update={"scale": "", "band": (), "reference": None}))

    def to_scale(self) -> Scale:
        """Give the levels of service.

        Returns:
            The bands given, else the scale that is named.

        Raises:
            ValueError: If there is no such scale, or the bands do not rise from 0.
        """
        if not self.band:
            if self.scale not in SCALES:
                raise ValueError(f"there is no scale {self.scale!r}; known are {', '.join(SCALES)}")
            return SCALES[self.scale]
        bands = tuple(Band(one.name, one.from_m2, one.meaning) for one in self.band)
        sources = dict.fromkeys(one.source for one in self.band if one.source)
        return Scale("own", bands, bands, "; ".join(sources))


@lru_cache(maxsize=64)
def _plane_of(ground: GroundSettings) -> GroundPlane:
    """Find the ground, once for the same marks; a `ValueError` where they do not fit."""
    # From people it takes a tenth of a second, and marks are laid out when they are checked, when
    # they are used, and again with every zone that is drawn; a window must not wait for that.
    aspect, head_height_m = ground.aspect, ground.head_height_m
    if ground.rectangle is not None:
        if ground.sides_m is None:
            raise ValueError("a rectangle needs `sides_m`, the length of two sides")
        return from_rectangle(
            ground.rectangle, ground.sides_m, aspect=aspect, head_height_m=head_height_m
        )
    if ground.points:
        return from_pairs(ground.points, ground.metres, aspect=aspect, head_height_m=head_height_m)
    return from_people(
        ground.heads,
        ground.feet,
        height_m=ground.height_m,
        aspect=aspect,
        head_height_m=head_height_m,
    )
