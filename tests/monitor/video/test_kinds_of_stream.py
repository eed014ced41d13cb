"""Every kind of stream that cameras send, from real servers: codecs, transports, and changes."""

from collections.abc import Sequence
from pathlib import Path
from threading import Event

import pytest
from av.codec.hwaccel import HWAccel

from monitor.core.clock import SystemClock
from monitor.core.errors import SourceError, UnreachableError
from monitor.video import stream as stream_module
from monitor.video.frame import Frame
from monitor.video.open import open_source
from monitor.video.opening import Reception, has_nvdec
from tests.rigs.encoded import (
    encode_units,
    numbered_pictures,
    read_number,
    transport_stream,
    with_sound,
)
from tests.rigs.rtsp import self_signed_certificate, serving, serving_units
from tests.rigs.sockets import byte_server, redirecting

pytestmark = pytest.mark.slow

RATE_HZ = 20
PICTURES = numbered_pictures(40)


def read(address: str, *, frames: int, **choices: object) -> list[Frame]:
    """Read the first frames of an address, then stop."""
    stop = Event()
    reception = Reception(**choices)  # type: ignore[arg-type] # a test says what it chooses
    source = open_source(address, pace=True, clock=SystemClock(), reception=reception)
    seen = []
    for frame in source.frames(stop):
        seen.append(frame)
        if len(seen) == frames:
            stop.set()
    return seen


def read_until_lost(address: str) -> tuple[list[Frame], SourceError]:
    """Read an address until it is lost; gives what came, and why it ended."""
    source = open_source(address, pace=True, clock=SystemClock())
    seen: list[Frame] = []
    with pytest.raises(SourceError, match="lost") as caught:
        seen.extend(source.frames(Event()))
    return seen, caught.value


def numbers_of(frames: Sequence[Frame]) -> list[int]:
    """Read the numbers in the pictures."""
    return [read_number(frame.picture.to_rgb()) for frame in frames]


@pytest.mark.parametrize(
    ("codec", "b_frames"),
    [("h264", 0), ("h264", 2), ("h265", 0), ("h265", 2), ("mjpeg", 0)],
    ids=["h264", "h264-b", "h265", "h265-b", "mjpeg"],
)
def test_every_codec_gives_every_picture_in_order(
    tmp_path: Path, codec: str, b_frames: int
) -> None:
    """Also where pictures are sent in another order than they are seen."""
    units = encode_units(PICTURES, rate_hz=RATE_HZ, codec=codec, b_frames=b_frames)
    with serving_units(tmp_path, units, rate_hz=RATE_HZ, codec=codec) as server:
        frames = read(server.url(), frames=15)

    assert numbers_of(frames) == list(range(15))
    assert not any(frame.is_damaged for frame in frames)
    assert {frame.decoder for frame in frames} <= {"CPU", "NVDEC"}


def test_rtsp_over_udp(tmp_path: Path) -> None:
    """The pictures come beside the connection, and all of them on a loopback that loses none."""
    with serving(tmp_path, PICTURES, rate_hz=RATE_HZ) as server:
        frames = read(server.url(), frames=10, transport="udp")

    whole = [frame for frame in frames if not frame.is_damaged]
    numbers = numbers_of(whole)
    assert numbers == sorted(numbers)
    assert len(whole) >= 5


def test_an_encrypted_stream(tmp_path: Path) -> None:
    """RTSP over TLS with a password: shown to anybody at first, or only with the right paper."""
    certificate = self_signed_certificate(tmp_path)
    with serving(
        tmp_path, PICTURES, rate_hz=RATE_HZ, user="op", password="pw", certificate=certificate
    ) as server:
        address = server.url(user="op", password="pw")
        trusting = read(address, frames=4)
        knowing = read(address, frames=4, certificate=str(certificate))
        (tmp_path / "other").mkdir()
        other = self_signed_certificate(tmp_path / "other")
        with pytest.raises(SourceError) as refused:
            read(address, frames=1, certificate=str(other))

    assert numbers_of(trusting) == numbers_of(knowing) == list(range(4))
    assert "pw" not in repr(refused.value)


