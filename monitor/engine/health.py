"""How a camera's stream is doing, in words that an operator can act on."""

from dataclasses import dataclass, replace
from enum import StrEnum


class StreamState(StrEnum):
    """What a camera's stream is doing."""

    CONNECTING = "connecting"
    LIVE = "live"
    STALE = "stale"
    """Connected or reconnecting, but the newest picture is too old to act on."""
    UNAUTHORISED = "unauthorised"
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
