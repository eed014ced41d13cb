"""The place of the history, which can change while all runs: a file fills up, a server takes over.

Whoever asks the history goes on asking the same object. What was written stays where it is; nothing
is carried from one place to the other.
"""

import logging
from collections.abc import Mapping

from sqlalchemy import Engine

from monitor.engine.site_session import Prepared
from monitor.outputs.history.history import History
from monitor.settings import SiteSettings, StoreSettings
from monitor.settings.outputs import StoreAddress, parse_address

logger = logging.getLogger(__name__)


class HistoryPlace:
    """Looks after `[store]`; see `monitor.engine.site_session.Part`. For one thread."""

    def __init__(
        self, history: History, settings: StoreSettings, *, environ: Mapping[str, str]
    ) -> None:
        """Begin with what runs.

        Args:
            history: Already made with these settings.
            settings: Where it is, and how much of it is kept.
            environ: The environment, for the database's password.
        """
        self._history = history
        self._settings = settings
        self._environ = environ

    @property
    def tables(self) -> frozenset[str]:
        """The tables that are looked after."""
        return frozenset({"store"})

    def prepare(self, site: SiteSettings) -> Prepared:
        """Open the other place, where it is another; the history goes on in the former one.

        Args:
            site: What is wanted.

        Returns:
            What moves there.

        Raises:
            StoreError: If it cannot be read or opened.
        """
        settings = site.store
        if settings.url == self._settings.url:
            return Prepared(lambda: self._keep(settings))
        address = parse_address(settings.url, self._environ)
        opened = self._history.open_at(address)
        return Prepared(lambda: self._move(settings, address, opened), give_up=opened.dispose)

    def _keep(self, settings: StoreSettings) -> None:
        if settings != self._settings:
            self._history.retain(settings.to_retention())
        self._settings = settings

    def _move(self, settings: StoreSettings, address: StoreAddress, opened: Engine) -> None:
        self._history.move_to(address, opened)
        self._keep(settings)
        logger.info("The history is kept in %s from now on", address)
