"""What an opened graph takes at once: its own shape says it, so the manifest does not say it twice.

Graphs are written with free sides or with fixed ones (some accelerators want those), for one
picture, several, or any number.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.core.errors import ManifestError
from monitor.core.manifest import Manifest

_AXES = 4
_COLORS = 3


@dataclass(frozen=True, slots=True)
class Intake:
    """What a graph takes at once."""

    batch: int | None
    """Pictures, exactly; None: any number."""
    fixed_hw: tuple[int, int] | None
    """Height and width, exactly; None: any that the manifest allows."""


def read_intake(shape: Sequence[object], manifest: Manifest, *, origin: str) -> Intake:
    """Read what a graph takes, and refuse what contradicts its manifest.

    Args:
        shape: Of the input `frames`: whole numbers where fixed, names or None where free.
        manifest: What the file says of itself.
        origin: Name of the file, for the message.

    Returns:
        What it takes.

    Raises:
        ManifestError: If it takes no pictures of bytes, or of other sides than the manifest says.
    """
    sides = [one if isinstance(one, int) and one > 0 else None for one in shape]
    if (
        len(sides) != _AXES
        or sides[3] not in (None, _COLORS)
        or (sides[1] is None) != (sides[2] is None)
    ):
        raise ManifestError(
            f"{origin}: takes `frames` of shape {list(shape)}, but a counter takes pictures, "
            "height, width, 3 colors; export the model again"
        )
    batch, height, width = sides[0], sides[1], sides[2]
    if height is None or width is None:
        return Intake(batch, None)
    window = manifest.window_px
    if (height, width) != (window or height, window or width) or (
        height % manifest.size_multiple or width % manifest.size_multiple
    ):
        raise ManifestError(
            f"{origin}: takes pictures of {width}x{height} px, which its manifest (windows of "
            f"{window} px, sides in multiples of {manifest.size_multiple}) contradicts; export "
            "the model again"
        )
    return Intake(batch, (height, width))