def test_a_redirect_is_followed(tmp_path: Path) -> None:
    """The camera has moved and says where to."""
    with (
        serving(tmp_path, PICTURES, rate_hz=RATE_HZ) as server,
        redirecting(server.url()) as address,
    ):
        frames = read(address, frames=3)

    assert numbers_of(frames) == [0, 1, 2]


def test_the_size_may_change_on_the_way(tmp_path: Path) -> None:
    """Somebody chooses another resolution at the camera: each frame has its own size."""
    small, large = numbered_pictures(10, (320, 240)), numbered_pictures(20, (640, 480))[10:]
    units = encode_units(small, rate_hz=RATE_HZ) + encode_units(large, rate_hz=RATE_HZ)
    with serving_units(tmp_path, units, rate_hz=RATE_HZ) as server:
        frames = read(server.url(), frames=25)

    sizes = [frame.picture.size_hw for frame in frames]
    assert sizes == [(240, 320)] * 10 + [(480, 640)] * 10 + [(240, 320)] * 5
    assert numbers_of(frames) == [*range(20), *range(5)]
    assert not any(frame.is_damaged for frame in frames)


def test_the_clock_of_the_camera_may_jump() -> None:
    """It is set an hour on, then two hours back: frames keep coming, and time runs on."""
    parts = [(0, PICTURES[:10]), (3600, PICTURES[10:20]), (-3600, PICTURES[20:30])]
    chunks = [transport_stream(pictures, begin_s=5000 + at_s) for at_s, pictures in parts]

    with byte_server(chunks, kind="video/mp2t") as port:
        seen, failure = read_until_lost(f"http://127.0.0.1:{port}/live")

    numbers = numbers_of(seen)
    assert numbers == sorted(numbers)
    assert len(set(numbers)) >= 27  # the last of each part may be cut off where the next begins
    times_s = [frame.time_s for frame in seen]
    assert times_s == sorted(times_s)
    assert times_s[-1] < 60
    assert isinstance(failure, UnreachableError)


def test_the_codec_may_change_on_the_way() -> None:
    """From H.264 to H.265 in one connection: never a wrong picture that counts as whole."""
    chunks = [transport_stream(PICTURES[:20]), transport_stream(PICTURES[20:], codec="h265")]

    with byte_server(chunks, kind="video/mp2t") as port:
        seen, failure = read_until_lost(f"http://127.0.0.1:{port}/live")

    numbers = numbers_of([frame for frame in seen if not frame.is_damaged])
    assert numbers[:18] == list(range(18))
    assert numbers == sorted(numbers)
    assert isinstance(failure, UnreachableError)


def test_sound_does_not_keep_a_dead_picture_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sound goes on and no picture comes any more: the stream is given up in its time."""
    monkeypatch.setattr(stream_module, "_BLIND_AT_MOST_S", 0.5)
    pause = Event()
    chunks = with_sound(PICTURES[:10], sound_s=30.0)

    with byte_server(chunks, kind="video/mp2t", between=lambda: pause.wait(0.02)) as port:
        seen, failure = read_until_lost(f"http://127.0.0.1:{port}/live")

    assert numbers_of(seen) == sorted(set(numbers_of(seen)))
    assert isinstance(failure, UnreachableError)
    assert "video arrives, but none" in str(failure)


@pytest.mark.skipif(has_nvdec(), reason="needs a machine on which the card cannot be had")
def test_a_card_that_fails_costs_no_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was there when it was asked for, and cannot be had when it is needed."""
    monkeypatch.setattr(Reception, "accelerator", lambda _: HWAccel("cuda"))
    with serving(tmp_path, PICTURES, rate_hz=RATE_HZ) as server:
        frames = read(server.url(), frames=3, decoding="cuda")

    assert numbers_of(frames) == [0, 1, 2]
    assert all("card" in frame.decoder for frame in frames)
