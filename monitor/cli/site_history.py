"""The history of a site, opened only to be asked."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from monitor.core.errors import SettingsError
from monitor.outputs.history.history import History
from monitor.settings.site_file import read_site
from monitor.settings.store import parse_address


@contextmanager
def asked_history(config: Path | None) -> Iterator[History]:
    """Open the history of a site for questions.

    Args:
        config: Site file that says where it is; None: in the user's data folder.

    Yields:
        The history; nothing is written to it.

    Raises:
        SettingsError: If the site file cannot be read.
        StoreError: If the address of the history is wrong.
    """
    url = None if config is None else read_site(config).store.url
    history = History(parse_address(url, os.environ))
    try:
        yield history
    finally:
        history.stop()


def span_until(now_utc: datetime, *, hours: float) -> tuple[datetime, datetime]:
    """Give the bounds of the last hours.

    Args:
        now_utc: Time of day.
        hours: How many, more than 0.

    Returns:
        From when to when.

    Raises:
        SettingsError: If there would be no time between them.
    """
    try:
        start = now_utc - timedelta(hours=hours)
    except (OverflowError, ValueError) as error:
        raise SettingsError(f"--hours {hours:g}: name fewer hours") from error
    if start >= now_utc:
        raise SettingsError(f"--hours {hours:g}: must be more than 0")
    return start, now_utc
