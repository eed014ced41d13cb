"""Areas: places that several cameras see, counted as one.

What is known of an area comes as a `Reading` under the area's name, so that rules, journal, history
and receivers treat it as they treat a camera.
"""

from dataclasses import dataclass
from enum import StrEnum


class Combine(StrEnum):
    """How the parts of an area make the whole."""

    SUM = "sum"
    """The cameras see different ground: their people add up."""
    MAX = "max"
    """The cameras see the same ground: the one that sees most of the people is right."""


@dataclass(frozen=True, slots=True)
class Member:
    """A part of an area."""

    camera: str
    zone: str | None = None
    """Name of the camera's zone; None: its whole picture."""


@dataclass(frozen=True, slots=True)
class Area:
    """A place that several cameras see."""

    name: str
    """How people call it; no camera has the same name."""
    members: tuple[Member, ...]
    combine: Combine = Combine.SUM
