"""What set-up needs of the program and the window around it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.engine.site_session import SiteSession
from monitor.settings import ModelSettings
from monitor.ui.background import BackgroundTask
from monitor.video.onvif.discovery import MULTICAST

if TYPE_CHECKING:  # commands that open no window know this record, and run without Qt
    from PyQt6.QtWidgets import QWidget


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A model that can count, and what it says of itself."""

    path: Path
    title: str
    """Its name and mean error, for a list."""
    card: str
    """What it counts, what it learned from, how wrong it is."""


def _no_models() -> Sequence[ModelCard]:
    return ()


@dataclass(frozen=True, slots=True)
class SetUpTools:
    """Given to whoever adds cameras."""

    folder: Path
    """Where private files with passwords go when there is no keyring."""
    list_models: Callable[[], Sequence[ModelCard]] = field(default=_no_models)
    """Opens every known model, off the GUI thread; may raise `MonitorError`."""
    use_model: Callable[[ModelSettings], object] | None = None
    """Opens a model and counts with it from then on, off the GUI thread; may raise
    `MonitorError`. None: nothing runs yet."""
    find_model: Callable[[Path], Path] = field(default=Path)
    """Gives the file of a model that the site names; never waits for a network."""
    remember: Callable[[Path], object] | None = None
    """Makes a site file the one that opens with the next start. None: nothing does."""
    open_next: Callable[[Path], object] | None = None
    """Has a site file shown as soon as the window is closed. None: nothing does."""
    ask_network: tuple[str, int] = MULTICAST
    """Whom to ask for cameras."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The window around whoever changes its site."""

    keeper: SiteSession
    """Knows the site."""
    tools: SetUpTools
    """What set-up needs of the program."""
    send: Callable[[str, BackgroundTask], None]
    """Has something done off the GUI thread."""
    tell: Callable[[str], None]
    """Called with one sentence on what came of it."""
    window: "QWidget"
    """Over which dialogs open."""
