"""Live streams against real servers: what comes, what is refused, what is lost, what is shown."""

import base64
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import cv2
import numpy as np
import pytest

from monitor.core.clock import SystemClock
from monitor.core.errors import (
    NotAStreamError,
    SourceError,
    StreamEndedError,
    StreamSilentError,
    UnauthorizedError,
    UnreachableError,
)
from monitor.core.secret import Secret
from monitor.video import opening as reception_module
from monitor.video import stream as stream_module
from monitor.video.frame import Frame
from monitor.video.open import open_source
from monitor.video.opening import Opening, Reception
from monitor.video.stream import StreamSource
from tests.rigs.encoded import numbered_pictures, read_number, write_video
from tests.rigs.load import scaled_s
from tests.rigs.rtsp import RtspServer, serving
from tests.rigs.sockets import (
    answering_server,
    file_server,
    picture_server,
    silent_server,
    unused_port,
)

PASSWORD = "p@s:s/w%41 S3CRET?#"
MARK = "S3CRET"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RtspServer]:
    """Forty numbered pictures at 20 Hz in a loop, for who knows the password."""
    folder = tmp_path_factory.mktemp("rtsp")
    with serving(
        folder, numbered_pictures(40), rate_hz=20, user="op", password=PASSWORD
    ) as running:
        yield running


def read(address: str, *, frames: int, password: str | None = None) -> list[Frame]:
    """Read the first frames of an address, then stop."""
    stop = Event()
    source = open_source(
        address, pace=True, password=password and Secret(password), clock=SystemClock()
    )
    seen = []
    for frame in source.frames(stop):
        seen.append(frame)
        if len(seen) == frames:
            stop.set()
    return seen


def failure_of(address: str, password: str | None = None) -> SourceError:
    """Give the error that an address leads to; it holds no password, not even hidden."""
    with pytest.raises(SourceError) as caught:
        read(address, frames=1, password=password)
    assert MARK not in repr(caught.value)
    assert caught.value.__context__ is None
    return caught.value


def test_frames_come_in_order_and_in_time(server: RtspServer) -> None:
    """Through digest authentication with a wild password: every frame, whole, in time."""
    before_s = time.monotonic()

    frames = read(server.url(user="op"), frames=12, password=PASSWORD)

    numbers = [read_number(frame.picture.to_rgb()) for frame in frames]
    assert numbers == list(range(12))
    assert [frame.index for frame in frames] == list(range(12))
    assert not any(frame.is_damaged for frame in frames)
    assert frames[0].time_s == 0.0
    stamps = [frame.captured_s for frame in frames]
    assert before_s < stamps[0]
    assert stamps == sorted(stamps)
    assert stamps[-1] <= time.monotonic()


@pytest.mark.parametrize("is_digest", [True, False], ids=["digest", "basic"])
def test_a_wrong_password_is_told_apart(tmp_path: Path, is_digest: bool) -> None:
    """Both ways of asking for a password; the wrong one is nowhere in the error."""
    with serving(
        tmp_path, numbered_pictures(2), user="op", password="right", is_digest=is_digest
    ) as running:
        wrong = failure_of(running.url(user="op"), password=PASSWORD)
        inline = failure_of(running.url(user="op", password=PASSWORD))
        nobody = failure_of(running.url())

    assert {type(wrong), type(inline), type(nobody)} == {UnauthorizedError}


def test_a_wrong_path_is_no_stream(server: RtspServer) -> None:
    """The camera answers, but not with this stream: that is no question of the network."""
    address = server.url(user="op").replace("/live", "/other")

    failure = failure_of(address, password=PASSWORD)

    assert isinstance(failure, NotAStreamError)
    assert "path" in str(failure)


def test_nobody_there_is_unreachable() -> None:
    """A port on which nothing listens."""
    failure = failure_of(f"rtsp://op:{MARK}@127.0.0.1:{unused_port()}/live")

    assert isinstance(failure, UnreachableError)
    assert "nothing listens" in str(failure)


def test_an_unknown_host_is_unreachable() -> None:
    """A name that no network knows; `.invalid` is reserved for this."""
    failure = failure_of(f"rtsp://op:{MARK}@camera.invalid/live")

    assert isinstance(failure, UnreachableError)


def test_a_silent_server_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes the connection and never answers: the time limit ends the wait."""
    monkeypatch.setattr(stream_module, "OPEN_TIMEOUT_S", 0.4)
    before_s = time.monotonic()

    with silent_server() as port:
        failure = failure_of(f"rtsp://op:{MARK}@127.0.0.1:{port}/live")

    assert isinstance(failure, UnreachableError)
    assert "no answer within 0.4 s" in str(failure)
    assert time.monotonic() - before_s < scaled_s(2.5)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>Hello</html>",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"RTSP/1.0 405 Method Not Allowed\r\nCSeq: 1\r\n\r\n",
        b"",
    ],
    ids=["http-400", "http-page", "ssh", "rtsp-405", "hangs-up"],
)
@pytest.mark.parametrize("scheme", ["rtsp", "http"])
def test_what_is_no_camera_is_no_stream(scheme: str, answer: bytes) -> None:
    """Something else listens on the port: no video, or nobody, but never a wrong password."""
    with answering_server(answer) as port:
        failure = failure_of(f"{scheme}://op:{MARK}@127.0.0.1:{port}/live?token={MARK}")

    assert isinstance(failure, NotAStreamError | UnreachableError)


def test_a_web_page_is_no_stream(tmp_path: Path) -> None:
    """The address of the camera's own page instead of its video."""
    (tmp_path / "index.html").write_text("<html>Welcome to your camera</html>")

    with file_server(tmp_path) as port:
        page = failure_of(f"http://127.0.0.1:{port}/")
        missing = failure_of(f"http://127.0.0.1:{port}/video.mjpg")

    assert isinstance(page, NotAStreamError)
    assert isinstance(missing, NotAStreamError)
    assert "path" in str(missing)


