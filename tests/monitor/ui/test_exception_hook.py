"""What nobody caught in the window: logged once without secrets, shown, and survived."""

import subprocess
import sys

import pytest

from monitor.ui.exception_hook import ExceptionHook

ADDRESS = "rtsp://guard:hunter22@10.0.0.7/live"


@pytest.fixture
def hook(qapp):
    """A hook that is given back after the test, and what it told."""
    told = []
    one = ExceptionHook(told.append)
    before = sys.excepthook
    one.install()
    yield told
    one.remove()
    assert sys.excepthook is before


def fail(times):
    for _ in range(times):
        try:
            raise RuntimeError(f"cannot open {ADDRESS}")
        except RuntimeError:
            sys.excepthook(*sys.exc_info())


def test_a_fault_is_logged_once_and_told_each_time(hook, caplog):
    """Thirty times a second the same traceback would fill a disk."""
    fail(3)

    logged = [one for one in caplog.records if "failed" in one.getMessage()]
    assert len(logged) == 1
    assert "in fail" in logged[0].getMessage()
    assert len(hook) == 3
    assert "RuntimeError" in hook[0]


def test_no_secret_is_logged_or_shown(hook, caplog):
    """The text of a foreign error may hold an address with its password."""
    fail(1)

    assert "hunter22" not in caplog.text
    assert "hunter22" not in hook[0]


def test_an_interruption_is_none_of_its_faults(hook, capsys):
    """Ctrl-C ends the program as ever."""
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)

    assert hook == []
    assert "KeyboardInterrupt" in capsys.readouterr().err


PROGRAM = """
import sys
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QApplication
from monitor.ui.exception_hook import ExceptionHook

application = QApplication(["test"])
ExceptionHook(print).install()

def fail():
    raise RuntimeError("broken")

QTimer.singleShot(0, fail)
QTimer.singleShot(50, application.quit)
sys.exit(application.exec())
"""


def test_a_slot_that_fails_does_not_end_the_program():
    """Plain PyQt6 aborts with 134, and the alarms would be gone."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120, check=False
    )

    assert done.returncode == 0
    assert "A part of the window failed" in done.stdout
    assert "broken" in done.stderr
