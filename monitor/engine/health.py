"""How a camera's stream is doing, and how far its count can be trusted.

Pure functions of ages. A lost stream is never 0 people: its last count stays, with its age; it is
called stale when it is older than it should be, and lost when it says nothing about now.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from monitor.core.reading import Quality
from monitor.video.frame import Frame


class StreamState(StrEnum):
    """What a camera's stream is doing."""

    CONNECTING = "connecting"
    LIVE = "live"
    STALE = "stale"
    """Connected or reconnecting, but the newest picture is too old to act on."""
    UNAUTHORIZED = "unauthorised"
    UNREACHABLE = "unreachable"
    FAILED = "failed"
    """Something answers that is no video, or the source itself is wrong."""
    ENDED = "ended"
    """A file or a folder was played to its end."""
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Health:
    """How one camera's stream is doing now."""

    state: StreamState
    message: str = ""
    """One sentence for a person, without passwords; empty while all is well."""
    frames_received: int = 0
    """Frames since the start, over all connections."""
    frames_dropped: int = 0
    """Frames that were never counted because a newer one came; this is as it should be."""
    reconnects: int = 0
    """How often the stream was lost and looked for again."""
    frames_damaged: int = 0
    """Frames that the decoder reported as damaged."""
    losses: tuple[tuple[str, int], ...] = ()
    """How often it was lost for each reason (`monitor.core.errors.LOSS_REASONS`) that there was."""
    packets_corrupt: int = 0
    """Packets that were missing, came corrupt, or could not be decoded."""
    rate_hz: float = 0.0
    """Frames a second over the last seconds."""
    decoder: str = ""
    """What decodes the pictures: CPU, NVDEC; empty where nothing is decoded."""

    def with_loss(self, reason: str) -> "Health":
        """Give the same after one more loss."""
        losses = dict(self.losses)
        losses[reason] = losses.get(reason, 0) + 1
        return replace(self, reconnects=self.reconnects + 1, losses=tuple(losses.items()))


def picture_quality(*, is_novel: bool, has_moved: bool, is_impaired: bool) -> Quality:
    """Say how far a count can be trusted while it is young.

    Args:
        is_novel: Whether the scene is unlike any that the model has learned.
        has_moved: Whether the camera has moved since its ground and zones were marked.
        is_impaired: Whether the counted picture was damaged, pictures come too seldom, or the
            model fails.

    Returns:
        What harms the count most: it may be anything, it lies elsewhere, or it is blurred.
    """
    if is_novel:
        return Quality.OUT_OF_DISTRIBUTION
    if has_moved:
        return Quality.UNCALIBRATED
    return Quality.DEGRADED if is_impaired else Quality.GOOD


def count_quality(
    age_s: float | None, *, stale_after_s: float, lost_after_s: float, young: Quality
) -> Quality:
    """Say how far the newest count can be trusted now.

    Args:
        age_s: Seconds since the counted picture was captured; None: nothing was counted yet.
        stale_after_s: Age beyond which a count is of the past, seconds.
        lost_after_s: Age beyond which there is no count; not less than `stale_after_s`.
        young: What it is as long as it is not too old.

    Returns:
        LOST and STALE by age, else `young`. Never better with age.

    Raises:
        ValueError: If a count would be lost before it is stale.
    """
    if lost_after_s < stale_after_s:
        raise ValueError(f"lost after {lost_after_s} s comes before stale after {stale_after_s} s")
    if age_s is None or age_s > lost_after_s:
        return Quality.LOST
    if age_s > stale_after_s:
        return Quality.STALE
    return young


def stream_state(
    state: StreamState, *, picture_age_s: float | None, stale_after_s: float
) -> StreamState:
    """Say what a stream is doing now, given what its reader saw last.

    Args:
        state: What the reader thread reported last.
        picture_age_s: Seconds since the newest frame arrived; None before the first.
        stale_after_s: Seconds without a frame before the stream counts as stale.

    Returns:
        STALE in place of LIVE when the newest frame is too old; else `state`.
    """
    is_old = picture_age_s is None or picture_age_s > stale_after_s
    return StreamState.STALE if state is StreamState.LIVE and is_old else state


def are_pictures_too_seldom(picture_age_s: float | None, *, stale_after_s: float) -> bool:
    """Whether no picture came for half of the time after which the stream counts as stale."""
    return picture_age_s is None or picture_age_s > stale_after_s / 2


def impairment(frame: Frame) -> str:
    """Say what is wrong with a picture although it came in time.

    Args:
        frame: Newest frame, or the one that was counted.

    Returns:
        One sentence for a person; empty where nothing is known to be wrong.
    """
    if frame.is_damaged:
        return "Pictures come damaged; check the network between camera and this machine."
    if frame.is_frozen:
        return "The picture does not change although new ones come; restart the camera."
    return ""
