"""Where pictures are developed: converted, shrunk and overlaid off the GUI thread.

Turning a decoded frame into RGB at the size of its tile takes milliseconds that the GUI thread
does not have. A thread of its own does it; of the orders for one place only the newest counts.

What was ordered before is let go of on that thread, too: a decoded picture goes back to the decoder
that made it, and that takes a while.

No lock stands between the two threads: whoever waits for one that the other holds also waits for
the interpreter that the other needs to let go of it, a millisecond for each of sixteen tiles. One
step on a dictionary is whole by itself, and a bell needs no lock.
"""

import time
from queue import Empty, SimpleQueue
from threading import Event, Thread

from PyQt6.QtGui import QImage

from monitor.ui.developing import Developer, PrintOrder

_STILL_FOR_S = 0.004
"""How long no order must have come before work begins: a window orders for all its tiles in one
go, and must not share the interpreter meanwhile."""
_WAITS_MOST = 10


class Darkroom:
    """Develops pictures; every method is for the GUI thread, the developing has its own."""

    def __init__(self) -> None:
        self._newest: dict[str, PrintOrder] = {}
        self._orders: dict[str, PrintOrder] = {}
        self._prints: dict[str, QImage] = {}
        self._bell: SimpleQueue[PrintOrder | None] = SimpleQueue()
        self._is_stopping = Event()
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
        self._is_stopping.set()
        self._bell.put(None)
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def order(self, place: str, order: PrintOrder) -> bool:
        """Ask for a picture; an older order for the same place that was not begun is dropped.

        Args:
            place: Where it will hang.
            order: What to draw.

        Returns:
            False where the newest order for that place looks the same: nothing is done.
        """
        before = self._newest.get(place)
        if before is not None and order.looks_like(before):
            return False
        self._newest[place] = self._orders[place] = order
        self._bell.put(before)
        return True

    def collect(self, place: str) -> QImage | None:
        """Give the newest picture for a place, once; None: none is ready."""
        return self._prints.pop(place, None)

    def forget(self, place: str) -> None:
        """Drop what was ordered or made for a place; the next order is a new one."""
        self._newest.pop(place, None)
        self._orders.pop(place, None)
        self._prints.pop(place, None)

    def _run(self) -> None:
        developer = Developer()
        while not self._is_stopping.is_set():
            self._bell.get()
            self._wait_for_the_last_order()
            while (next_one := self._next()) is not None:
                place, order = next_one
                self._prints[place] = developer.develop(place, order)

    def _wait_for_the_last_order(self) -> None:
        """Wait until the bell has been still for a moment, but not for ever."""
        for _ in range(_WAITS_MOST):
            time.sleep(_STILL_FOR_S)
            if not self._silence():
                return

    def _silence(self) -> bool:
        """Stop the bell; says whether it rang."""
        has_rung = False
        while True:
            try:
                self._bell.get_nowait()
            except Empty:
                return has_rung
            has_rung = True

    def _next(self) -> tuple[str, PrintOrder] | None:
        """Take the order that has waited longest; None: there is none, or it is time to end."""
        if self._is_stopping.is_set():
            return None
        for place in tuple(self._orders):
            if (order := self._orders.pop(place, None)) is not None:
                return place, order
        return None
