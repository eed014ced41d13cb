"""Failures of FFmpeg become ours: the right kind, in words that help, without the address."""

import errno

import av
import pytest
from av import error as av_error

from monitor.core.errors import (
    NotAStreamError,
    SourceError,
    StreamSilentError,
    UnauthorizedError,
    UnreachableError,
)
from monitor.video.failure import file_failure, open_failure, read_failure

SECRET_URL = "rtsp://op:S3CRET@cam/live?token=S3CRET"
LABEL = "rtsp://cam/live"

OPENING = [
    (av_error.HTTPUnauthorizedError, UnauthorizedError, "password"),
    (av_error.HTTPForbiddenError, UnauthorizedError, "password"),
    (av_error.HTTPNotFoundError, NotAStreamError, "path"),
    (av_error.HTTPServerError, UnreachableError, "cannot be reached"),
    (av_error.HTTPTooManyRequestsError, UnreachableError, "cannot be reached"),
    (av_error.ConnectionRefusedError, UnreachableError, "nothing listens"),
    (av_error.ConnectionResetError, UnreachableError, "cannot be reached"),
    (av_error.ExitError, UnreachableError, "no answer within 5 s"),
    (av_error.TimeoutError, UnreachableError, "no answer within 5 s"),
    (av_error.EOFError, UnreachableError, "cannot be reached"),
    (av_error.OSError, UnreachableError, "cannot be reached"),
    (av_error.InvalidDataError, NotAStreamError, "no video"),
    (av_error.DemuxerNotFoundError, NotAStreamError, "no video"),
    (av_error.DecoderNotFoundError, NotAStreamError, "no video"),
    (av_error.ProtocolNotFoundError, NotAStreamError, "no video"),
    (av_error.HTTPBadRequestError, NotAStreamError, "no video"),
    (av_error.HTTPOtherClientError, NotAStreamError, "no video"),
    (av_error.PatchWelcomeError, NotAStreamError, "no video"),
]


def failed(kind: type[av.FFmpegError], number: int = 0) -> av.FFmpegError:
    """Make an error as PyAV raises it: with the whole address in it."""
    error = kind(number, "Some words", SECRET_URL)
    assert "S3CRET" in str(error)
    return error


@pytest.mark.parametrize(
    ("kind", "ours", "words"), OPENING, ids=[kind.__name__ for kind, _, _ in OPENING]
)
def test_failures_to_open_are_told_apart(
    kind: type[av.FFmpegError], ours: type[SourceError], words: str
) -> None:
    """A wrong password, nobody there, and something that is no video are three things."""
    failure = open_failure(failed(kind), LABEL, elapsed_s=0.1, timeout_s=5)

    assert type(failure) is ours
    assert words in str(failure)
    assert LABEL in str(failure)
    assert "S3CRET" not in repr(failure)


def test_a_wrong_protocol_is_no_video() -> None:
    """The same class of error means two things; its number tells them apart."""
    failure = open_failure(
        failed(av_error.OSError, errno.EPROTONOSUPPORT), LABEL, elapsed_s=0.1, timeout_s=5
    )

    assert isinstance(failure, NotAStreamError)


def test_silence_is_told_from_a_wrong_answer_by_the_time_it_took() -> None:
    """FFmpeg says "invalid data" of a server that never answers."""
    error = failed(av_error.InvalidDataError)

    at_once = open_failure(error, LABEL, elapsed_s=0.2, timeout_s=5)
    after_the_limit = open_failure(error, LABEL, elapsed_s=4.9, timeout_s=5)

    assert isinstance(at_once, NotAStreamError)
    assert isinstance(after_the_limit, UnreachableError)


@pytest.mark.parametrize(
    ("kind", "ours", "words"),
    [
        (av_error.ExitError, StreamSilentError, "no picture for 4 s"),
        (av_error.TimeoutError, StreamSilentError, "no picture for 4 s"),
        (av_error.ConnectionResetError, UnreachableError, "lost"),
        (av_error.InvalidDataError, UnreachableError, "lost"),
        (av_error.HTTPUnauthorizedError, UnauthorizedError, "password"),
    ],
)
def test_a_stream_that_breaks_was_lost(
    kind: type[av.FFmpegError], ours: type[SourceError], words: str
) -> None:
    """Whatever ends a stream that was open, it is looked for again soon."""
    failure = read_failure(failed(kind), LABEL, timeout_s=4)

    assert type(failure) is ours
    assert words in str(failure)
    assert "S3CRET" not in repr(failure)


@pytest.mark.parametrize(
    ("kind", "ours"),
    [
        (av_error.InvalidDataError, NotAStreamError),
        (av_error.EOFError, NotAStreamError),
        (av_error.PermissionError, UnreachableError),
        (av_error.FileNotFoundError, UnreachableError),
    ],
)
def test_a_file_that_cannot_be_played(kind: type[av.FFmpegError], ours: type[SourceError]) -> None:
    """A broken file is told from one that may not be read."""
    assert type(file_failure(failed(kind), "plaza.mp4")) is ours


def test_every_error_of_ffmpeg_is_ours() -> None:
    """No class of PyAV's errors comes through unturned, now or after an update."""
    kinds = [
        kind
        for kind in vars(av_error).values()
        if isinstance(kind, type) and issubclass(kind, av.FFmpegError)
    ]
    assert len(kinds) > 30

    for kind in kinds:
        failure = open_failure(failed(kind), LABEL, elapsed_s=0.1, timeout_s=5)
        assert isinstance(failure, SourceError)
        assert "S3CRET" not in repr(failure)
