"""From settings to a source: the password comes from the environment, and is never shown."""

from pathlib import Path
from threading import Event

import pytest

from monitor.core.errors import AddressError, UnauthorisedError
from monitor.engine.sources import open_camera, reception_of
from monitor.settings import CameraSettings
from monitor.video.opening import Reception
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
        with pytest.raises(UnauthorisedError) as caught:
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
