"""From a camera's settings to its source.

The password comes from where the settings say; the encoded pictures are left in a ring for each
camera, from which alarms keep their clips.
"""

from collections.abc import Iterable
from threading import Lock

from monitor.core.clock import Clock
from monitor.core.errors import AddressError, SettingsError
from monitor.core.secret import Secret
from monitor.settings import CameraSettings
from monitor.settings.passwords import camera_place, look_up
from monitor.video.frame import FrameSource
from monitor.video.open import open_source
from monitor.video.opening import Reception
from monitor.video.packets import PacketRing, RingBounds


class PacketRings:
    """A ring for each camera; every method is for any thread.

    A ring outlives the connection that fills it: what came before a stream was lost is what people
    ask for.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._bounds: RingBounds | None = None
        self._rings: dict[str, PacketRing] = {}
        self._sources: dict[str, str] = {}
        self._missed: frozenset[str] = frozenset()

    def ring_of(self, camera: str) -> PacketRing:
        """Give the ring of a camera; one that never had packets is empty."""
        with self._lock:
            if camera not in self._rings:
                self._rings[camera] = PacketRing(self._bounds)
            return self._rings[camera]

    def ring_for(self, camera: str, source: str) -> PacketRing:
        """Give the ring into which a source's video goes from now on.

        Args:
            camera: Name of the camera.
            source: Its address, without a password. What another source left under this name is
                let go: no clip shows two places as one.

        Returns:
            The ring.
        """
        with self._lock:
            if self._sources.get(camera, source) != source:
                self._rings.pop(camera, None)
            self._sources[camera] = source
        return self.ring_of(camera)

    def bound(self, bounds: RingBounds | None) -> None:
        """Keep so much of every camera from now on; None: nothing."""
        with self._lock:
            self._bounds = bounds
            for ring in self._rings.values():
                ring.bound(bounds)

    def keep_only(self, cameras: Iterable[str]) -> None:
        """Let go of the rings of cameras that are gone.

        Args:
            cameras: Names of those that there are; one that is missing twice in a row is gone, as
                one that is just added may not be told of yet.
        """
        with self._lock:
            missing = frozenset(self._rings).difference(cameras)
            for name in missing & self._missed:
                del self._rings[name]
                self._sources.pop(name, None)
            self._missed = missing


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
