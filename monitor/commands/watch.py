"""`crowd-monitor run`: a site in a window."""

from monitor.commands.site import model_note, open_model, running_site
from monitor.commands.window import open_window, require_window
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
