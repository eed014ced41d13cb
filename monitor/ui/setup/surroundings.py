"""What those who change a site are given of the window around them."""

from collections.abc import Callable
from dataclasses import dataclass

from PyQt6.QtWidgets import QWidget

from monitor.engine.site_session import SiteSession
from monitor.ui.background import BackgroundTask
from monitor.ui.setup.tools import SetUpTools


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
    window: QWidget
    """Over which dialogs open."""