def test_the_end_of_a_stream_is_a_loss(tmp_path: Path) -> None:
    """A camera that ends its stream politely is lost all the same."""
    with serving(tmp_path, numbered_pictures(10), rate_hz=20, is_once=True) as running:
        source = open_source(running.url(), pace=True, clock=SystemClock())
        seen = []
        with pytest.raises(StreamEndedError, match="lost"):
            seen.extend(source.frames(Event()))

    assert len(seen) == 10
    assert source.is_live


def test_a_power_cut_is_a_loss(tmp_path: Path) -> None:
    """The server dies while frames come: the error says so at once."""
    with serving(tmp_path, numbered_pictures(40), rate_hz=20) as running:
        frames = open_source(running.url(), pace=True, clock=SystemClock()).frames(Event())
        next(frames)
        running.kill()
        before_s = time.monotonic()
        with pytest.raises(UnreachableError, match="lost"):
            list(frames)

    assert time.monotonic() - before_s < scaled_s(2)


def test_a_hanging_camera_is_a_loss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection stays and nothing comes: the read time limit ends it."""
    monkeypatch.setattr(reception_module, "SHORTEST_READ_LIMIT_S", 0.5)
    monkeypatch.setattr(reception_module, "_BEYOND_STALE_S", 0.1)
    with serving(tmp_path, numbered_pictures(40), rate_hz=20) as running:
        reception = Reception(stale_after_s=0.4)
        source = open_source(running.url(), pace=True, clock=SystemClock(), reception=reception)
        frames = source.frames(Event())
        next(frames)
        running.stall()
        before_s = time.monotonic()
        with pytest.raises(StreamSilentError, match=r"no picture for 0\.5 s"):
            list(frames)
        running.resume()

    assert time.monotonic() - before_s < scaled_s(3)


def jpeg(gray: int) -> bytes:
    """Encode an even gray picture."""
    image = np.full((48, 64, 3), gray, dtype=np.uint8)
    return bytes(cv2.imencode(".jpg", image)[1])


def test_pictures_over_http_are_live() -> None:
    """A cheap camera that sends JPEGs one by one: a live stream like any other."""
    grays = [20, 60, 100, 140, 180, 220]
    authorization = "Basic " + base64.b64encode(f"op:{PASSWORD}".encode()).decode()
    pause = Event()
    seen: list[Frame] = []

    with picture_server(
        [jpeg(gray) for gray in grays],
        between=lambda: pause.wait(0.03),
        authorization=authorization,
    ) as port:
        address = f"http://op@127.0.0.1:{port}/video.mjpg"
        refused = failure_of(address, password=f"{MARK} no")
        source = open_source(address, pace=True, password=Secret(PASSWORD), clock=SystemClock())
        with pytest.raises(UnreachableError, match="lost"):
            seen.extend(source.frames(Event()))

    assert isinstance(refused, UnauthorizedError)
    assert source.is_live
    values = [int(frame.picture.to_rgb().mean()) for frame in seen]
    assert len(values) >= len(grays) - 1  # FFmpeg needs the head of the next to end one
    assert values == pytest.approx(grays[: len(values)], abs=3)


def test_a_film_behind_a_web_address_has_an_end(tmp_path: Path) -> None:
    """It is no camera: it ends where it ends, and its frames have their own times."""
    write_video(tmp_path / "film.mkv", numbered_pictures(12), rate_hz=25)

    with file_server(tmp_path) as port:
        address = f"http://127.0.0.1:{port}/film.mkv"
        source = open_source(address, pace=False, clock=SystemClock())
        frames = list(source.frames(Event()))

    assert not source.is_live
    assert [read_number(frame.picture.to_rgb()) for frame in frames] == list(range(12))
    assert [frame.time_s for frame in frames] == pytest.approx(
        [number / 25 for number in range(12)], abs=0.001
    )


def test_nothing_is_connected_after_a_stop() -> None:
    """A stop that came before the thread had begun: no connection is tried."""
    stop = Event()
    stop.set()
    source = StreamSource(
        "label", lambda: (Opening("rtsp://127.0.0.1:1/x"),), pace=True, clock=SystemClock()
    )

    with pytest.raises(UnreachableError, match="stopped"):
        next(source.frames(stop))


def test_no_log_holds_the_password(
    server: RtspServer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither our log, nor FFmpeg's, nor what is written to the terminal."""
    caplog.set_level(logging.DEBUG)

    read(server.url(user="op"), frames=2, password=PASSWORD)
    failure_of(server.url(user="op", password=f"{MARK}-wrong"))
    failure_of(f"rtsp://op:{MARK}@127.0.0.1:{unused_port()}/live?token={MARK}")

    written = capfd.readouterr()
    assert MARK not in caplog.text + written.out + written.err


@pytest.mark.skipif(Path("/dev/video63").exists(), reason="this machine has 64 cameras")
def test_a_webcam_that_is_not_plugged_in_is_unreachable() -> None:
    """It may be plugged in later, so it is looked for again."""
    assert isinstance(failure_of("webcam:63"), UnreachableError)
