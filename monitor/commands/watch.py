"""`crowd-monitor run` and `serve`: a site in a window, or without one."""

import logging
from datetime import UTC, datetime
from threading import Event

from monitor.clock import SystemClock
from monitor.commands.exits import DONE
from monitor.commands.screen import notes, results
from monitor.commands.site import model_note, open_model, running_site
from monitor.commands.window import open_window, require_window
from monitor.service import (
    StatusServer,
    log_event,
    status_document,
    stopped_by_signals,
    watch,
)
from monitor.settings import SiteSettings


def run_in_window(site: SiteSettings, *, title: str) -> int:
    """Show a site in the window until it is closed.

    Args:
        site: The site.
        title: What the window is called.

    Returns:
        Exit code.

    Raises:
        MonitorError: If the model or the history cannot be had.
    """
    require_window()
    model = open_model(site.model)
    with running_site(site, model, keeps_history=True) as running:
        return open_window(
            running.engine, title=title, model_note=model_note(model), history=running.history
        )


def run_headless(site: SiteSettings, *, report_every_s: float = 10.0) -> int:
    """Run a site without a window until a signal ends it.

    Args:
        site: The site.
        report_every_s: Seconds between two lines with the counts in the log.

    Returns:
        Exit code.

    Raises:
        MonitorError: If the model, the history or the port cannot be had.
    """
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", force=True
    )
    stop = Event()
    model = open_model(site.model)
    notes().print(model_note(model))
    with stopped_by_signals(stop), running_site(site, model, keeps_history=True) as running:
        engine, history = running.engine, running.history
        engine.subscribe("log", on_event=log_event)
        status = StatusServer(
            lambda: status_document(
                engine.snapshots(),
                engine.status(),
                None if history is None else history.health,
                datetime.now(UTC),
            ),
            port=site.status.port,
        )
        status.start()
        try:
            results().print(f"status: {status.address}")
            watch(engine, stop, clock=SystemClock(), report_every_s=report_every_s)
        finally:
            status.stop()
    return DONE
