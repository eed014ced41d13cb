"""The sound of an alarm: rings, is quiet at once, and is honest about itself."""

import io
import subprocess
import sys
import wave

import numpy as np
import pytest
from PyQt6.QtWidgets import QApplication

from monitor.ui import bell as bell_module
from monitor.ui.bell import Beeper, Bell, alarm_wave, find_sounder
from tests.rigs.load import scaled_s


class Recorder:
    """A sounder that only remembers."""

    is_audible = True
    description = "Sound on"

    def __init__(self):
        self.is_sounding = False

    def start(self):
        """Begin."""
        self.is_sounding = True

    def stop(self):
        """End."""
        self.is_sounding = False


def test_rings_until_told_to_stop(qapp):
    """It sounds as long as the alarm rings."""
    sounder = Recorder()
    bell = Bell(sounder)

    bell.set_ringing(True)
    during = sounder.is_sounding
    bell.set_ringing(False)

    assert (during, sounder.is_sounding, bell.is_ringing) == (True, False, False)


def test_a_trial_sounds_for_a_moment(qtbot, monkeypatch):
    """People can hear what an alarm will be like; then it is quiet."""
    monkeypatch.setattr(bell_module, "_TEST_MS", 20)
    sounder = Recorder()
    bell = Bell(sounder)

    bell.try_out()
    during = sounder.is_sounding
    qtbot.waitUntil(lambda: not sounder.is_sounding)

    assert during


def test_a_trial_does_not_silence_an_alarm(qtbot, monkeypatch):
    """When the trial ends, what rings goes on."""
    monkeypatch.setattr(bell_module, "_TEST_MS", 1)
    sounder = Recorder()
    bell = Bell(sounder)
    bell.set_ringing(True)

    bell.try_out()
    qtbot.waitUntil(lambda: not bell._trial.isActive())

    assert sounder.is_sounding


def test_closing_is_quiet(qapp):
    """A closed window does not go on ringing."""
    sounder = Recorder()
    bell = Bell(sounder)
    bell.set_ringing(True)
    bell.try_out()

    bell.close()

    assert not sounder.is_sounding


def test_beeps_again_and_again_until_stopped(qtbot, monkeypatch):
    """Without a loudspeaker the machine's own beep repeats."""
    beeps = []
    monkeypatch.setattr(QApplication, "beep", lambda: beeps.append(1))
    monkeypatch.setattr(bell_module, "_BEEP_EVERY_MS", 5)
    beeper = Beeper("none was found")

    beeper.start()
    beeper.start()
    at_once = len(beeps)
    qtbot.waitUntil(lambda: len(beeps) >= 3)
    beeper.stop()
    at_stop = len(beeps)
    qtbot.wait(30)

    assert (at_once, len(beeps)) == (1, at_stop)


def test_a_missing_sound_module_is_told(qapp, monkeypatch):
    """A Qt without multimedia still rings, visibly, and says so."""
    monkeypatch.setitem(sys.modules, "PyQt6.QtMultimedia", None)

    sounder = find_sounder()

    assert isinstance(sounder, Beeper)
    assert not sounder.is_audible
    assert sounder.description == "No sound (Qt's sound module is missing): watch the red strip"


def test_looking_for_sound_never_fails_on_this_machine():
    """With or without a loudspeaker there is a sounder and a true word about it."""
    code = (
        "from PyQt6.QtWidgets import QApplication; from monitor.ui.bell import find_sounder;"
        "app = QApplication([]); one = find_sounder(); one.start(); one.stop();"
        "print(one.is_audible, one.description)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=scaled_s(60),
        check=False,
    )

    assert done.returncode == 0, done.stderr
    audible, description = done.stdout.strip().split(" ", 1)
    assert description.startswith("Sound on" if audible == "True" else "No sound (")


def test_the_sound_is_two_tones_and_a_pause():
    """The spectrum of each half of the noise peaks at its tone; it neither clips nor clicks."""
    with wave.open(io.BytesIO(alarm_wave())) as reader:
        rate_hz = reader.getframerate()
        samples = np.frombuffer(reader.readframes(reader.getnframes()), dtype="<i2").astype(float)
    length = round(0.25 * rate_hz)

    def loudest_hz(part):
        return float(np.argmax(np.abs(np.fft.rfft(part))) * rate_hz / len(part))

    assert loudest_hz(samples[:length]) == pytest.approx(880, abs=4)
    assert loudest_hz(samples[length : 2 * length]) == pytest.approx(660, abs=4)
    assert not samples[2 * length :].any()
    assert len(samples) == 2 * length + rate_hz
    assert 8_000 < np.abs(samples).max() < 32_767
    assert np.abs(np.diff(samples)).max() < 6_000
