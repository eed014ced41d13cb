"""`crowd-monitor run`: a site in a window."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from monitor.clock import SystemClock
from monitor.commands.set_up import tools_for
from monitor.commands.site import RunningSite, model_note, open_model, running_site
from monitor.commands.window import open_window, require_window
from monitor.engine.reload import Reloader
from monitor.engine.site_keeper import SiteKeeper
from monitor.settings import SiteSettings
from monitor.settings.site_file import read_site
from monitor.ui.outside import Outside


@dataclass(frozen=True, slots=True)
class OpenedSite:
    """A site that is to be shown, and where its settings are kept."""

    settings: SiteSettings
    title: str
    """What the window is called."""
    file: Path | None = None
    """The site file; None: there is none."""
    read: Callable[[], SiteSettings] | None = None
    """Reads it anew, with what the command line changes of it; None: as it is."""
    keeps_history: bool = True


def run_in_window(site: OpenedSite) -> int:
    """Show a site in the window until it is closed.

    Args:
        site: The site.

    Returns:
        Exit code.

    Raises:
        MonitorError: If the model or the history cannot be had.
    """
    require_window()
    model = open_model(site.settings.model)
    with running_site(site.settings, model, keeps_history=site.keeps_history) as running:
        return open_window(
            running.engine,
            title=site.title,
            model_note=model_note(model),
            outside=outside_of(running, site),
        )


def outside_of(running: RunningSite, site: OpenedSite) -> Outside:
    """Give what the window of a running site is connected to.

    Args:
        running: The site, running.
        site: What it was opened from.

    Returns:
        History, site file, outputs, evidence.
    """
    evidence = site.settings.evidence
    return Outside(
        store=running.history,
        keeper=keeper_of(running, site),
        tools=tools_for(running.engine, running.open_model, site.file),
        outputs=running.outputs.health,
        evidence_folder=None if evidence is None else Path(evidence.folder),
        privacy=site.settings.privacy.pictures,
    )


def keeper_of(running: RunningSite, site: OpenedSite) -> SiteKeeper:
    """Have a running site kept in its file, and the file watched.

    Args:
        running: The site, running.
        site: What it was opened from.

    Returns:
        What keeps it.
    """

    def begin_watching(file: Path, settings: SiteSettings) -> Reloader:
        def read() -> SiteSettings:
            return read_site(file) if site.read is None or file != site.file else site.read()

        return Reloader(
            file,
            settings,
            running.engine,
            read=read,
            open_model=running.open_model,
            clock=SystemClock(),
            parts=(running.outputs,),
        )

    return SiteKeeper(running.engine, site.settings, file=site.file, begin_watching=begin_watching)
