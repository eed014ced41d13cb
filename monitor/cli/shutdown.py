"""How a command ends: its exit code, one clear sentence on a fault, and no thread in the way."""

import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import NoReturn

import typer

from monitor.cli.exit_codes import DONE, INTERRUPTED, WRONG_USE
from monitor.core.errors import MonitorError

_STANDARD_ERROR = 2


def finish(work: Callable[[], int]) -> NoReturn:
    """Do the work and end with its exit code; what a person can mend is one clear sentence."""
    try:
        code = work()
    except MonitorError as error:
        typer.echo(f"crowd-monitor: {error}", err=True)
        code = WRONG_USE
    except KeyboardInterrupt:
        code = INTERRUPTED
    raise typer.Exit(code)


def leave(code: int) -> NoReturn:
    """End the process at once: what was open is closed, and Python need not be taken down.

    A thread that is inside a library, or writes a line, while Python takes itself down aborts the
    process, which whoever started it would take for a crash. That holds for threads of libraries
    and for those that answer questions as much as for the engine's own. And taking everything down
    that a model, a video library and a window have brought along takes seconds on a busy machine,
    for nothing.
    """
    for one in threading.enumerate():
        if not one.daemon and one is not threading.current_thread():
            one.join()  # as Python itself does
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # whoever read it has gone
            stream.flush()
    os._exit(code)


@contextmanager
def ending_at_once_on_signals() -> Iterator[None]:
    """Let SIGTERM and SIGINT end the program cleanly while it gathers or has put away its parts.

    Nothing is open then, so there is nothing to close. SIGHUP, which would kill, is ignored: the
    site file is about to be read anyway.

    Yields:
        Once; within, others may take the signals over and give them back.
    """
    wanted: dict[int, Callable[[int, object], None] | signal.Handlers] = {
        signal.SIGTERM: _end_at_once,
        signal.SIGINT: _end_at_once,
    }
    hang_up = getattr(signal, "SIGHUP", None)  # Windows has none
    if hang_up is not None:
        wanted[hang_up] = signal.SIG_IGN
    before = {number: signal.signal(number, handler) for number, handler in wanted.items()}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)


def _end_at_once(_number: int, _frame: object) -> None:
    os._exit(DONE)


@contextmanager
def ending_within(limit_s: float, stop: Event) -> Iterator[None]:
    """Keep the promise of a quick end, whatever hangs: a disk, a driver, a model that loads.

    Args:
        limit_s: Seconds from when `stop` is set until the process is ended by force.
        stop: Asks for the end; set when the context is left.

    Yields:
        Once, for all that the program does.
    """
    is_over = Event()

    def guard() -> None:
        stop.wait()
        if not is_over.wait(limit_s):
            # Not through the log, whose lock may be what hangs.
            late = ", ".join(sorted(one.name for one in threading.enumerate()))
            text = f"Still busy {limit_s:g} s after it was to end, ended by force; threads: {late}"
            os.write(_STANDARD_ERROR, f"{text}\n".encode())
            os._exit(DONE)

    thread = Thread(target=guard, name="crowd-ending", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        stop.set()
        thread.join()
