"""How the engine itself is doing, as a window or a service shows it."""

from dataclasses import dataclass

from monitor.core.worker import WorkerHealth
from monitor.engine.delivery import DeliveryStatus


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """How the engine itself is doing."""

    is_running: bool
    """Whether it was started and not yet stopped."""
    deliveries: tuple[DeliveryStatus, ...]
    """One for each subscriber."""
    workers: tuple[WorkerHealth, ...] = ()
    """One for each thread: counting, supervision, readers, deliveries."""
    busy_s: float = 0.0
    """Seconds for which the picture that is being counted has been with the model; 0: none is."""

    @property
    def restarts(self) -> int:
        """How often work of a thread failed by mistake and was taken up again."""
        return sum(one.failures for one in self.workers)
