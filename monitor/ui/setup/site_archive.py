"""Export a site to an archive and import one, to move it from one machine to another."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QFileDialog

from monitor.settings.archive import export_site, import_site
from monitor.ui.actions import Command
from monitor.ui.background import BackgroundTask
from monitor.ui.help import Page
from monitor.ui.language import translate
from monitor.ui.setup.tools import Surroundings


class SiteArchiveController(QObject):
    """Exports and imports sites, and opens others; lives on the GUI thread.

    Attributes:
        choose_target: How a person is asked for the file to write.
        choose_source: How a person is asked for the file to read.
        choose_site: How a person is asked for a site file.
        page: What was said last; None: nothing was.
    """

    def __init__(self, around: Surroundings) -> None:
        super().__init__(around.window)
        self._around = around
        self.page: Page | None = None
        self.choose_target: Callable[[str], str] = self._ask_for_target
        self.choose_source: Callable[[], str] = self._ask_for_source
        self.choose_site: Callable[[], str] = self._ask_for_site

    def commands(self) -> list[Command]:
        """Give what can be done from the menu."""
        group = _tr("Site")
        can_open = self._around.tools.open_next is not None
        opening = Command(_tr("Open another site …"), ("Ctrl+O",), self.open_other, group)
        return [
            *([opening] if can_open else []),
            Command(_tr("Export the site …"), (), self.export, group),
            Command(_tr("Import a site …"), (), self.import_, group),
        ]

    def export(self) -> None:
        """Ask where to, and pack the site as it holds now."""
        file = self._around.keeper.file
        name = "site" if file is None else file.stem
        chosen = self.choose_target(str(Path.home() / f"{name}.zip"))
        if not chosen:
            return
        target = Path(chosen) if Path(chosen).suffix else Path(f"{chosen}.zip")
        kept = file if self._around.keeper.is_saved else None
        find = self._around.tools.find_model
        work = partial(export_site, self._around.keeper.site, target, file=kept, find_model=find)
        self._around.send(
            "export", BackgroundTask(work, partial(self._on_exported, target), self._on_fault)
        )

    def import_(self) -> None:
        """Ask for an exported site, look at all of it, and put it beside the others."""
        chosen = self.choose_source()
        if not chosen:
            return
        source = Path(chosen)
        folder = _free(self._around.tools.folder / source.stem)
        work = partial(import_site, source, folder)
        self._around.send("import", BackgroundTask(work, self._on_imported, self._on_fault))

    def open_other(self) -> None:
        """Ask for another site file, close this one and show that."""
        chosen = self.choose_site()
        if chosen and self._around.tools.open_next is not None:
            self._around.tools.open_next(Path(chosen))
            self._around.window.close()

    def _on_exported(self, target: Path, left: object) -> None:
        self._around.tell(self.tr("Exported: {file}").format(file=target))
        if isinstance(left, tuple) and left:
            heading = self.tr("Exported. Still to do by hand on the other computer:")
            self._show(self.tr("Export"), "\n".join([heading, "", *(f"– {one}" for one in left)]))

    def _on_imported(self, file: object) -> None:
        if isinstance(file, Path):
            if self._around.tools.remember is not None:
                self._around.tools.remember(file)
            words = self.tr(
                "Imported: {file}\n\nIt opens at the next start, or with “Open another site …”. "
                "Passwords are not exported: enter them again with “Edit this camera …”."
            )
            self._show(self.tr("Import"), words.format(file=file))

    def _on_fault(self, message: str) -> None:
        self._around.tell(message.splitlines()[0])
        self._show(self.tr("Failed"), message)

    def _show(self, title: str, words: str) -> None:
        self.page = Page(title, self._around.window)
        self.page.browser.setPlainText(words)
        self.page.open()

    def _ask_for_target(self, proposed: str) -> str:
        kinds = self.tr("Exported sites (*.zip)")
        return QFileDialog.getSaveFileName(self._around.window, self.tr("Export"), proposed, kinds)[
            0
        ]

    def _ask_for_site(self) -> str:
        kinds = self.tr("Site files (*.toml)")
        return QFileDialog.getOpenFileName(self._around.window, self.tr("Open"), "", kinds)[0]

    def _ask_for_source(self) -> str:
        kinds = self.tr("Exported sites (*.zip)")
        return QFileDialog.getOpenFileName(self._around.window, self.tr("Import"), "", kinds)[0]


def _free(folder: Path) -> Path:
    """Give a folder that is not there yet."""
    number, found = 2, folder
    while found.exists():
        number, found = number + 1, folder.with_name(f"{folder.name}-{number}")
    return found


def _tr(text: str) -> str:
    return translate("Commands", text)
