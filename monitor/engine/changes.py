"""What a new list of cameras means for those that run: who stays, comes, goes, or begins anew."""

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.settings import CameraSettings

_OF_THE_SCENE = {
    "zone", "ground", "limit", "rule", "stream_alarm_after_s", "stream_alarm_priority", "count",
    "place",
}  # fmt: skip
"""Settings that can change while the pictures go on coming."""


@dataclass(frozen=True, slots=True)
class CameraChanges:
    """Names of cameras, each in exactly one of five places."""

    kept: tuple[str, ...] = ()
    """Their settings are the same: they notice nothing."""
    added: tuple[str, ...] = ()
    adjusted: tuple[str, ...] = ()
    """Only what is made of their pictures differs (zones, ground, rules): they go on."""
    replaced: tuple[str, ...] = ()
    """Their settings differ: they begin anew under the same name."""
    removed: tuple[str, ...] = ()

    def __str__(self) -> str:
        parts = {
            "added": self.added,
            "adjusted": self.adjusted,
            "changed": self.replaced,
            "removed": self.removed,
        }
        told = [f"{word} {', '.join(names)}" for word, names in parts.items() if names]
        return "; ".join(told) or "no camera changed"


def compare(before: Sequence[CameraSettings], after: Sequence[CameraSettings]) -> CameraChanges:
    """Compare two lists of cameras by their names.

    Args:
        before: The cameras that run; names differ.
        after: Those that are wanted; names differ.

    Returns:
        What becomes of each of them.
    """
    old = {one.name: one for one in before}
    common = [one for one in after if one.name in old]
    wanted = {one.name for one in after}
    return CameraChanges(
        kept=tuple(one.name for one in common if one == old[one.name]),
        added=tuple(one.name for one in after if one.name not in old),
        adjusted=tuple(one.name for one in common if _is_adjusted(old[one.name], one)),
        replaced=tuple(one.name for one in common if not _has_same_stream(old[one.name], one)),
        removed=tuple(one.name for one in before if one.name not in wanted),
    )


def _has_same_stream(one: CameraSettings, other: CameraSettings) -> bool:
    return one.model_dump(exclude=_OF_THE_SCENE) == other.model_dump(exclude=_OF_THE_SCENE)


def _is_adjusted(one: CameraSettings, other: CameraSettings) -> bool:
    return one != other and _has_same_stream(one, other)
