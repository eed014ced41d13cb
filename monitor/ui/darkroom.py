"""Where pictures are developed: converted, shrunk and overlaid off the GUI thread.

Turning a decoded frame into RGB at the size of its tile takes milliseconds that the GUI thread
does not have. A thread of its own does it; of the orders for one place only the newest counts.
"""

from threading import Condition, Thread

from PyQt6.QtGui import QImage

from monitor.ui.developing import Developer, PrintOrder


class Darkroom:
    """Develops pictures; every method is for the GUI thread, the developing has its own."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._orders: dict[str, PrintOrder] = {}
        self._prints: dict[str, QImage] = {}
        self._is_stopping = False
        self._thread = Thread(target=self._run, name="crowd-darkroom", daemon=True)

    @property
    def is_working(self) -> bool:
        """Whether pictures that are ordered will come."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Start developing; once."""
        self._thread.start()

    def stop(self, timeout_s: float) -> bool:
        """End; False if the picture in hand takes longer than `timeout_s` seconds."""
        with self._changed:
            self._is_stopping = True
            self._changed.notify()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def order(self, place: str, order: PrintOrder) -> None:
        """Ask for a picture; an older order for the same place that was not begun is dropped.

        Args:
            place: Where it will hang.
            order: What to draw.
        """
        with self._changed:
            self._orders[place] = order
            self._changed.notify()

    def collect(self, place: str) -> QImage | None:
        """Give the newest picture for a place, once; None: none is ready."""
        with self._changed:
            return self._prints.pop(place, None)

    def forget(self, place: str) -> None:
        """Drop what was ordered or made for a place."""
        with self._changed:
            self._orders.pop(place, None)
            self._prints.pop(place, None)

    def _run(self) -> None:
        developer = Developer()
        while (next_one := self._next()) is not None:
            place, order = next_one
            image = developer.develop(place, order)
            with self._changed:
                self._prints[place] = image

    def _next(self) -> tuple[str, PrintOrder] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._orders or self._is_stopping)
            if self._is_stopping:
                return None
            place = next(iter(self._orders))
            return place, self._orders.pop(place)
