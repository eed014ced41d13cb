"""The address, name and password of a camera as a form, and the search for cameras (ONVIF)."""

from collections.abc import Sequence
from enum import StrEnum

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from monitor.core.errors import AddressError
from monitor.core.secret import Secret
from monitor.core.series import check_camera_name
from monitor.settings import CameraSettings
from monitor.ui.language import later, translate
from monitor.ui.widgets import make_label, set_kind, set_text
from monitor.video.address import (
    FileAddress,
    NetworkAddress,
    PicturesAddress,
    PlazaAddress,
    TypedAddress,
    WebcamAddress,
    parse_address,
    short_name,
    take_apart,
)
from monitor.video.onvif.device import OfferedStream
from monitor.video.onvif.discovery import FoundDevice

_LONGEST_NAME = 60


class Kind(StrEnum):
    """Where pictures come from."""

    NETWORK = "network"
    WEBCAM = "webcam"
    FILE = "file"
    PLAZA = "plaza"


_WORDS = {
    Kind.NETWORK: later("CameraForm", "Network camera"),
    Kind.WEBCAM: later("CameraForm", "Webcam of this computer"),
    Kind.FILE: later("CameraForm", "Video, picture, or folder of pictures"),
    Kind.PLAZA: later("CameraForm", "Simulated scene, for trials"),
}
_EXAMPLES = {
    Kind.NETWORK: "rtsp://192.0.2.10/stream1",
    Kind.WEBCAM: "webcam:0",
    Kind.FILE: "/videos/match.mp4?loop=1",
    Kind.PLAZA: "synthetic:plaza?people=120&seed=1",
}
_GIVEN = {Kind.WEBCAM: "webcam:0", Kind.PLAZA: "synthetic:plaza?people=120&seed=1"}


class CameraForm(QWidget):
    """What is typed of a camera.

    Signals:
        edited: Something that decides what is seen was changed; what was tried is not that.
    """

    edited = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = QComboBox()
        self.address = QLineEdit()
        self.user = QLineEdit()
        self.password = QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.name = QLineEdit()
        self.name.setMaxLength(_LONGEST_NAME)
        self.place = QLineEdit()
        self.browse = QPushButton(self.tr("Browse …"))
        self._layout = QFormLayout(self)
        self._build()
        self._on_kind_chosen()

    @property
    def chosen_kind(self) -> Kind:
        """Where pictures come from."""
        return Kind(self.kind.currentData())

    def choose_kind(self, kind: Kind) -> None:
        """Choose where pictures come from."""
        self.kind.setCurrentIndex(self.kind.findData(kind))

    def show_camera(self, camera: CameraSettings) -> None:
        """Show a camera that there is; its password is kept unless another one is typed."""
        try:
            parsed = parse_address(camera.source)
        except AddressError:  # a video whose disk is away
            parsed = None
        kinds: dict[type, Kind] = {
            NetworkAddress: Kind.NETWORK, WebcamAddress: Kind.WEBCAM, PlazaAddress: Kind.PLAZA,
            FileAddress: Kind.FILE, PicturesAddress: Kind.FILE,
        }  # fmt: skip
        self.choose_kind(kinds.get(type(parsed), Kind.FILE))
        if isinstance(parsed, NetworkAddress):
            typed = take_apart(camera.source)
            self.address.setText(typed.address)
            self.user.setText(typed.user)
        else:
            self.address.setText(camera.source)
        if camera.password_env or camera.password_file or camera.password_keyring:
            self.password.setPlaceholderText(self.tr("unchanged; type to replace it"))
        self.name.setText(camera.name)
        self.place.setText(camera.place)

    def typed(self) -> tuple[str, Secret | None]:
        """Give what is typed of the source.

        Returns:
            The address as a site file holds it, and the password; None: none was typed.

        Raises:
            AddressError: If it cannot be read; never with the password.
        """
        text = self.address.text().strip()
        if self.chosen_kind is not Kind.NETWORK:
            parse_address(text)
            return text, None
        found = take_apart(text)
        user = self.user.text().strip() or found.user
        password = Secret(self.password.text()) if self.password.text() else found.password
        if password is not None and not user:
            raise AddressError(self.tr("Enter the user name for the password"))
        return TypedAddress(found.address, user).source(), password

    def camera(self, base: CameraSettings | None, taken: frozenset[str]) -> CameraSettings:
        """Give the camera as it is typed, without its password.

        Args:
            base: What it was before, for all that is not in this form; None: it is new.
            taken: Names that other cameras and areas have.

        Returns:
            Its settings.

        Raises:
            AddressError: If its address cannot be read.
            ValueError: If it cannot be called so; one sentence.
        """
        source, _ = self.typed()
        name = self.name.text().strip()
        if not name:
            raise ValueError(self.tr("Enter a name for the camera"))
        check_camera_name(name)
        if name in taken:
            raise ValueError(self.tr("The name {name} is already in use").format(name=name))
        fields: dict[str, object] = {
            "name": name, "place": self.place.text().strip(), "source": source,
        }  # fmt: skip
        if self.chosen_kind is not Kind.NETWORK or "@" not in source:
            fields |= {"password_env": None, "password_file": None, "password_keyring": False}
        return CameraSettings(**(({} if base is None else base.model_dump()) | fields))

    def propose_name(self) -> None:
        """Call the camera after its host or file, where nobody has given it a name."""
        if not self.name.text().strip():
            try:
                self.name.setText(short_name(self.typed()[0]))
            except AddressError:
                return

    def _build(self) -> None:
        for kind, words in _WORDS.items():
            self.kind.addItem(translate("CameraForm", words), kind)
        row = QHBoxLayout()
        row.addWidget(self.address, 1)
        row.addWidget(self.browse)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for words, widget in (
            (self.tr("Source"), self.kind),
            (self.tr("Address"), self.address),
            (self.tr("User"), self.user),
            (self.tr("Password"), self.password),
            (self.tr("Name"), self.name),
            (self.tr("Place"), self.place),
        ):
            widget.setAccessibleName(words)
            if isinstance(widget, QLineEdit):
                widget.setObjectName("note")
            self._layout.addRow(make_label("", words), row if widget is self.address else widget)
        self.name.setPlaceholderText(self.tr("for example: North gate"))
        self.place.setPlaceholderText(self.tr("location"))
        self.place.setToolTip(self.tr("Where the camera is mounted, for whoever has to go there"))
        self.password.setPlaceholderText(self.tr("stored in the keyring"))
        self.password.setToolTip(
            self.tr("Stored in the keyring of this computer, never in the site file")
        )
        self.kind.currentIndexChanged.connect(self._on_kind_chosen)
        self.browse.clicked.connect(self._on_browse)
        for field in (self.address, self.user, self.password):
            field.textEdited.connect(self.edited)
        self.address.editingFinished.connect(self._on_address_typed)

    def _on_kind_chosen(self) -> None:
        kind = self.chosen_kind
        self.address.setPlaceholderText(_EXAMPLES[kind])
        self.address.setText(_GIVEN.get(kind, ""))
        for row, is_wanted in (
            (self.user, kind is Kind.NETWORK),
            (self.password, kind is Kind.NETWORK),
        ):
            self._layout.setRowVisible(row, is_wanted)
        self.browse.setVisible(kind is Kind.FILE)
        self.edited.emit()

    def _on_address_typed(self) -> None:
        """Take a password that was pasted with the address off the screen."""
        if self.chosen_kind is not Kind.NETWORK:
            return
        try:
            found = take_apart(self.address.text())
        except AddressError:
            return
        self.address.setText(found.address)
        if found.user:
            self.user.setText(found.user)
        if found.password is not None:
            self.password.setText(found.password.reveal())

    def _on_browse(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, self.tr("Video or picture"))
        if chosen:
            self.address.setText(chosen)
            self.edited.emit()


