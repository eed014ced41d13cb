"""What a new list of cameras means for those that run: who stays, comes, goes, or begins anew."""

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.settings import CameraSettings


@dataclass(frozen=True, slots=True)
class CameraChanges:
    """Names of cameras, each in exactly one of four places."""

    kept: tuple[str, ...] = ()
    """Their settings are the same: they notice nothing."""
    added: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    """Their settings differ: they begin anew under the same name."""
    removed: tuple[str, ...] = ()

    def __str__(self) -> str:
        parts = {"added": self.added, "changed": self.replaced, "removed": self.removed}
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
        replaced=tuple(one.name for one in common if one != old[one.name]),
        removed=tuple(one.name for one in before if one.name not in wanted),
    )
