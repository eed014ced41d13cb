"""Between the page on the load of alarms, the history, and files."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QCoreApplication, QObject
from PyQt6.QtWidgets import QWidget

from monitor.alarms.alarm_load import AlarmLoad
from monitor.alarms.alarm_load_csv import alarm_load_csv
from monitor.core.clock import Clock
from monitor.core.errors import OutputError
from monitor.engine.hindsight import load_between
from monitor.outputs.history.history import History
from monitor.ui.actions import Command
from monitor.ui.background import BackgroundTask, BackgroundTasks
from monitor.ui.load.page import LoadPage
from monitor.ui.saving import Saving
from monitor.ui.theme import Theme


class LoadDesk(QObject):
    """Opens the page; lives on the GUI thread."""

    def __init__(
        self,
        errands: BackgroundTasks,
        store: History | None,
        saving: Saving,
        clock: Clock,
        parent: QObject | None = None,
    ) -> None:
        """Prepare.

        Args:
            errands: What reads the history off the GUI thread.
            store: The history; None: there is none.
            saving: Asks a person for a path.
            clock: Where time comes from.
            parent: Owner.
        """
        super().__init__(parent)
        self._errands = errands
        self._store = store
        self._saving = saving
        self._clock = clock
        self._page: LoadPage | None = None

    @property
    def page(self) -> LoadPage | None:
        """The page that is open; None: none is."""
        return self._page

    def commands(self, run: Callable[[], object]) -> list[Command]:
        """Give what can be done with a key; `run` opens the page."""
        group = QCoreApplication.translate("Commands", "Alarms")
        return [Command(self.tr("Load of the alarms …"), ("W",), run, group)]

    def open(self, theme: Theme, window: QWidget) -> None:
        """Show how much the alarms asked of people.

        Args:
            theme: Colours.
            window: Over which the page opens.
        """
        page = LoadPage(theme, window)
        self._page = page
        page.span_changed.connect(self._read)
        page.export_wanted.connect(self._export)
        page.finished.connect(self._forget)
        page.open()
        self._read()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours in the page that is open."""
        if self._page is not None:
            self._page.chart.set_theme(theme)

    def _forget(self) -> None:
        self._page = None

    def _read(self) -> None:
        page = self._page
        if page is None:
            return
        if self._store is None:
            page.show_note(self.tr("There is no history: nothing is kept at this site"))
            return
        page.show_note(self.tr("Reading the history …"))
        stop = self._clock.utc()
        work = partial(load_between, self._store, stop - page.span, stop)
        self._errands.send(
            "load", BackgroundTask(work, partial(self._show, page), partial(self._tell, page))
        )

    def _show(self, page: LoadPage, found: object) -> None:
        if page is self._page and isinstance(found, AlarmLoad):
            page.show_load(found)

    def _tell(self, page: LoadPage, message: str) -> None:
        if page is self._page:
            page.show_note(message)

    def _export(self) -> None:
        page = self._page
        if page is None or page.load is None:
            return
        day = page.load.stop_utc.strftime("%Y-%m-%d")
        path = self._saving.ask_for(f"alarm load {day}.csv", self.tr("Table (*.csv)"))
        if path is None:
            return
        saved = self.tr("Saved: {path}").format(path=path)
        self._errands.send(
            f"load {path}",
            BackgroundTask(
                partial(_write, path, page.load),
                lambda _: self._tell(page, saved),
                partial(self._tell, page),
            ),
        )


def _write(path: Path, load: AlarmLoad) -> None:
    try:
        path.write_text(alarm_load_csv(load), encoding="utf-8", errors="replace", newline="")
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error
