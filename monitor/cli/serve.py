"""`crowd-monitor serve`: a site without a window, until a signal ends it.

A site file that cannot be used does not keep the program from starting: it waits in safe mode, with
a page that says what is wrong, and begins as soon as the file is mended.
"""

import logging
import os
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

from pydantic import ValidationError

from monitor.cli.exit_codes import DONE
from monitor.cli.screen import notes, results
from monitor.cli.shutdown import ending_within
from monitor.cli.site import (
    RunningSite,
    model_mark,
    model_note,
    open_model,
    running_site,
)
from monitor.core.clock import Clock, SystemClock
from monitor.core.errors import MonitorError, SettingsError
from monitor.engine.site_session import FileWatch, SiteSession, SiteState, mistakes_of
from monitor.service.server import LivePage, Pages, StatusServer, access_of
from monitor.service.signals import Systemd, obeying_signals
from monitor.service.status import (
    LOOK_EVERY_S,
    Document,
    log_event,
    safe_mode_document,
    status_document,
    troubles,
    watch,
)
from monitor.settings import SiteSettings, StatusSettings
from monitor.settings.logs import hide_secrets_in_logs, log_file, secrets_of

logger = logging.getLogger(__name__)

ENDS_WITHIN_S = 4.2
"""Seconds from a signal to the end by force: whoever asked waits five."""


@dataclass(frozen=True, slots=True)
class SiteSource:
    """Where the settings come from."""

    read: Callable[[], SiteSettings]
    """Reads them, with what the command line changes of them."""
    file: Path | None = None
    """The site file; None: all comes from the command line."""
    port: int | None = None
    """Port that the command line asks for."""


@dataclass(frozen=True, slots=True)
class _Wishes:
    """What the operating system asks for while the program runs."""

    stop: Event
    reload: Event
    systemd: Systemd

    def is_reload_asked(self) -> bool:
        """Say whether the site file is to be read anew; each wish is granted once."""
        is_asked = self.reload.is_set()
        self.reload.clear()
        return is_asked


def serve(source: SiteSource, *, report_every_s: float = 10.0, level: int = logging.INFO) -> int:
    """Run a site without a window until a signal ends it.

    Args:
        source: Where the settings come from.
        report_every_s: Seconds between two lines with the counts in the log.
        level: What is logged.

    Returns:
        Exit code.

    Raises:
        SettingsError: If the settings of the command line are wrong, the site file is not there,
            or the port or the token cannot be had.
        ModelError: If the model cannot be opened.
        StoreError: If the address of the history is wrong.
    """
    hide_secrets_in_logs(level)
    wishes = _Wishes(Event(), Event(), Systemd())
    with (
        ending_within(ENDS_WITHIN_S, wishes.stop),
        obeying_signals(wishes.stop, wishes.reload),
    ):
        try:
            site: SiteSettings | None = source.read()
        except SettingsError as error:
            if source.file is None or not source.file.exists():
                raise
            hide_secrets_in_logs(level, file=log_file())
            site = _wait_in_safe_mode(source, source.file, error, wishes)
        if site is not None:
            hide_secrets_in_logs(level, file=log_file())
            _run(site, source, wishes, report_every_s=report_every_s)
        wishes.systemd.stopping()
    return DONE


def _run(site: SiteSettings, source: SiteSource, wishes: _Wishes, *, report_every_s: float) -> None:
    clock = SystemClock()
    access_of(site.status, os.environ)  # before a model is loaded in vain
    hide_secrets_in_logs(None, secrets_of(site))
    model = open_model(site.model)
    notes().print(model_note(model))
    with running_site(site, model, keeps_history=True) as running:
        running.engine.subscribe("log", on_event=log_event)
        session: SiteSession | None = None
        pages = Pages(
            document=lambda: _document(running, session),
            troubles=lambda: troubles(running.engine.status()),
            cameras=running.engine.snapshots,
            metrics=running.outputs.metrics,
        )
        page = LivePage(site.status, pages, environ=os.environ, on_address=_tell_address)
        try:
            session = _session_of(source, site, running, page, clock)
            wishes.systemd.ready(f"watching {len(site.camera)} cameras")
            watch(
                running.engine,
                wishes.stop,
                clock=clock,
                report_every_s=report_every_s,
                on_look=lambda: _look(running, session, wishes, clock),
            )
        finally:
            page.stop()


def _look(running: RunningSite, session: SiteSession | None, wishes: _Wishes, clock: Clock) -> None:
    """Do what is to be done now and then."""
    is_asked = wishes.is_reload_asked()
    if session is not None:
        session.look(is_asked=is_asked)
    elif is_asked:
        logger.info("There is no site file to read again: the cameras came from the command line")
    if not troubles(running.engine.status()):
        wishes.systemd.alive(clock.monotonic_s())


def _session_of(
    source: SiteSource, site: SiteSettings, running: RunningSite, page: LivePage, clock: Clock
) -> SiteSession | None:
    if source.file is None:
        return None

    def read(_file: Path) -> SiteSettings:
        new = source.read()
        hide_secrets_in_logs(None, secrets_of(new))
        return new

    return SiteSession(
        running.engine,
        site,
        file=source.file,
        read=read,
        open_model=open_model,
        clock=clock,
        parts=(*running.parts, page),
        model_mark=model_mark,
    )


def _document(running: RunningSite, session: SiteSession | None) -> Document:
    return status_document(
        running.engine.snapshots(),
        running.engine.status(),
        running.outputs.health(),
        datetime.now(UTC),
        site=None if session is None else session.state,
        areas=running.engine.areas(),
    )


def _wait_in_safe_mode(
    source: SiteSource, file: Path, error: MonitorError, wishes: _Wishes
) -> SiteSettings | None:
    """Say what is wrong until the file is mended; None: ended before."""
    state = SiteState(str(file), mistakes=mistakes_of(error))
    settings = status_settings_of(file)
    if source.port is not None:
        settings = settings.model_copy(update={"port": source.port})
    logger.error("Safe mode, nothing is counted until the site file is mended: %s", error)
    pages = Pages(
        document=lambda: safe_mode_document(state, datetime.now(UTC)),
        troubles=lambda: ("safe mode: the site file cannot be used",),
    )
    clock, watched = SystemClock(), FileWatch(file)
    server = StatusServer(
        pages, access_of(settings, os.environ), host=settings.host, port=settings.port
    )
    with _answering(server):
        wishes.systemd.ready("safe mode: the site file cannot be used")
        while not wishes.stop.wait(LOOK_EVERY_S):
            wishes.systemd.alive(clock.monotonic_s())
            if not (wishes.is_reload_asked() or watched.has_changed()):
                continue
            try:
                return source.read()
            except MonitorError as fault:
                state = replace(state, mistakes=mistakes_of(fault))
                logger.error("The site file still cannot be used: %s", fault)  # noqa: TRY400 - a person's mistake needs no traceback
    return None


@contextmanager
def _answering(server: StatusServer) -> Iterator[None]:
    server.start()
    try:
        _tell_address(server.address)
        yield
    finally:
        server.stop()


def _tell_address(address: str) -> None:
    results().print(f"status: {address}")


def status_settings_of(file: Path) -> StatusSettings:
    """Read how to answer from a site file that is wrong elsewhere.

    Args:
        file: The site file.

    Returns:
        Its `[status]` table where that is right; else the usual settings, on this machine alone.
    """
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
        settings = StatusSettings.model_validate(document.get("status", {}))
        access_of(settings, os.environ)
    except (OSError, ValueError, RecursionError, ValidationError, SettingsError):
        return StatusSettings()
    return settings
