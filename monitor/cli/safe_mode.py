"""Reading a site for the window: where it cannot be used, a dialog says why until it is mended."""

from collections.abc import Callable

from monitor.cli.screen import tell_failure
from monitor.cli.window import require_window
from monitor.core.errors import SettingsError
from monitor.settings import SiteSettings


def read_for_window(
    read: Callable[[], SiteSettings], ask: Callable[[str], bool] | None = None
) -> SiteSettings | None:
    """Read a site; where it has mistakes, show them and read again as often as somebody asks.

    Args:
        read: Reads the site file anew.
        ask: Shows what is wrong and says whether to read again; None: the dialog.

    Returns:
        The settings; None: it was given up.

    Raises:
        SettingsError: If there is no screen to show the mistakes on.
    """
    while True:
        try:
            return read()
        except SettingsError as error:
            try:
                require_window()
            except SettingsError:
                raise error from None
            tell_failure(error)
            if not (ask or _dialog())(str(error)):
                return None


def _dialog() -> Callable[[str], bool]:
    from monitor.ui.safe_mode import ask_to_read_again

    return ask_to_read_again
