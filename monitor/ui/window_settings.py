"""What a window is told once, when it is made."""

from dataclasses import dataclass

from monitor.ui.theme import DARK, Theme


@dataclass(frozen=True, slots=True)
class WindowSettings:
    """What a window is told once."""

    title: str
    model_note: str
    """What the model was trained on and how far it can be trusted."""
    operator: str
    """Who sits here; goes into the journal."""
    theme: Theme = DARK
    is_large_type: bool = False
