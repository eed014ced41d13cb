"""How a command ends: its exit code, one clear sentence on a fault, and no thread in the way."""

import logging
import os
import sys
import threading
from collections.abc import Callable
from typing import NoReturn

import typer

from monitor.commands.exits import INTERRUPTED, WRONG_USE
from monitor.errors import MonitorError

_OWN_THREADS = "crowd-"
"""As in `monitor.engine.thread`, which is not imported here: `--help` needs no engine."""


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


def leave_late_threads(code: int) -> None:
    """End the process at once where a camera or a receiver has not let go of its thread in time.

    A thread that is inside a library while Python takes that library down can abort the process,
    which whoever started it would take for a crash.
    """
    late = [one for one in threading.enumerate() if one.name.startswith(_OWN_THREADS)]
    if not late:
        return
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)
