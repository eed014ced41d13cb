"""The sound of an alarm, or an honest word that there is none.

Qt's multimedia module needs a sound system that many a machine in a rack lacks, and it may itself
be missing. It is therefore imported late; without it the machine's own beep is used, and the
window says so.
"""

import io
import logging
import math
import struct
import wave
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol, cast

from PyQt6.QtCore import QLoggingCategory, QObject, QTimer, QUrl
from PyQt6.QtWidgets import QApplication

from monitor.ui.language import translate

logger = logging.getLogger(__name__)

_RATE_HZ = 22_050
_LOUDNESS = 0.5
_TONES_HZ = (880.0, 660.0)  # two tones carry through a noisy room, and no telephone rings so
_TONE_S = 0.25
_PAUSE_S = 1.0
_FADE_S = 0.01  # without it each tone begins and ends with a click
_BEEP_EVERY_MS = 1500
_TEST_MS = 1500


class Sounder(Protocol):
    """Something that makes a noise until it is told to stop."""

    @property
    def is_audible(self) -> bool:
        """Whether it can be relied on to be heard."""
        ...

    @property
    def description(self) -> str:
        """What a person should know of it."""
        ...

    def start(self) -> None:
        """Begin; again while it sounds does nothing."""
        ...

    def stop(self) -> None:
        """End; at once."""
        ...


def alarm_wave() -> bytes:
    """Give the sound as a WAV file: two tones and a pause, to be repeated."""
    samples: list[int] = []
    for tone_hz in _TONES_HZ:
        length = round(_TONE_S * _RATE_HZ)
        for index in range(length):
            edge_s = min(index, length - index) / _RATE_HZ
            swell = min(1.0, edge_s / _FADE_S) * _LOUDNESS
            samples.append(round(32767 * swell * math.sin(math.tau * tone_hz * index / _RATE_HZ)))
    samples.extend([0] * round(_PAUSE_S * _RATE_HZ))
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(_RATE_HZ)
        writer.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return file.getvalue()


class Beeper(QObject):
    """The machine's own beep, again and again."""

    def __init__(self, reason: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reason = reason
        self._timer = QTimer(self)
        self._timer.setInterval(_BEEP_EVERY_MS)
        self._timer.timeout.connect(QApplication.beep)

    @property
    def is_audible(self) -> bool:
        """Never: many machines have nothing to beep with."""
        return False

    @property
    def description(self) -> str:
        """Why there is no better sound."""
        return translate("Bell", "No sound ({reason}): watch the red strip").format(
            reason=self._reason
        )

    def start(self) -> None:
        """Beep now and then every second and a half."""
        if not self._timer.isActive():
            QApplication.beep()
            self._timer.start()

    def stop(self) -> None:
        """End."""
        self._timer.stop()


class Speaker(QObject):
    """The alarm's own sound on the machine's loudspeaker."""

    def __init__(self, parent: QObject | None = None) -> None:
        """Open the loudspeaker.

        Args:
            parent: Owner.

        Raises:
            ImportError: If Qt's multimedia module or what it needs is missing.
            OSError: If there is no loudspeaker, or the sound cannot be kept in a file.
        """
        super().__init__(parent)
        # Qt warns of each sound system that it tries and does not find; we say what matters.
        QLoggingCategory.setFilterRules(
            "qt.multimedia.symbolsresolver=false\nqt.multimedia.ffmpeg.info=false"
        )
        from PyQt6.QtMultimedia import QMediaDevices, QSoundEffect

        self._devices = QMediaDevices(self)
        if self._devices.defaultAudioOutput().isNull():
            raise OSError("no loudspeaker was found")
        self._folder = TemporaryDirectory(prefix="crowd-monitor-")
        path = Path(self._folder.name) / "alarm.wav"
        path.write_bytes(alarm_wave())
        self._effect = QSoundEffect(self)
        self._effect.setSource(QUrl.fromLocalFile(str(path)))
        self._effect.setLoopCount(cast("int", QSoundEffect.Loop.Infinite.value))

    @property
    def is_audible(self) -> bool:
        """Whether the loudspeaker is still there."""
        return not self._devices.defaultAudioOutput().isNull()

    @property
    def description(self) -> str:
        """That all is well, or that somebody has pulled out the loudspeaker."""
        if self.is_audible:
            return translate("Bell", "Sound on")
        return translate("Bell", "No sound (loudspeaker disconnected): watch the red strip")

    def start(self) -> None:
        """Sound until `stop`."""
        if not self._effect.isPlaying():
            self._effect.play()

    def stop(self) -> None:
        """End."""
        self._effect.stop()


def find_sounder() -> Sounder:
    """Give the best sound that this machine can make."""
    try:
        return Speaker()
    except ImportError as error:
        logger.info("No sound: %s", error)
        return Beeper(translate("Bell", "Qt's sound module is missing"))
    except OSError as error:
        logger.info("No sound: %s", error)
        return Beeper(str(error))


class Bell(QObject):
    """Rings while an alarm needs somebody, and for a moment when it is tried out."""

    def __init__(self, sounder: Sounder, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._sounder = sounder
        self._is_ringing = False
        self._trial = QTimer(self)
        self._trial.setSingleShot(True)
        self._trial.setInterval(_TEST_MS)
        self._trial.timeout.connect(self._settle)

    @property
    def is_ringing(self) -> bool:
        """Whether an alarm rings."""
        return self._is_ringing

    @property
    def is_audible(self) -> bool:
        """Whether an alarm can be heard."""
        return self._sounder.is_audible

    @property
    def description(self) -> str:
        """Whether there is sound, in words."""
        return self._sounder.description

    def set_ringing(self, is_ringing: bool) -> None:
        """Ring, or be quiet."""
        if is_ringing != self._is_ringing:
            self._is_ringing = is_ringing
            self._settle()

    def try_out(self) -> None:
        """Sound for a moment, so that people know it and know that it works."""
        self._trial.start()
        self._settle()

    def close(self) -> None:
        """Be quiet for good."""
        self._trial.stop()
        self._is_ringing = False
        self._settle()

    def _settle(self) -> None:
        if self._is_ringing or self._trial.isActive():
            self._sounder.start()
        else:
            self._sounder.stop()
