"""What every test is held to."""

import logging
import threading
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.rigs.load import scaled_s
from tests.rigs.waiting import PatientBot

# How long an example takes depends on who else uses the machine; what it finds does not.
# Half of what hypothesis tries by default: laws that need more say so beside their test.
settings.register_profile(
    "suite", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")

OWN_THREAD_PREFIX = "crowd-"
"""As in `monitor.engine.engine`, which is not imported here: most tests need no video."""
_GRACE_S = 3.0


@pytest.fixture(autouse=True)
def no_thread_is_left_running() -> Iterator[None]:
    """Fail a test that leaves a thread of ours, or one that would keep the program alive."""
    before = set(threading.enumerate())

    yield

    for thread in set(threading.enumerate()) - before:
        if thread.daemon and not thread.name.startswith(OWN_THREAD_PREFIX):
            continue
        thread.join(scaled_s(_GRACE_S))
        if thread.is_alive():
            pytest.fail(f"the test left the thread {thread.name!r} running", pytrace=False)


@pytest.fixture(autouse=True)
def no_log_is_left_open() -> Iterator[None]:
    """Take away where a test let the program log: its stream is closed when the next one runs."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level

    yield

    for handler in list(root.handlers):
        if handler not in before and not type(handler).__module__.startswith("_pytest."):
            root.removeHandler(handler)
            handler.close()
    root.setLevel(level)


@pytest.fixture
def qtbot(qapp: object, request: pytest.FixtureRequest) -> PatientBot:
    """Replace pytest-qt's bot by one whose time limits allow for a slow machine."""
    return PatientBot(request)
