"""Lays a picture out on the ground before a camera, on a thread of its own.

That takes up to a second for a large picture; on the thread that counts, every camera would wait
for it. Until it is done people are counted, and people per m² are not known.
"""

from threading import Event

from monitor.core.worker import Worker
from monitor.scene.crowding import GroundGrid, kept_grid
from monitor.scene.ground import GroundPlane

_PATIENCE_S = 0.03
"""How long whoever asks first waits: enough for a grid that was laid out before, as while zones
are drawn, so that no reading is without people per m² then."""

_Size = tuple[tuple[int, int], int]


class Surveyor:
    """Works for one camera with one ground; `grid` is for one thread."""

    def __init__(self, camera: str) -> None:
        """Begin without a grid.

        Args:
            camera: Its name, for the log.
        """
        self._camera = camera
        self._work: Worker | None = None
        self._size: _Size | None = None
        self._found: GroundGrid | ValueError | None = None

    @property
    def is_working(self) -> bool:
        """Whether a picture is being laid out."""
        return self._work is not None and self._work.is_alive

    def grid(
        self, plane: GroundPlane, size_hw: tuple[int, int], block_px: int
    ) -> GroundGrid | None:
        """Give the way from blocks to the ground; has it worked out where it is not known.

        Args:
            plane: The ground before the camera.
            size_hw: Height and width of the picture, pixels.
            block_px: Side of a block, pixels.

        Returns:
            The grid; None while it is being worked out: ask again.

        Raises:
            ValueError: If so much ground would be seen that the plane cannot be right.
        """
        size = (size_hw, block_px)
        if self._size != size and not self.is_working:
            self._size, self._found = size, None
            self._work = Worker(
                f"survey-{self._camera}", lambda stop: self._lay_out(plane, size, stop)
            )
            self._work.start()
            self._work.join(_PATIENCE_S)
        if self._size != size or self.is_working:
            return None
        if isinstance(self._found, ValueError):
            raise self._found
        return self._found

    def _lay_out(self, plane: GroundPlane, size: _Size, stop: Event) -> None:
        stop.set()
        try:
            self._found = kept_grid(plane, *size)
        except ValueError as error:
            self._found = error
