"""A mailbox with one slot: the newest item wins, so a slow reader never works on old pictures."""

from threading import Event, Lock
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Mailbox(Generic[Item]):
    """Hands items from one thread to another and keeps only the newest.

    Every method may be called on any thread and none of them waits; whoever takes waits on `bell`,
    which several mailboxes may share.
    """

    def __init__(self, bell: Event) -> None:
        self._bell = bell
        self._lock = Lock()
        self._item: Item | None = None
        self._waiting_since_s: float | None = None
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """How many items were replaced before anybody took them."""
        with self._lock:
            return self._dropped

    @property
    def waiting_since_s(self) -> float | None:
        """When the slot was filled after it had been empty, monotonic clock; None: it is empty."""
        with self._lock:
            return self._waiting_since_s

    def put(self, item: Item, *, now_s: float) -> None:
        """Put an item into the slot, in place of one that was not taken, and ring the bell."""
        with self._lock:
            if self._item is None:
                self._waiting_since_s = now_s
            else:
                self._dropped += 1
            self._item = item
        self._bell.set()

    def peek(self) -> Item | None:
        """Look at the newest item and leave it there; None: there is none."""
        with self._lock:
            return self._item

    def take(self) -> Item | None:
        """Take the newest item out of the slot; None: there is none."""
        with self._lock:
            item, self._item = self._item, None
            self._waiting_since_s = None
        return item
