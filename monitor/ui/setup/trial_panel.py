"""What came of trying a camera: its picture and a few facts, or the fault in plain words."""

from PyQt6.QtCore import QRect, QSize, Qt
from PyQt6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from monitor.engine.camera_trial import CameraTrial
from monitor.ui.language import translate
from monitor.ui.text import rate_text
from monitor.ui.widgets import make_label, set_kind, set_text

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
        self.picture.show_image(None, self.tr("Not tried yet"))
        self._say("muted", self.tr("“Test connection” shows what the camera sees."))

    def show_trying(self) -> None:
        """Say that it is being tried."""
        self.picture.show_image(None, self.tr("Connecting …"))
        self._say("muted", self.tr("A camera may take some seconds to answer."))

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
    return _tr("It works: {facts}").format(facts=told)


def _tr(text: str) -> str:
    return translate("TrialPanel", text)
