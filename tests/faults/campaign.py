"""Tries faults side by side, and measures what they leave behind."""

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest

from monitor.engine import reader as backoff
from tests.faults.machine import Trial
from tests.faults.scene import Outcome
from tests.faults.streams import PASSWORD, RATE_HZ, SECRET, USER, Fault, Place, units_of
from tests.rigs.rtsp import serving_units

AT_ONCE = 7
"""Faults that are tried side by side: most of their time is waiting."""
_REFUSED_WAIT_S = 2.0  # in place of a minute, which nobody wants to wait for in a test


def try_streams(faults: Sequence[Fault], folder: Path, *, at_once: int = AT_ONCE) -> list[Outcome]:
    """Try faults of streams side by side.

    Args:
        faults: What to try.
        folder: Where their files are put.
        at_once: How many at a time.

    Returns:
        What came of each, in order.
    """
    shared = folder / "shared"
    shared.mkdir()
    with (
        _all_that_is_logged() as lines,
        patch.object(backoff, "REFUSED_WAIT_S", _REFUSED_WAIT_S),
        serving_units(shared, units_of(), rate_hz=RATE_HZ, user=USER, password=PASSWORD) as server,
        ThreadPoolExecutor(at_once) as pool,
    ):
        jobs = [
            pool.submit(_try_one, fault, Place(folder / fault.__name__, server)) for fault in faults
        ]
        outcomes = [job.result() for job in jobs]
    outcomes[0].words += lines
    return outcomes


def try_machine(trials: Sequence[Trial], folder: Path) -> list[Outcome]:
    """Try faults of the machine, one after the other."""
    outcomes = []
    with _all_that_is_logged() as lines:
        for trial in trials:
            place = folder / trial.__name__
            place.mkdir()
            outcome = Outcome(trial.__name__)
            try:
                trial(place, outcome)
            except pytest.skip.Exception as reason:
                outcome.skipped = str(reason)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
                outcome.error = f"{type(error).__name__}: {error}"
            outcomes.append(outcome)
    outcomes[0].words += lines
    return outcomes


def secrets_in(outcomes: Sequence[Outcome]) -> list[str]:
    """Give everything that people were told and that holds a secret."""
    return [word for one in outcomes for word in [*one.words, one.error] if SECRET in word]


def _try_one(fault: Fault, place: Place) -> Outcome:
    place.folder.mkdir()
    outcome = Outcome(fault.__name__)
    try:
        fault(place, outcome)
    except pytest.skip.Exception as reason:
        outcome.skipped = str(reason)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
        outcome.error = f"{type(error).__name__}: {error}"
    return outcome


@contextmanager
def _all_that_is_logged() -> Iterator[list[str]]:
    lines: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    keeper, root = Keeper(logging.DEBUG), logging.getLogger()
    level = root.level
    root.addHandler(keeper)
    root.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        root.setLevel(level)
        root.removeHandler(keeper)
