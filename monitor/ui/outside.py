"""What a window is connected to beside its engine: history, site file, outputs, evidence."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from monitor.core.privacy import Privacy
from monitor.engine.site_session import SiteSession
from monitor.outputs.history.history import History
from monitor.outputs.outbox import OutboxHealth
from monitor.ui.setup.tools import SetUpTools


def _no_outputs() -> Mapping[str, OutboxHealth]:
    return {}


def _no_note() -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Outside:
    """All of it may be missing."""

    store: History | None = None
    """The history, already started and subscribed; None: there is none."""
    keeper: SiteSession | None = None
    """Keeps what is changed in the window in the site file; None: nothing does."""
    tools: SetUpTools | None = None
    """What adding a camera needs; None: none can be added."""
    outputs: Callable[[], Mapping[str, OutboxHealth]] = _no_outputs
    """Says how each output is doing, by name; never waits."""
    evidence_folder: Callable[[], Path | None] | None = None
    """Says where evidence of alarms is kept now, or that none is; None: nobody says."""
    model_note: Callable[[], str] = _no_note
    """Says what the model that counts now was trained on; empty: as it was; never waits."""
    privacy: Callable[[], Privacy] = lambda: Privacy.AS_THEY_ARE
    """Says what may be stored of pictures now."""
