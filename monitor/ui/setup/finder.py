"""Cameras that answer on the network, and the streams of the one that is chosen."""

from collections.abc import Sequence

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from monitor.ui.widgets import make_label, set_kind, set_text
from monitor.video.onvif.device import OfferedStream
from monitor.video.onvif.discovery import FoundDevice


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
        self.ask = QPushButton(self.tr("Ask it"))
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
        self._say(self.tr("Asking the network …"))

    def show_devices(self, devices: Sequence[FoundDevice]) -> None:
        """Show who answered."""
        self.search.setEnabled(True)
        self.devices.clear()
        self.streams.clear()
        for one in devices:
            self.devices.addItem(one.title, one)
        self._show_boxes()
        self._say(
            self.tr("Type user and password of the camera above, then ask it.")
            if devices
            else self.tr("No camera answered. Many answer only when ONVIF is switched on.")
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
        self._say(self.tr("The main stream is the finest; a smaller one costs less to decode."))
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
