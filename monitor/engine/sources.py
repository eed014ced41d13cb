"""From a camera's settings to its source, with the password from the environment."""

import os

from monitor.clock import Clock
from monitor.errors import AddressError
from monitor.settings import CameraSettings
from monitor.video.frame import FrameSource
from monitor.video.open import open_source
from monitor.video.reception import Reception


def open_camera(settings: CameraSettings, clock: Clock) -> FrameSource:
    """Give the source of a camera, played at its own pace; nothing is connected yet.

    Args:
        settings: The camera.
        clock: Where time comes from.

    Returns:
        The source.

    Raises:
        AddressError: If the address cannot be read, or the variable for its password is not set.
    """
    password = None
    if settings.password_env is not None:
        password = os.environ.get(settings.password_env)
        if password is None:
            raise AddressError(
                f"The environment variable {settings.password_env} for the password of camera "
                f"{settings.name} is not set"
            )
    return open_source(
        settings.source, pace=True, password=password, clock=clock, reception=reception_of(settings)
    )


def reception_of(settings: CameraSettings) -> Reception:
    """Give how a camera's stream is to be received."""
    return Reception(
        transport=settings.transport,
        decoding=settings.decode,
        stale_after_s=settings.stale_after_s,
        frozen_after_s=settings.frozen_after_s,
        certificate=settings.certificate,
    )
