"""Add a camera or change one: enter its address, test the connection, choose the model."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from threading import Event

from PyQt6.QtCore import QRect, QSize, Qt, QTimer
from PyQt6.QtGui import QColor, QFontInfo, QIcon, QImage, QPainter, QPaintEvent
from PyQt6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
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
from monitor.ui.language import translate
from monitor.ui.setup.camera_form import CameraForm, Finder, Kind
from monitor.ui.setup.tools import ModelCard, SetUpTools
from monitor.ui.text import rate_text
from monitor.ui.widgets import make_label, make_panel, set_kind, set_text
from monitor.video.onvif.device import OfferedStream, OnvifDevice
from monitor.video.onvif.discovery import FoundDevice, find_devices

_SMALLEST_WH = (320, 200)


class TrialPicture(QWidget):
    """The picture, as large as there is room, in its own proportions."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.image: QImage | None = None
        self.words = ""
        self.setMinimumSize(QSize(*_SMALLEST_WH))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_image(self, image: QImage | None, words: str = "") -> None:
        """Show a picture, or words where there is none."""
        self.image, self.words = image, words
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("#000000"))
        if self.image is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            size = self.image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
            place = QRect(0, 0, size.width(), size.height())
            place.moveCenter(self.rect().center())
            painter.drawImage(place, self.image)
            return
        painter.setPen(QColor("#92a0ad"))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(self.rect().adjusted(20, 20, -20, -20), flags, self.words)


class TrialPanel(QWidget):
    """Picture over words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture = TrialPicture()
        self.verdict = make_label("sentence")
        self.verdict.setWordWrap(True)
        self.verdict.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.picture, 1)
        layout.addWidget(self.verdict)
        self.show_untried()

    def show_untried(self) -> None:
        """Say that nothing was tried."""
        self.picture.show_image(None, self.tr("Not tested yet"))
        self._say("muted", self.tr("Click “Test connection” to see the camera picture."))

    def show_trying(self) -> None:
        """Say that it is being tried."""
        self.picture.show_image(None, self.tr("Connecting …"))
        self._say("muted", self.tr("A camera can take several seconds to answer."))

    def show_trial(self, trial: CameraTrial) -> None:
        """Show what the camera showed."""
        height, width = trial.image.shape[:2]
        image = QImage(
            trial.image.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888
        ).copy()
        self.picture.show_image(image)
        self._say("sentence", trial_words(trial))

    def show_fault(self, words: str) -> None:
        """Say why there is no picture."""
        self.picture.show_image(None, self.tr("No picture"))
        self._say("warning", words)

    def _say(self, kind: str, words: str) -> None:
        set_kind(self.verdict, kind)
        set_text(self.verdict, words)


def trial_words(trial: CameraTrial) -> str:
    """Put a trial into one line.

    Args:
        trial: What a camera showed.

    Returns:
        As `It works: 1280 × 720, 25.0 pictures/s, h264, decoded by CPU`.
    """
    width, height = trial.size_wh
    rate_hz, decoded = trial.rate_hz, _tr("decoded by {decoder}")
    rate = "" if rate_hz is None else rate_text(rate_hz, "picture")
    decoder = decoded.format(decoder=trial.decoder) if trial.decoder else ""
    facts = (f"{width} × {height}", rate, trial.codec, decoder)
    told = ", ".join(one for one in facts if one)
    return _tr("Connected: {facts}").format(facts=told)


def _tr(text: str) -> str:
    return translate("TrialPanel", text)


_LINES_LEAST = 4


class ModelChoice(QWidget):
    """A list of models; the card of the chosen one stands below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.models = QComboBox()
        self.models.setAccessibleName(self.tr("Model"))
        self.models.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.models.setMinimumContentsLength(20)
        self.card = QPlainTextEdit(self.tr("Reading the models …"))
        self.card.setObjectName("modelNote")
        self.card.setReadOnly(True)
        self.card.setFrameShape(QFrame.Shape.NoFrame)
        self.card.setMinimumHeight(_LINES_LEAST * self.card.fontMetrics().lineSpacing())
        self.card.setAccessibleName(self.tr("Model card"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.models)
        layout.addWidget(self.card, 1)
        self.models.setEnabled(False)
        self.models.currentIndexChanged.connect(self._on_chosen)
        self._present: Path | None = None

    @property
    def chosen(self) -> Path | None:
        """The model that is to count from now on; None: the one that does."""
        one = self.models.currentData()
        is_other = isinstance(one, ModelCard) and one.path != self._present
        return one.path if is_other else None

    def show_models(self, models: Sequence[ModelCard], present: Path | None) -> None:
        """Show what there is.

        Args:
            models: What can count; the first is the one that counts where nobody chose.
            present: What counts now; None: the first.
        """
        known = {one.path: place for place, one in enumerate(models)}
        self._present = present if present in known else next(iter(known), None)
        self.models.clear()
        for one in models:
            self.models.addItem(one.title, one)
        if self._present is not None:
            self.models.setCurrentIndex(known[self._present])
        self.models.setEnabled(len(models) > 1)
        self._on_chosen()

    def show_fault(self, words: str) -> None:
        """Say why there is nothing to choose."""
        self.card.setPlainText(words)

    def _on_chosen(self) -> None:
        one = self.models.currentData()
        if isinstance(one, ModelCard):
            note = (
                self.tr("This model will count for all cameras of the site.") if self.chosen else ""
            )
            self.card.setPlainText(f"{note}\n{one.card}".strip())


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
            self.tr("Add camera") if camera is None else self.tr("Save camera")
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
        title = self.tr("Add camera") if self._base is None else self.tr("Edit camera")
        self.setWindowTitle(title)
        growth = QFontInfo(self.font()).pixelSize() / _LETTERS_PX
        self.resize(_SIZE_WH[0], min(_HIGHEST_PX, round(growth * _SIZE_WH[1])))
        self.fault.setWordWrap(True)
        where, inside = make_panel(self.tr("Camera"))
        inside.addWidget(self.form)
        inside.addWidget(self.finder)
        counts, below = make_panel(self.tr("Model"))
        below.addWidget(self.model_choice)
        column = QWidget()
        letters = _LEFT_LETTERS * self.fontMetrics().averageCharWidth()
        column.setFixedWidth(min(letters, _SIZE_WH[0] // 2))
        left = QVBoxLayout(column)
        left.setContentsMargins(0, 0, 0, 0)
        left.addWidget(where)
        left.addWidget(counts, 1)
        right, seen = make_panel(self.tr("Preview"))
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
