"""The rings of encoded pictures of all cameras of a site, from which alarms keep their clips."""

from collections.abc import Iterable
from threading import Lock

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
