"""What evidence is made of: the records that come into this room."""

from dataclasses import dataclass
from typing import Protocol

from monitor.core.alarm import AlarmStatus
from monitor.core.arrays import RgbImage
from monitor.core.prediction import Prediction
from monitor.core.reading import Quality, Reading


class SeenPicture(Protocol):
    """A picture that can be had as an array."""

    def to_rgb(self, *, max_wh: tuple[int, int] | None = None) -> RgbImage:
        """Give it: shape (H, W, 3), uint8, RGB, read-only."""
        ...


class SeenFrame(Protocol):
    """A frame, as far as it is kept."""

    @property
    def picture(self) -> SeenPicture:
        """What was seen."""
        ...

    @property
    def captured_s(self) -> float:
        """Monotonic clock when it arrived."""
        ...

    @property
    def is_damaged(self) -> bool:
        """Whether the decoder reported damage."""
        ...


class SeenCamera(Protocol):
    """A camera now, as far as evidence asks."""

    @property
    def name(self) -> str:
        """How people call it."""
        ...

    @property
    def source_label(self) -> str:
        """Its address without any password."""
        ...

    @property
    def quality(self) -> Quality:
        """How far the newest count can be trusted now."""
        ...

    @property
    def prediction(self) -> Prediction | None:
        """Newest count by block."""
        ...

    @property
    def counted_frame(self) -> SeenFrame | None:
        """The frame that it was made from."""
        ...

    @property
    def reading(self) -> Reading | None:
        """Newest reading."""
        ...

    @property
    def alarms(self) -> tuple[AlarmStatus, ...]:
        """Where each of its alarms stands."""
        ...


class SeenArea(Protocol):
    """An area now, as far as evidence asks."""

    @property
    def name(self) -> str:
        """How people call it."""
        ...

    @property
    def quality(self) -> Quality:
        """How far the newest count can be trusted now."""
        ...

    @property
    def reading(self) -> Reading | None:
        """Newest reading."""
        ...

    @property
    def alarms(self) -> tuple[AlarmStatus, ...]:
        """Where each of its alarms stands."""
        ...


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What counted."""

    name: str
    provider: str
    """Where it ran: cpu, cuda, …"""
    file_name: str
    """Name of the model file, without its folder."""
    file_sha256: str
    """Hash of the model file; empty where it could not be read any more."""
    manifest: str
    """What the file says of itself, JSON."""


UNKNOWN_MODEL = ModelFacts("", "", "", "", "{}")
"""Stands where nobody said what counts."""
