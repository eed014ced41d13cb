"""Adding, changing and removing cameras of a running site."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QMessageBox

from monitor.settings import ModelSettings, SiteSettings
from monitor.settings.editing import camera_of, with_camera, without_camera
from monitor.ui.actions import Command
from monitor.ui.background import BackgroundTask
from monitor.ui.language import translate
from monitor.ui.setup.camera_dialog import CameraDialog
from monitor.ui.setup.tools import Surroundings


class SiteChanger(Protocol):
    """Has another site run and written into the file."""

    def __call__(self, site: SiteSettings, words: str, /) -> None:
        """Take the new settings, and what was changed."""
        ...


class CameraController(QObject):
    """Opens the dialogs for cameras; lives on the GUI thread.

    Attributes:
        dialog: The dialog that is open or was last; None: none was.
        confirm: How a person is asked whether they mean it.
    """

    def __init__(self, around: Surroundings, change: SiteChanger) -> None:
        """Prepare.

        Args:
            around: The window, and what it gives.
            change: Has another site run.
        """
        super().__init__(around.window)
        self._keeper = around.keeper
        self._tools = around.tools
        self._change = change
        self._send = around.send
        self._tell = around.tell
        self._window = around.window
        self.dialog: CameraDialog | None = None
        self.confirm: Callable[[str], bool] = self._ask

    def commands(self, chosen: Callable[[], str]) -> list[Command]:
        """Give what can be done with a key.

        Args:
            chosen: Gives the name of the camera that is looked at.

        Returns:
            The commands.
        """
        group = _tr("Site")
        return [
            Command(_tr("Add camera …"), ("Ctrl+N",), self.add, group),
            Command(_tr("Edit this camera …"), ("Ctrl+E",), lambda: self.edit(chosen()), group),
            Command(_tr("Remove this camera …"), (), lambda: self.remove(chosen()), group),
        ]

    def add(self) -> None:
        """Ask for a camera, and watch it."""
        dialog = CameraDialog(
            self._tools, taken=self._taken(""), model=self._model, parent=self._window
        )
        self._open(dialog, "")

    def edit(self, name: str) -> None:
        """Ask what is to be another way with a camera."""
        try:
            camera = camera_of(self._keeper.site, name)
        except KeyError:
            return
        dialog = CameraDialog(
            self._tools,
            taken=self._taken(camera.name),
            camera=camera,
            model=self._model,
            parent=self._window,
        )
        self._open(dialog, camera.name)

    def remove(self, name: str) -> None:
        """Take a camera away, if that is meant."""
        try:
            camera = camera_of(self._keeper.site, name)
            site = without_camera(self._keeper.site, camera.name)
        except (KeyError, ValueError) as error:
            self._tell(str(error).strip("'\""))
            return
        question = self.tr("Remove {name}? Its zones and rules are removed too.")
        if self.confirm(question.format(name=camera.name)):
            self._change(site, self.tr("camera {name} removed").format(name=camera.name))

    def count_with(self, model: ModelSettings) -> None:
        """Open a model off the GUI thread and count with it from then on."""
        if self._tools.use_model is not None:
            work = partial(self._tools.use_model, model)
            done = self.tr("The new model is in use")
            self._send("model", BackgroundTask(work, lambda _: self._tell(done), self._tell))

    @property
    def _model(self) -> Path | None:
        path = self._keeper.site.model.path
        return None if path is None else Path(path)

    def _taken(self, own: str) -> frozenset[str]:
        site = self._keeper.site
        cameras = {one.name for one in site.camera}
        return frozenset(cameras | {one.name for one in site.area}) - {own}

    def _open(self, dialog: CameraDialog, was: str) -> None:
        self.dialog = dialog
        dialog.accepted.connect(partial(self._on_accepted, dialog, was))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_accepted(self, dialog: CameraDialog, was: str) -> None:
        if dialog.camera is None:
            return
        site = with_camera(self._keeper.site, dialog.camera, was=was)
        if dialog.model is not None:
            model = site.model.model_copy(update={"path": str(dialog.model)})
            site = site.model_copy(update={"model": model})
            self.count_with(model)
        self._change(site, self.tr("camera {name}").format(name=dialog.camera.name))

    def _ask(self, question: str) -> bool:
        buttons = QMessageBox.StandardButton
        title = self.tr("Cameras")
        answer = QMessageBox.question(self._window, title, question, buttons.Yes | buttons.No)
        return answer == buttons.Yes


def _tr(text: str) -> str:
    return translate("Commands", text)
