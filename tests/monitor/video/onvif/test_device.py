"""Asking a camera where its pictures are."""

from datetime import timedelta

import pytest

from monitor.core.clock import SystemClock
from monitor.core.errors import NotAStreamError, UnauthorizedError, UnreachableError
from monitor.core.secret import Secret
from monitor.video.onvif.device import OfferedStream, OnvifDevice
from tests.rigs.onvif import OnvifCamera, onvif_camera

STREAM = "rtsp://127.0.0.1:8554/live?channel=1"
PASSWORD = "S3cret & <more>"


def ask(
    camera: OnvifCamera, password: str = PASSWORD, user: str = "op"
) -> tuple[OfferedStream, ...]:
    secret = Secret(password) if password else None
    return OnvifDevice(camera.service, user, secret, clock=SystemClock()).streams()


@pytest.mark.parametrize("ahead_h", [0, 7, -300], ids=["right", "ahead", "behind"])
def test_the_camera_tells_who_knows_the_password(ahead_h: float) -> None:
    """Its clock may be wrong by hours; the password itself never crosses the network."""
    ahead = timedelta(hours=ahead_h)
    with onvif_camera(STREAM, user="op", password=PASSWORD, clock_ahead=ahead) as camera:
        streams = ask(camera)

    assert streams == (OfferedStream("Main", STREAM, (320, 240), 10.0, "H264"),)
    assert camera.heard
    assert "S3cret" not in "".join(camera.heard)


@pytest.mark.parametrize(("user", "password"), [("op", "wrong"), ("", ""), ("other", PASSWORD)])
def test_who_does_not_is_told_so(user: str, password: str) -> None:
    """A wrong password is told apart from a camera that is not there."""
    with (
        onvif_camera(STREAM, user="op", password=PASSWORD) as camera,
        pytest.raises(UnauthorizedError, match="user name or the password"),
    ):
        ask(camera, password, user)


def test_a_password_in_the_answer_is_left_out() -> None:
    """Some cameras write it into the address that they give."""
    with onvif_camera("rtsp://op:S3cret@127.0.0.1:8554/live") as camera:
        (stream,) = ask(camera, "", "")

    assert stream.address == "rtsp://127.0.0.1:8554/live"


def test_what_is_no_stream_is_refused() -> None:
    """A camera cannot make us read a file."""
    with (
        onvif_camera("file:///etc/passwd") as camera,
        pytest.raises(NotAStreamError, match="names no stream"),
    ):
        ask(camera, "", "")


def test_nobody_there_is_unreachable() -> None:
    """The sentence names the host, and no password."""
    camera = OnvifDevice("http://127.0.0.1:9/x", "op", Secret(PASSWORD), clock=SystemClock())

    with pytest.raises(UnreachableError, match=r"^127\.0\.0\.1: does not answer") as caught:
        camera.streams()
    assert "S3cret" not in repr(caught.value)
    assert caught.value.__context__ is None
