"""The place of one output, which can be given another output while the program runs."""

from collections.abc import Callable
from threading import Lock
from typing import Generic, Protocol, Self, TypeVar

Sink = TypeVar("Sink")


class Relieving(Protocol):
    """An output that can take over from another of its kind."""

    def start(self) -> None:
        """Begin; once."""
        ...

    def stop(self, timeout_s: float) -> bool:
        """Write what waits and end; False if that takes longer."""
        ...

    def relieve(self, former: Self, timeout_s: float) -> None:
        """End a former output, and write what it could not."""
        ...


class Outlet(Generic[Sink]):
    """Holds the output of now; every method is for any thread.

    Whoever hands something to the output does so under a lock, and so does whoever exchanges it:
    each reading goes to exactly one of them. What is done under the lock returns at once.
    """

    def __init__(self, sink: Sink | None = None) -> None:
        self._lock = Lock()
        self._sink = sink

    @property
    def sink(self) -> Sink | None:
        """The output of now, to be asked; None: there is none."""
        with self._lock:
            return self._sink

    def use(self, call: Callable[[Sink], None]) -> None:
        """Hand something to the output of now, if there is one."""
        with self._lock:
            if self._sink is not None:
                call(self._sink)

    def exchange(
        self, new: Sink | None, *, inherit: Callable[[Sink, Sink], None] | None = None
    ) -> Sink | None:
        """Put another output in its place.

        Args:
            new: The output from now on; None: none.
            inherit: Called with the former and the new one before anything reaches the new one.

        Returns:
            The former output, to which nothing comes any more; None: there was none.
        """
        with self._lock:
            former, self._sink = self._sink, new
            if former is not None and new is not None and inherit is not None:
                inherit(former, new)
        return former
