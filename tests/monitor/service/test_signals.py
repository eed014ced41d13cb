"""Signals end the service, and systemd is told."""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from monitor.service.signals import Systemd, obeying_signals
from tests.rigs.load import scaled_s


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM for a running process")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_stop_it(number: signal.Signals) -> None:
    """A signal sets the event, and afterwards signals do what they did before."""
    stop = Event()
    before = signal.getsignal(number)

    with obeying_signals(stop):
        os.kill(os.getpid(), number)

        assert stop.wait(scaled_s(10))
    assert signal.getsignal(number) is before


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows has no SIGHUP")
def test_hanging_up_asks_for_a_reload_and_stops_nothing() -> None:
    """As every service of a Unix has it."""
    stop, reload = Event(), Event()
    before = signal.getsignal(signal.SIGHUP)

    with obeying_signals(stop, reload):
        os.kill(os.getpid(), signal.SIGHUP)

        assert reload.wait(scaled_s(10))
        assert not stop.is_set()
    assert signal.getsignal(signal.SIGHUP) is before


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM for a running process")
def test_a_signal_is_heard_while_a_lock_of_its_event_is_held() -> None:
    """It may come at any step of the main thread, also inside the lock that setting takes."""
    stop = Event()

    with obeying_signals(stop):
        with stop._cond:  # the very place in which a handler that sets the event would wait
            os.kill(os.getpid(), signal.SIGTERM)

        assert stop.wait(scaled_s(10))


pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such sockets")


@pytest.fixture
def ear(tmp_path: Path) -> Iterator[socket.socket]:
    """A socket as systemd has it."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(10)
        yield listening


def heard(ear: socket.socket) -> str:
    return ear.recv(4096).decode()


def test_it_is_told_that_all_is_ready(ear: socket.socket) -> None:
    """In one line each, whatever the sentence is."""
    systemd = Systemd({"NOTIFY_SOCKET": ear.getsockname()})
    systemd.ready("watching\n3 cameras")
    systemd.stopping()

    assert heard(ear) == "READY=1\nSTATUS=watching 3 cameras"
    assert heard(ear) == "STOPPING=1"


def test_signs_of_life_come_twice_as_often_as_they_are_waited_for(ear: socket.socket) -> None:
    """A watchdog of 10 s is told every 5 s, however often it is looked."""
    environ = {"NOTIFY_SOCKET": ear.getsockname(), "WATCHDOG_USEC": "10000000"}
    systemd = Systemd(environ)
    for now_s in (100.0, 102.0, 104.9, 105.0, 105.1, 110.0):
        systemd.alive(now_s)
    systemd.stopping()

    told = [heard(ear) for _ in range(4)]
    assert told == ["WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1", "STOPPING=1"]


@pytest.mark.parametrize(
    ("environ", "every_s"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "x"}, None),
        ({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "7"}, 1.5),
        ({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "8"}, None),
    ],
)
def test_the_watchdog_must_be_meant_for_us(environ: dict[str, str], every_s: float | None) -> None:
    """What a parent process left in the environment is not."""
    assert Systemd(environ, process_id=7).watchdog_every_s == every_s


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has sockets without a path")
def test_abstract_names_are_understood() -> None:
    """Containers use them; the name begins with an @."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind("\0crowd-monitor-test")
        listening.settimeout(10)
        Systemd({"NOTIFY_SOCKET": "@crowd-monitor-test"}).stopping()

        assert heard(listening) == "STOPPING=1"


def test_nobody_listening_is_no_fault(tmp_path: Path) -> None:
    """Without systemd, or with a socket that has gone, nothing happens."""
    Systemd({}).ready("x")
    Systemd({"NOTIFY_SOCKET": str(tmp_path / "gone")}).ready("x")
