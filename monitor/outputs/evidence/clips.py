"""Video around an alarm, as the camera sent it: taken from rings of packets, never encoded anew.

What an alarm shows lies partly in the future, so its clip is taken when the seconds after it are
over, and comes into a folder of its own inside the pack.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.core.alarm import AlarmEvent
from monitor.core.errors import NotAStreamError
from monitor.core.privacy import Privacy
from monitor.core.series import camera_of
from monitor.video.clip import ClipCut, ClipSpan, clip_file, cut_clip
from monitor.video.packets import PacketRing, RingBounds

SETTLES_S = 1.0
"""Seconds after the last wanted picture at which a clip is taken: networks and processes delay."""
_GROUP_AT_MOST_S = 10.0
"""Key pictures of cameras that save bandwidth are seldom; a clip begins with one."""


@dataclass(frozen=True, slots=True)
class ClipTerms:
    """How much video is kept of an alarm."""

    before_s: float = 10.0
    after_s: float = 10.0
    bytes_max: int = 48 << 20
    """Memory for the newest packets of one camera."""

    @property
    def bounds(self) -> RingBounds:
        """How much of each stream has to be remembered for that."""
        spare_s = 2 * SETTLES_S + _GROUP_AT_MOST_S
        return RingBounds(self.before_s + self.after_s + spare_s, self.bytes_max)


@dataclass(frozen=True, slots=True)
class WaitingClip:
    """A clip whose last seconds are still to come."""

    terms: ClipTerms
    at_s: float
    """Monotonic clock at the alarm."""
    rings: tuple[tuple[str, PacketRing], ...]
    """Names and rings of the cameras that see the place."""

    @property
    def due_s(self) -> float:
        """Monotonic clock at which it is to be taken."""
        return self.at_s + self.terms.after_s + SETTLES_S


@dataclass(frozen=True, slots=True)
class TakenClip:
    """A clip on its way to the disk: for each camera what makes it, or why there is none."""

    span: ClipSpan
    cuts: tuple[tuple[str, ClipCut | str], ...]

    @property
    def size_bytes(self) -> int:
        """Memory that its packets take."""
        return sum(cut.size_bytes for _, cut in self.cuts if isinstance(cut, ClipCut))


def why_no_clip(privacy: Privacy) -> str:
    """Say why no video may be stored; empty: it may."""
    if privacy is Privacy.AS_THEY_ARE:
        return ""
    if privacy is Privacy.NO_PICTURES:
        return f'[privacy] pictures = "{privacy.value}": no picture is stored, and so no video'
    return (
        f'[privacy] pictures = "{privacy.value}": video is stored as the camera encoded it, and '
        "cannot be blurred"
    )


def waiting_clip(
    terms: ClipTerms, at_s: float, cameras: Sequence[str], ring_of: Callable[[str], PacketRing]
) -> WaitingClip:
    """Begin a clip.

    Args:
        terms: How much is kept.
        at_s: Monotonic clock at the alarm.
        cameras: Names of the cameras or of series of them; a camera is shown once.
        ring_of: Gives the newest video of a camera.

    Returns:
        What waits for the seconds after the alarm.
    """
    names = dict.fromkeys(camera_of(one) for one in cameras)
    return WaitingClip(terms, at_s, tuple((name, ring_of(name)) for name in names))


def take_clip(waiting: WaitingClip) -> TakenClip:
    """Take what there is of a clip now; copies no picture."""
    span = ClipSpan(waiting.at_s, waiting.terms.before_s, waiting.terms.after_s)
    return TakenClip(
        span, tuple((name, cut_clip(ring.kept(), span)) for name, ring in waiting.rings)
    )


def refused(taken: TakenClip, why: str) -> TakenClip:
    """Let go of the packets of a clip; why, stands in their place."""
    return TakenClip(taken.span, tuple((name, why) for name, _ in taken.cuts))


def clip_files(taken: TakenClip, event: AlarmEvent) -> dict[str, bytes]:
    """Give the files of a clip.

    Args:
        taken: The clip.
        event: Its alarm.

    Returns:
        Contents by name: a video for each camera that has one, and `clip.json`, which tells what
        each shows and why it shows no more.
    """
    is_area = len(taken.cuts) > 1
    files: dict[str, bytes] = {}
    told = []
    for number, (camera, cut) in enumerate(taken.cuts, start=1):
        prefix = f"{number}-" if is_area else ""
        told.append({"name": camera, **_camera(cut, f"{prefix}clip", event.at_utc, files)})
    document = {
        "alarm_id": event.alarm_id,
        "at_utc": _time(event.at_utc),
        "asked_before_s": taken.span.before_s,
        "asked_after_s": taken.span.after_s,
        "cameras": told,
        "notice": "Video as the camera sent it: nothing was encoded anew, nothing was blurred.",
    }
    text = json.dumps(document, indent=2, ensure_ascii=False)
    files["clip.json"] = text.encode("utf-8", "replace") + b"\n"
    return files


_Document = dict[str, Any]
"""A JSON document: its values are of many kinds."""


def _camera(cut: ClipCut | str, name: str, at_utc: datetime, files: dict[str, bytes]) -> _Document:
    """Add the video of one camera to the files; gives what is told of it."""
    if isinstance(cut, str):
        return {"file": None, "why_not": cut}
    try:
        made = clip_file(cut)
    except NotAStreamError as error:
        return {"file": None, "why_not": str(error)}
    files[name + made.suffix] = made.content
    width, height = made.size_wh
    return {
        "file": name + made.suffix,
        "codec": cut.format.codec,
        "width": width,
        "height": height,
        "pictures": len(cut.packets),
        "begins_s": round(cut.begins_s, 3),
        "ends_s": round(cut.ends_s, 3),
        "begins_at_utc": _time(at_utc + timedelta(seconds=cut.begins_s)),
        "remarks": list(cut.remarks),
    }


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
