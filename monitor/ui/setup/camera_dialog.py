"""Add a camera, or change one: say where it is, see that it works, give it a name."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Event

from PyQt6.QtCore import QTimer
from PyQt6.QtGui import QFontInfo, QIcon
from PyQt6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from monitor.core.clock import SystemClock
from monitor.core.errors import AddressError
from monitor.core.secret import Secret
from monitor.engine.camera_trial import CameraTrial, try_camera
from monitor.engine.sources import password_of, reception_of
from monitor.settings import CameraSettings
from monitor.settings.passwords import keep_password
from monitor.ui.background import BackgroundTask, BackgroundTasks
from monitor.ui.setup.camera_form import CameraForm, Kind
from monitor.ui.setup.finder import Finder
from monitor.ui.setup.model_choice import ModelChoice
from monitor.ui.setup.tools import SetUpTools
from monitor.ui.setup.trial_panel import TrialPanel
from monitor.ui.widgets import make_label, make_panel, set_text
from monitor.video.onvif.device import OfferedStream, OnvifDevice
from monitor.video.onvif.discovery import FoundDevice, find_devices

_SIZE_WH = (1120, 640)
_LETTERS_PX = 13
"""Height of the letters for which that is enough."""
_HIGHEST_PX = 740
"""What a screen of 800 pixels leaves below its bars."""
_LEFT_LETTERS = 56
_COLLECT_MS = 50
_END_S = 0.2


class CameraDialog(QDialog):
    """Accepted, it has the camera with the place of its password, and perhaps another model.

    All that may wait, for the network, the keyring or a file, is done on a thread of its own.
    """

    def __init__(
        self,
        tools: SetUpTools,
        *,
        taken: frozenset[str] = frozenset(),
        camera: CameraSettings | None = None,
        model: Path | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Build it.

        Args:
            tools: What it needs of the program around it.
            taken: Names that other cameras and areas have.
            camera: The camera that is changed; None: a new one is added.
            model: The model that counts now; None: the usual one.
            parent: Window over which it opens.
        """
        super().__init__(parent)
        self._tools = tools
        self._taken = taken
        self._base = camera
        self._present_model = model
        self._stop = Event()
        self._errands = BackgroundTasks()
        self.camera: CameraSettings | None = None
        self.form = CameraForm()
        self.finder = Finder()
        self.panel = TrialPanel()
        self.model_choice = ModelChoice()
        self.fault = make_label("warning")
        self.test_button = QPushButton(self.tr("Test connection"))
        self.save_button = QPushButton(
            self.tr("Add camera") if camera is None else self.tr("Change camera")
        )
        self._timer = QTimer(self)
        self._timer.setInterval(_COLLECT_MS)
        self._timer.timeout.connect(self._errands.collect)
        self._build()
        if camera is not None:
            self.form.show_camera(camera)
        self._begin()

    @property
    def model(self) -> Path | None:
        """The model that is to count from now on; None: the one that does."""
        return self.model_choice.chosen

    def test_connection(self) -> None:
        """Try the camera as it is typed."""
        self._interrupt()
        try:
            source, password = self.form.typed()
        except (AddressError, ValueError) as error:
            self.panel.show_fault(str(error))
            return
        self.form.propose_name()
        self.panel.show_trying()
        work = partial(_try, source, password, self._base, self._stop)
        self._send("trial", work, self._on_tried, self.panel.show_fault)

    def save(self) -> None:
        """Keep the password where it can be looked up, and be accepted."""
        self._interrupt()
        try:
            _, password = self.form.typed()
            camera = self.form.camera(self._base, self._taken)
        except (AddressError, ValueError) as error:
            set_text(self.fault, _plain(error))
            return
        self.save_button.setEnabled(False)
        work = partial(_keep, camera, password, self._base, self._tools.folder)
        self._send("keep", work, self._on_kept, self._on_not_kept)

    def done(self, result: int) -> None:
        """Give up what is being waited for, and close."""
        self._stop.set()
        self._timer.stop()
        self._errands.stop(_END_S)
        self.form.password.clear()
        super().done(result)

    def _begin(self) -> None:
        self._errands.start()
        self._timer.start()
        show = partial(self._on_models)
        self._send("models", self._tools.list_models, show, self.model_choice.show_fault)

    def _interrupt(self) -> None:
        """End what is waited for: something else is wanted."""
        self._stop.set()
        self._stop = Event()

    def _send(
        self,
        name: str,
        work: Callable[[], object],
        on_done: Callable[[object], None],
        on_failed: Callable[[str], None],
    ) -> None:
        stop = self._stop

        def hand_over(found: object) -> None:
            if not stop.is_set() or name == "models":
                on_done(found)

        def tell(message: str) -> None:
            if not stop.is_set():
                on_failed(message)

        self._errands.send(name, BackgroundTask(work, hand_over, tell))

    def _on_search(self) -> None:
        self._interrupt()
        self.finder.show_searching()
        work = partial(
            find_devices, stop=self._stop, clock=SystemClock(), ask=self._tools.ask_network
        )
        self._send("find", work, self._on_found, self.finder.show_fault)

    def _on_found(self, found: object) -> None:
        if isinstance(found, tuple):
            self.finder.show_devices(found)

    def _on_streams_wanted(self, device: FoundDevice) -> None:
        self._interrupt()
        self.finder.show_asking()
        text = self.form.password.text()
        user, password = self.form.user.text().strip(), Secret(text) if text else None
        asked = OnvifDevice(device.service, user, password, clock=SystemClock())
        self._send("streams", asked.streams, self._on_streams, self.finder.show_fault)

    def _on_streams(self, found: object) -> None:
        device = self.finder.device
        if device is not None:
            if not self.form.name.text().strip():
                self.form.name.setText(device.name)
            if not self.form.place.text().strip():
                self.form.place.setText(device.location)
        if isinstance(found, tuple):
            self.finder.show_streams(found)

    def _on_stream_chosen(self, stream: OfferedStream) -> None:
        self.form.address.setText(stream.address)
        self.test_connection()

    def _on_tried(self, found: object) -> None:
        if isinstance(found, CameraTrial):
            self.panel.show_trial(found)

    def _on_models(self, found: object) -> None:
        if isinstance(found, (tuple, list)):
            self.model_choice.show_models(found, self._present_model)

    def _on_kept(self, found: object) -> None:
        if isinstance(found, CameraSettings):
            self.camera = found
            self.accept()

    def _on_not_kept(self, message: str) -> None:
        self.save_button.setEnabled(True)
        set_text(self.fault, message)

    def _on_edited(self) -> None:
        self._interrupt()
        self.panel.show_untried()
        set_text(self.fault, "")
        self.finder.setVisible(self.form.chosen_kind is Kind.NETWORK)

    def _build(self) -> None:
        title = self.tr("Add a camera") if self._base is None else self.tr("Change the camera")
        self.setWindowTitle(title)
        growth = QFontInfo(self.font()).pixelSize() / _LETTERS_PX
        self.resize(_SIZE_WH[0], min(_HIGHEST_PX, round(growth * _SIZE_WH[1])))
        self.fault.setWordWrap(True)
        where, inside = make_panel(self.tr("Camera"))
        inside.addWidget(self.form)
        inside.addWidget(self.finder)
        counts, below = make_panel(self.tr("Counted with"))
        below.addWidget(self.model_choice)
        column = QWidget()
        letters = _LEFT_LETTERS * self.fontMetrics().averageCharWidth()
        column.setFixedWidth(min(letters, _SIZE_WH[0] // 2))
        left = QVBoxLayout(column)
        left.setContentsMargins(0, 0, 0, 0)
        left.addWidget(where)
        left.addWidget(counts, 1)
        right, seen = make_panel(self.tr("What it sees"))
        seen.addWidget(self.panel, 1)
        seen.addWidget(self.test_button)
        grid = QGridLayout(self)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(0, 1)
        grid.addWidget(column, 0, 0)
        grid.addWidget(right, 0, 1)
        grid.addWidget(self.fault, 1, 0)
        grid.addWidget(self._buttons(), 1, 1)
        self.form.edited.connect(self._on_edited)
        self.finder.search_wanted.connect(self._on_search)
        self.finder.streams_wanted.connect(self._on_streams_wanted)
        self.finder.stream_chosen.connect(self._on_stream_chosen)

    def _buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton(self.save_button, QDialogButtonBox.ButtonRole.ActionRole)
        for one in (*buttons.buttons(), self.test_button):
            one.setIcon(QIcon())  # the style's own is black on dark
        for button, do in ((self.test_button, self.test_connection), (self.save_button, self.save)):
            button.setAutoDefault(False)
            button.clicked.connect(do)
        buttons.rejected.connect(self.reject)
        return buttons


def _try(
    source: str, password: Secret | None, base: CameraSettings | None, stop: Event
) -> CameraTrial:
    """Try a camera; a password that was kept before is used where none was typed."""
    camera = CameraSettings(name="trial", source=source) if base is None else base
    if password is None and base is not None:
        password = password_of(base)
    return try_camera(
        source, password, reception=reception_of(camera), stop=stop, clock=SystemClock()
    )


def _keep(
    camera: CameraSettings, password: Secret | None, base: CameraSettings | None, folder: Path
) -> CameraSettings:
    """Keep a new password, or an old one under the camera's new name."""
    has_new_name = base is not None and base.name != camera.name
    if password is None and base is not None and base.password_keyring and has_new_name:
        password = password_of(base)
    return camera if password is None else keep_password(camera, password, folder)


def _plain(error: Exception) -> str:
    """Give one sentence; the validation of the records writes several lines."""
    lines = [one.strip() for one in str(error).splitlines() if "Value error, " in one]
    return lines[0].split("Value error, ")[1].partition(" [type=")[0] if lines else str(error)
