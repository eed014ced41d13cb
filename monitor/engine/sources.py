"""From a camera's settings to its source, with the password from where the settings say."""

from monitor.core.clock import Clock
from monitor.core.errors import AddressError, SettingsError
from monitor.core.secret import Secret
from monitor.engine.packet_rings import PacketRings
from monitor.settings import CameraSettings
from monitor.settings.passwords import camera_place, look_up
from monitor.video.frame import FrameSource
from monitor.video.open import open_source
from monitor.video.opening import Reception


def open_camera(
    settings: CameraSettings, clock: Clock, *, rings: PacketRings | None = None
) -> FrameSource:
    """Give the source of a camera, played at its own pace; nothing is connected yet.

    Args:
        settings: The camera.
        clock: Where time comes from.
        rings: Where its video is left for alarms; None: nowhere.

    Returns:
        The source.

    Raises:
        AddressError: If the address cannot be read, or its password cannot be had.
    """
    return open_source(
        settings.source,
        pace=True,
        password=password_of(settings),
        clock=clock,
        reception=reception_of(settings),
        tap=None if rings is None else rings.ring_for(settings.name, settings.source),
    )


def password_of(settings: CameraSettings) -> Secret | None:
    """Look up a camera's password.

    Args:
        settings: The camera.

    Returns:
        The password, for the source and nothing else; None: it needs none.

    Raises:
        AddressError: If it cannot be had.
    """
    try:
        return look_up(camera_place(settings))
    except SettingsError as error:
        # For a stream it is a state, shown at its camera and tried again like any other.
        raise AddressError(str(error)) from None


def reception_of(settings: CameraSettings) -> Reception:
    """Give how a camera's stream is to be received."""
    return Reception(
        transport=settings.transport,
        decoding=settings.decode,
        stale_after_s=settings.stale_after_s,
        frozen_after_s=settings.frozen_after_s,
        certificate=settings.certificate,
    )
