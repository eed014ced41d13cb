"""How far a count can be trusted, and what a stream is doing: pure functions of ages.

A lost stream is never 0 people. Its last count stays, with its age; it is called stale when it is
older than it should be, and lost when it says nothing about now.
"""

from monitor.core.reading import Quality
from monitor.engine.health import StreamState
from monitor.video.frame import Frame


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
