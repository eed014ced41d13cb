"""From settings to a source, and to the ring in which its video is left."""

from fractions import Fraction
from pathlib import Path
from threading import Event

import pytest

from monitor.core.errors import AddressError, UnauthorizedError
from monitor.engine.sources import PacketRings, open_camera, reception_of
from monitor.settings import CameraSettings
from monitor.video.opening import Reception
from monitor.video.packets import EncodedPacket, PacketRing, RingBounds, StreamFormat
from tests.rigs.clock import ManualClock
from tests.rigs.encoded import numbered_pictures
from tests.rigs.rtsp import serving


def test_a_missing_variable_is_named() -> None:
    """The complaint says which variable of which camera is not set."""
    settings = CameraSettings(name="Gate", source="rtsp://op@cam/live", password_env="NO_SUCH_ONE")

    with pytest.raises(AddressError, match="variable NO_SUCH_ONE is not set"):
        open_camera(settings, ManualClock())


def test_a_file_that_others_can_read_fails_its_camera(tmp_path: Path) -> None:
    """As a state of the stream, so that the other cameras go on."""
    path = tmp_path / "password"
    path.write_text("S3CRET")
    path.chmod(0o644)
    settings = CameraSettings(name="Gate", source="rtsp://op@cam/", password_file=str(path))

    with pytest.raises(AddressError, match="chmod 600") as caught:
        open_camera(settings, ManualClock())

    assert "S3CRET" not in repr(caught.value)


def test_the_password_is_that_of_the_environment(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The camera lets in who has the right variable, and nobody else."""
    folder = tmp_path_factory.mktemp("rtsp")
    with serving(folder, numbered_pictures(20), user="op", password="S3CRET/@") as server:
        settings = CameraSettings(name="Gate", source=server.url(user="op"), password_env="GATE")
        monkeypatch.setenv("GATE", "S3CRET/@")
        stop = Event()
        frame = next(iter(open_camera(settings, ManualClock()).frames(stop)))
        monkeypatch.setenv("GATE", "S3CRET-wrong")
        with pytest.raises(UnauthorizedError) as caught:
            next(iter(open_camera(settings, ManualClock()).frames(stop)))

    assert frame.index == 0
    assert "S3CRET" not in repr(caught.value)
    assert "S3CRET" not in repr(settings)


def test_a_camera_is_received_as_its_settings_say() -> None:
    """Every choice reaches the stream; without any, all is as usual."""
    plain = CameraSettings(name="Gate", source="rtsp://cam/1")
    chosen = CameraSettings(
        name="Gate",
        source="rtsps://cam/1",
        transport="udp",
        decode="cpu",
        stale_after_s=7,
        frozen_after_s=0,
        certificate="cam.pem",
    )

    assert reception_of(plain) == Reception()
    assert reception_of(chosen) == Reception("udp", "cpu", 7, 0, "cam.pem")


def fill(ring: PacketRing) -> None:
    """Let a camera send a picture."""
    ring.begin(StreamFormat("h264", Fraction(1, 90_000)))
    ring.add(EncodedPacket(b"", True, None, 0.0))


def rings_of_one() -> PacketRings:
    """Give rings in which a camera has left a picture."""
    rings = PacketRings()
    rings.bound(RingBounds(10, 10**6))
    fill(rings.ring_for("Gate", "rtsp://10.0.0.7/1"))
    return rings


def test_a_connection_that_comes_back_finds_its_ring() -> None:
    """What came before the loss is what an alarm on it shows."""
    rings = rings_of_one()

    assert rings.ring_for("Gate", "rtsp://10.0.0.7/1").kept().runs
    assert rings.ring_of("Gate").kept().runs


def test_another_source_under_the_same_name_begins_anew() -> None:
    """Two places are never shown as one; a clip that waits still has what it was begun with."""
    rings = rings_of_one()
    begun = rings.ring_of("Gate")

    rings.ring_for("Gate", "rtsp://10.0.0.8/1")

    assert rings.ring_of("Gate").kept().runs == ()
    assert rings.ring_of("Gate").is_open
    assert begun.kept().runs


def test_a_camera_that_is_taken_away_lets_go_of_its_memory() -> None:
    """Told of twice, as a camera that is just added may not be in the first list."""
    rings = rings_of_one()
    mine = rings.ring_of("Gate")
    rings.keep_only(["Yard"])
    assert rings.ring_of("Gate") is mine
    rings.keep_only(["Gate", "Yard"])
    rings.keep_only(["Yard"])
    assert rings.ring_of("Gate") is mine

    rings.keep_only(["Yard"])

    assert rings.ring_of("Gate") is not mine


def test_nothing_is_kept_of_any_camera_as_soon_as_nobody_may() -> None:
    """Of those that there are and those that come."""
    rings = rings_of_one()
    rings.bound(None)
    fill(rings.ring_for("Yard", "webcam:0"))

    assert rings.ring_of("Gate").kept().runs == ()
    assert rings.ring_of("Yard").kept().runs == ()