class Finder(QWidget):
    """A button, and what came of it.

    Signals:
        search_wanted: The network is to be asked.
        streams_wanted: A camera is to be asked for its streams; carries a `FoundDevice`.
        stream_chosen: Carries an `OfferedStream`.
    """

    search_wanted = pyqtSignal()
    streams_wanted = pyqtSignal(object)
    stream_chosen = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = QPushButton(self.tr("Find cameras on this network"))
        self.ask = QPushButton(self.tr("List streams"))
        self.devices = QComboBox()
        self.streams = QComboBox()
        self.words = make_label("muted")
        self.words.setWordWrap(True)
        self._build()

    @property
    def device(self) -> FoundDevice | None:
        """The camera that is chosen; None: none is."""
        found = self.devices.currentData()
        return found if isinstance(found, FoundDevice) else None

    def show_searching(self) -> None:
        """Say that the network is being asked."""
        self.search.setEnabled(False)
        self._say(self.tr("Searching the network …"))

    def show_devices(self, devices: Sequence[FoundDevice]) -> None:
        """Show who answered."""
        self.search.setEnabled(True)
        self.devices.clear()
        self.streams.clear()
        for one in devices:
            self.devices.addItem(one.title, one)
        self._show_boxes()
        self._say(
            self.tr("Enter the user and password of the camera above, then list its streams.")
            if devices
            else self.tr("No camera answered. Many cameras answer only if ONVIF is enabled.")
        )

    def show_asking(self) -> None:
        """Say that the camera is being asked."""
        self._say(self.tr("Asking the camera …"))

    def show_streams(self, streams: Sequence[OfferedStream]) -> None:
        """Show what a camera offers; its main stream is taken."""
        self.streams.blockSignals(True)
        self.streams.clear()
        for one in streams:
            self.streams.addItem(one.title, one)
        self.streams.blockSignals(False)
        self._show_boxes()
        self._say(
            self.tr(
                "The main stream has the highest resolution; "
                "a smaller one needs less computing power."
            )
        )
        self._on_stream_chosen()

    def show_fault(self, words: str) -> None:
        """Say what hindered."""
        self.search.setEnabled(True)
        self._say(words, "warning")

    def _build(self) -> None:
        self.devices.setAccessibleName(self.tr("Cameras that answered"))
        self.streams.setAccessibleName(self.tr("Streams of the camera"))
        policy = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        for box in (self.devices, self.streams):
            box.setSizeAdjustPolicy(policy)
            box.setMinimumContentsLength(20)
        for button in (self.search, self.ask):
            button.setAutoDefault(False)
        row = QHBoxLayout()
        row.addWidget(self.devices, 1)
        row.addWidget(self.ask)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.search)
        layout.addLayout(row)
        layout.addWidget(self.streams)
        layout.addWidget(self.words)
        self._show_boxes()
        self.search.clicked.connect(self.search_wanted)
        self.ask.clicked.connect(self._on_ask)
        self.streams.currentIndexChanged.connect(self._on_stream_chosen)

    def _show_boxes(self) -> None:
        self.devices.setVisible(self.devices.count() > 0)
        self.ask.setVisible(self.devices.count() > 0)
        self.streams.setVisible(self.streams.count() > 1)

    def _on_ask(self) -> None:
        if self.device is not None:
            self.streams_wanted.emit(self.device)

    def _on_stream_chosen(self) -> None:
        if isinstance(stream := self.streams.currentData(), OfferedStream):
            self.stream_chosen.emit(stream)

    def _say(self, words: str, kind: str = "muted") -> None:
        set_kind(self.words, kind)
        set_text(self.words, words)
