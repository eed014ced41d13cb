"""`crowd-monitor run`: a site in a window."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from monitor.cli.exit_codes import WRONG_USE
from monitor.cli.last_site import remember_site, state_folder
from monitor.cli.set_up import tools_for
from monitor.cli.site import RunningSite, model_note, open_model, running_site
from monitor.cli.window import open_window, read_for_window, require_window
from monitor.engine.engine import Engine
from monitor.engine.site_session import SiteSession
from monitor.inference.model import Model
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
    """Show a site in the window until it is closed; then another one, if somebody opened that.

    Args:
        site: The site.

    Returns:
        Exit code.

    Raises:
        MonitorError: If the model or the history cannot be had.
    """
    require_window()
    while True:
        wanted: list[Path] = []
        code = _show(site, wanted.append)
        if not wanted:
            return code
        settings = read_for_window(partial(read_site, wanted[-1]))
        if settings is None:
            return WRONG_USE
        remember_site(wanted[-1], state_folder())
        site = OpenedSite(settings, wanted[-1].stem, wanted[-1])


def _show(site: OpenedSite, open_next: Callable[[Path], None]) -> int:
    model = open_model(site.settings.model)
    with running_site(site.settings, model, keeps_history=site.keeps_history) as running:
        outside = outside_of(running, site)
        assert outside.tools is not None, "given just before"
        tools = replace(outside.tools, open_next=open_next)
        return open_window(
            running.engine,
            title=site.title,
            model_note=model_note(model),
            outside=replace(outside, tools=tools),
        )


def outside_of(running: RunningSite, site: OpenedSite) -> Outside:
    """Give what the window of a running site is connected to.

    Args:
        running: The site, running.
        site: What it was opened from.

    Returns:
        History, site file, outputs, evidence.
    """
    session = session_of(running, site)

    def evidence_folder() -> Path | None:
        evidence = session.site.evidence
        return None if evidence is None else Path(evidence.folder)

    return Outside(
        store=running.history,
        keeper=session,
        tools=tools_for(running.engine, open_model, site.file),
        outputs=running.outputs.health,
        model_note=partial(note_of, running.engine),
        evidence_folder=evidence_folder,
        privacy=lambda: session.site.privacy.pictures,
    )


def note_of(engine: Engine) -> str:
    """Say what the model that counts now was trained on; empty where it does not say."""
    return model_note(engine.counter) if isinstance(engine.counter, Model) else ""


def session_of(running: RunningSite, site: OpenedSite) -> SiteSession:
    """Have a running site kept in its file, and the file watched.

    Args:
        running: The site, running.
        site: What it was opened from.

    Returns:
        What changes, keeps and reads it.
    """

    def read(file: Path) -> SiteSettings:
        return read_site(file) if site.read is None or file != site.file else site.read()

    return SiteSession(
        running.engine,
        site.settings,
        file=site.file,
        read=read,
        open_model=open_model,
        parts=running.parts,
    )
