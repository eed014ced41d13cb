"""How the engine itself is doing, as a window or a service shows it."""

from dataclasses import dataclass

from monitor.engine.delivery import DeliveryStatus


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """How the engine itself is doing."""

    is_running: bool
    """Whether it was started and not yet stopped."""
    deliveries: tuple[DeliveryStatus, ...]
    """One for each subscriber."""
    restarts: int = 0
    """Threads that had ended by mistake and were started again."""
    busy_s: float = 0.0
    """Seconds for which the picture that is being counted has been with the model; 0: none is."""
