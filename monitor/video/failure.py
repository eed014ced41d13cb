"""What went wrong with a stream, said in words that help, without the address that FFmpeg shows.

FFmpeg and PyAV put the whole address, password included, into the text of every error. So errors
are turned into ours here, and ours are raised where no handler is active: not even their hidden
context then holds the address.
"""

import errno

import av
from av import error as av_error

from monitor.core.errors import (
    NotAStreamError,
    SourceError,
    StreamSilentError,
    UnauthorizedError,
    UnreachableError,
)

_REFUSED = (av_error.HTTPUnauthorizedError, av_error.HTTPForbiddenError)
_NO_VIDEO = (
    av_error.InvalidDataError,
    av_error.DemuxerNotFoundError,
    av_error.DecoderNotFoundError,
    av_error.ProtocolNotFoundError,
    av_error.PatchWelcomeError,
    av_error.ArgumentError,
    av_error.HTTPBadRequestError,
    av_error.HTTPOtherClientError,
)
_NO_VIDEO_NUMBERS = frozenset({errno.EPROTONOSUPPORT, errno.ENOPROTOOPT, errno.EPROTO})
_CARD = (av_error.ExternalError, av_error.UnknownError)
_CARD_NUMBERS = frozenset({errno.EPERM, errno.ENOMEM, errno.ENOSYS, errno.ENODEV})
_WAITED_SHARE = 0.9  # of the time limit: by then the limit has ended the wait, whatever is raised


def open_failure(
    error: av.FFmpegError, label: str, *, elapsed_s: float, timeout_s: float
) -> SourceError:
    """Say why a stream could not be opened.

    Args:
        error: What PyAV raised.
        label: The address as it may be shown.
        elapsed_s: Seconds from the attempt to the error: a silent server is told from a wrong
            answer by nothing else.
        timeout_s: Time limit of the attempt.

    Returns:
        Our error, to be raised outside the handler of `error`.
    """
    if isinstance(error, _REFUSED):
        return UnauthorizedError(
            f"{label}: the camera refused the user name or the password; check both"
        )
    if isinstance(error, av_error.HTTPNotFoundError):
        return NotAStreamError(f"{label}: the camera answers, but has no stream at this path")
    if elapsed_s >= timeout_s * _WAITED_SHARE or isinstance(error, _timeouts()):
        return UnreachableError(f"{label}: no answer within {timeout_s:g} s")
    if isinstance(error, av_error.ConnectionRefusedError):
        return UnreachableError(f"{label}: nothing listens there; check host and port")
    if isinstance(error, _NO_VIDEO) or error.errno in _NO_VIDEO_NUMBERS:
        return NotAStreamError(f"{label}: something answers, but it gives no video to decode")
    return UnreachableError(f"{label}: cannot be reached ({_reason(error)})")


def is_card_failure(error: av.FFmpegError) -> bool:
    """Whether opening failed for want of the card (its memory is full, its driver was updated)."""
    return isinstance(error, _CARD) or error.errno in _CARD_NUMBERS


def read_failure(error: av.FFmpegError, label: str, *, timeout_s: float) -> SourceError:
    """Say why a stream that was open was lost; the error is to be raised outside the handler."""
    if isinstance(error, _REFUSED):
        return UnauthorizedError(f"{label}: the camera ended the stream: it refuses the password")
    if isinstance(error, _timeouts()):
        return StreamSilentError(f"{label}: lost: no picture for {timeout_s:g} s")
    return UnreachableError(f"{label}: lost ({_reason(error)})")


def file_failure(error: av.FFmpegError, label: str) -> SourceError:
    """Say why a video file cannot be played; the error is to be raised outside the handler."""
    if isinstance(error, (av_error.PermissionError, av_error.FileNotFoundError)):
        return UnreachableError(f"{label}: cannot be read ({_reason(error)})")
    return NotAStreamError(f"{label}: cannot be played as a video ({_reason(error)})")


def _timeouts() -> tuple[type[av.FFmpegError], ...]:
    return (av_error.ExitError, av_error.TimeoutError)


def _reason(error: av.FFmpegError) -> str:
    """Give FFmpeg's own words for its error number: they hold no address."""
    return str(error.strerror or type(error).__name__).lower()
