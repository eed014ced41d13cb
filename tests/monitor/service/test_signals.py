"""How a service is told to end or to read its settings again."""

import os
import signal
from threading import Event

import pytest

from monitor.service.signals import obeying_signals
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
