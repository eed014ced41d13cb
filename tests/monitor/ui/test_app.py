"""Opening the window and leaving it."""

import getpass
import os
import signal

import pytest
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication

from monitor.engine.engine import Engine
from monitor.settings import CameraSettings
from monitor.ui import app
from monitor.ui.app import operator_name, run_window
from monitor.ui.bell import Beeper
from monitor.ui.main_window import MonitorWindow
from tests.rigs.counters import FixedCounter


@pytest.fixture
def engine(qapp, monkeypatch):
    """An engine that runs on the drawn square."""
    monkeypatch.setattr(app, "find_sounder", lambda: Beeper("not in tests"))
    camera = CameraSettings(name="Plaza", source="synthetic:plaza?people=20&seed=3")
    engine = Engine([camera], FixedCounter(20.0))
    engine.start()
    yield engine
    assert engine.stop()


def windows():
    return [one for one in QApplication.topLevelWidgets() if isinstance(one, MonitorWindow)]


def close_all():
    for window in windows():
        window.close()


def interrupt():
    os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize("leave", [close_all, interrupt], ids=["closed", "interrupted"])
def test_it_stays_until_it_is_left_and_the_engine_goes_on(engine, leave):
    """By its cross or by Ctrl-C: exit code 0, and the engine is the caller's to stop."""
    seen = []

    def look():
        seen.extend(window.windowTitle() for window in windows() if window.isVisible())
        leave()

    QTimer.singleShot(300, look)
    before = signal.getsignal(signal.SIGINT)

    code = run_window(engine, title="Test site", model_note="For tests.")

    assert (code, seen) == (0, ["Test site"])
    assert engine.status().is_running
    assert signal.getsignal(signal.SIGINT) is before


def test_the_operator_is_whoever_is_logged_in(monkeypatch):
    """The journal names a person."""
    monkeypatch.setattr(getpass, "getuser", lambda: "ada")

    assert operator_name() == "ada"


@pytest.mark.parametrize("error", [OSError("no login"), KeyError("uid 4711"), ImportError("pwd")])
def test_a_nameless_login_is_the_operator(monkeypatch, error):
    """As in a container, where nobody is logged in."""

    def fail():
        raise error

    monkeypatch.setattr(getpass, "getuser", fail)

    assert operator_name() == "operator"
