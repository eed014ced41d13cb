"""The page of the running service, which can move to another address, token or content."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace

from monitor.engine.site_session import Prepared
from monitor.service.access import Access, access_of
from monitor.service.server import Pages, StatusServer
from monitor.settings import SiteSettings, StatusSettings

logger = logging.getLogger(__name__)


class LivePage:
    """Answers by the `[status]` table of now.

    `stop` and everything about reloading are for the owner's thread.
    """

    def __init__(
        self,
        settings: StatusSettings,
        pages: Pages,
        *,
        environ: Mapping[str, str],
        on_address: Callable[[str], None],
    ) -> None:
        """Take the port and begin to answer.

        Args:
            settings: Address, token, content.
            pages: Where the answers come from, pictures included.
            environ: The environment, which may hold the token.
            on_address: Told where the page is, now and after each move.

        Raises:
            SettingsError: If the port or the token cannot be had.
        """
        self._settings = settings
        self._pages = pages
        self._environ = environ
        self._on_address = on_address
        self._server = self._new_server(settings)
        self._open()

    @property
    def address(self) -> str:
        """Where the state is."""
        return self._server.address

    @property
    def tables(self) -> frozenset[str]:
        """The tables that are looked after; see `monitor.engine.site_session.Part`."""
        return frozenset({"status"})

    def prepare(self, site: SiteSettings) -> Prepared:
        """Look the token up and take the port, where they are others; the former page goes on.

        Args:
            site: What is wanted.

        Returns:
            What goes over to it, or gives the port back.

        Raises:
            SettingsError: If the port or the token cannot be had.
        """
        settings, before = site.status, self._settings
        access = access_of(settings, self._environ)
        if (settings.host, settings.port) == (before.host, before.port):
            return Prepared(lambda: self._stay(settings, access))
        server = self._new_server(settings)
        return Prepared(lambda: self._move(server, settings), give_up=server.stop)

    def stop(self) -> None:
        """End the page."""
        self._server.stop()

    def _stay(self, settings: StatusSettings, access: Access) -> None:
        self._settings = settings
        self._server.change(self._contents(settings), access)

    def _move(self, server: StatusServer, settings: StatusSettings) -> None:
        former = self._server
        self._server, self._settings = server, settings
        self._open()
        former.stop()
        logger.info("The page has moved to %s", server.address)

    def _open(self) -> None:
        self._server.start()
        self._on_address(self._server.address)

    def _new_server(self, settings: StatusSettings) -> StatusServer:
        access = access_of(settings, self._environ)
        return StatusServer(
            self._contents(settings), access, host=settings.host, port=settings.port
        )

    def _contents(self, settings: StatusSettings) -> Pages:
        return self._pages if settings.pictures else replace(self._pages, cameras=None)
