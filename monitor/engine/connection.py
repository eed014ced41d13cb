"""The states of one camera's connection, and which may follow which.

A reader moves through these by what happens to it, and by nothing else. That a stream stalls is no
state of its own: the thread that waits for the next packet cannot tell, so whoever looks at the
camera does, by the age of its newest picture (`monitor.engine.quality.stream_state`).
"""

from enum import StrEnum


class Phase(StrEnum):
    """What a reader is doing."""

    IDLE = "idle"
    CONNECTING = "connecting"
    STREAMING = "streaming"
    """Pictures come and are whole."""
    DEGRADED = "degraded"
    """Pictures come, but damaged or frozen."""
    WAITING = "waiting"
    """Lost or not there; tried again soon, with growing waits."""
    REFUSED = "refused"
    """Trying again soon cannot help and may lock the account; tried again at the longest wait."""
    ENDED = "ended"
    """A recording was played to its end."""
    STOPPED = "stopped"


class Happening(StrEnum):
    """What can happen to a reader."""

    TRY = "try"
    WHOLE_PICTURE = "whole picture"
    BAD_PICTURE = "bad picture"
    LOSS = "loss"
    REFUSAL = "refusal"
    END = "end"
    STOP = "stop"


_OPEN = frozenset({Phase.CONNECTING, Phase.STREAMING, Phase.DEGRADED})
_FROM = {
    Happening.TRY: frozenset({Phase.IDLE, Phase.WAITING, Phase.REFUSED}),
    Happening.WHOLE_PICTURE: _OPEN,
    Happening.BAD_PICTURE: _OPEN,
    Happening.LOSS: _OPEN,
    Happening.REFUSAL: _OPEN,
    Happening.END: _OPEN,
    Happening.STOP: frozenset(Phase) - {Phase.ENDED, Phase.STOPPED},
}
_TO = {
    Happening.TRY: Phase.CONNECTING,
    Happening.WHOLE_PICTURE: Phase.STREAMING,
    Happening.BAD_PICTURE: Phase.DEGRADED,
    Happening.LOSS: Phase.WAITING,
    Happening.REFUSAL: Phase.REFUSED,
    Happening.END: Phase.ENDED,
    Happening.STOP: Phase.STOPPED,
}


def next_phase(phase: Phase, happening: Happening) -> Phase:
    """Give the phase that follows.

    Args:
        phase: What the reader is doing.
        happening: What happened to it.

    Returns:
        What it does from now on.

    Raises:
        ValueError: If that cannot happen in this phase: a mistake of the reader.
    """
    if phase not in _FROM[happening]:
        raise ValueError(f"{happening} cannot happen to a reader that is {phase}")
    return _TO[happening]
