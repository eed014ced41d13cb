"""One camera that is watched without a break while somebody breaks it.

Everything that was ever shown is judged: a count that is called good must be of a whole picture
and of now; a count that was there once never turns into nothing.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from monitor.core.clock import Clock, SystemClock
from monitor.core.reading import Quality, Reading
from monitor.engine.counting import Counter
from monitor.engine.engine import Engine
from monitor.engine.health import StreamState
from monitor.engine.snapshot import CameraSnapshot
from monitor.engine.sources import open_camera
from monitor.settings import CameraSettings
from monitor.video.frame import FrameSource
from tests.faults.truth import PEOPLE
from tests.rigs.waiting import wait_until

SourceOpener = Callable[[CameraSettings, Clock], FrameSource]

COUNT_HZ = 10.0
STALE_AFTER_S = 1.0
LOST_AFTER_S = 2.0
PATIENCE_S = 45.0
"""How long something may take before it counts as never happening; a laden machine is slow."""

_LOOK_EVERY_S = 0.02
_LATE_S = 3.0  # a laden machine counts late, and the camera allows for that


def camera_of(source: str, **more: object) -> CameraSettings:
    """Set up a camera that is judged quickly, so that a fault takes seconds."""
    values = {
        "name": "Gate",
        "source": source,
        "count_hz": COUNT_HZ,
        "stale_after_s": STALE_AFTER_S,
        "lost_after_s": LOST_AFTER_S,
    }
    return CameraSettings.model_validate(values | more)


@dataclass(slots=True)
class Outcome:
    """What came of one fault."""

    fault: str
    recovery_s: list[float] = field(default_factory=list)
    """Seconds from the end of the fault to a good count, once for each time it was measured."""
    lies: list[str] = field(default_factory=list)
    """What was shown that was not so."""
    error: str = ""
    """Why it was not survived; empty: it was."""
    skipped: str = ""
    """Why it could not be tried here; empty: it was tried."""
    harmed: int = 0
    """Harmed pictures that were counted, none of which was called good."""
    words: list[str] = field(default_factory=list, repr=False)
    """All that people were told meanwhile, to be searched for secrets."""

    @property
    def is_survived(self) -> bool:
        """Whether nothing broke and nothing untrue was shown."""
        return not self.error and not self.lies


class Scene:
    """An engine with one camera, watched by a thread of its own."""

    def __init__(self, engine: Engine, outcome: Outcome) -> None:
        self.engine = engine
        self.outcome = outcome
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="rig-watch")
        self._counted: set[str] = set()
        self._words: set[str] = set()
        engine.subscribe("watch", on_reading=self._judge_reading)

    def start(self) -> None:
        """Start the camera and its watcher."""
        self.engine.start()
        self._thread.start()

    def close(self) -> None:
        """Stop both; the engine must end in time."""
        has_ended = self.engine.stop(PATIENCE_S)
        self._over.set()
        self._thread.join()
        self.outcome.words += sorted(self._words)
        assert has_ended, "the engine did not end"

    @property
    def now(self) -> CameraSnapshot:
        """The camera as it is shown."""
        return self.engine.snapshots()[0]

    def until(self, condition: Callable[[CameraSnapshot], bool], what: str) -> CameraSnapshot:
        """Wait until the camera is shown as something; gives it."""
        found: list[CameraSnapshot] = []

        def look() -> bool:
            shown = self.now
            if condition(shown):
                found.append(shown)
            return bool(found)

        wait_until(look, f"{self.outcome.fault}: {what}", within_s=PATIENCE_S)
        return found[0]

    def until_good(self) -> CameraSnapshot:
        """Wait for a good count."""
        return self.until(lambda one: one.quality is Quality.GOOD, "a good count")

    def until_not_good(self) -> CameraSnapshot:
        """Wait until people are told that something is wrong."""
        return self.until(lambda one: one.quality is not Quality.GOOD, "no good count")

    def until_state(self, *states: StreamState) -> CameraSnapshot:
        """Wait until the stream is in one of some states."""
        return self.until(lambda one: one.health.state in states, f"the stream is {states}")

    def recovers(self, mend: Callable[[], object]) -> CameraSnapshot:
        """Mend what was broken, and measure how long it takes to a good count."""
        self.until_not_good()
        mend()
        mended_s = time.monotonic()
        shown = self.until_good()
        self.outcome.recovery_s.append(time.monotonic() - mended_s)
        return shown

    def _watch(self) -> None:
        while not self._over.wait(_LOOK_EVERY_S):
            for shown in self.engine.snapshots():
                self._judge(shown)

    def _judge(self, shown: CameraSnapshot) -> None:
        self._words.add(f"{shown.source_label} {shown.health.message}")
        if shown.reading is None:
            if shown.name in self._counted:
                self.outcome.lies.append("a count that was there is gone")
            return
        self._counted.add(shown.name)
        if shown.quality is not Quality.GOOD:
            return
        if shown.reading.count != PEOPLE:
            self.outcome.lies.append(f"{shown.reading.count:g} people are called good")
        assert shown.reading_age_s is not None
        if shown.reading_age_s > STALE_AFTER_S + _LATE_S:
            self.outcome.lies.append(f"a count of {shown.reading_age_s:.1f} s ago is called good")

    def _judge_reading(self, reading: Reading) -> None:
        if reading.quality is Quality.GOOD and reading.count != PEOPLE:
            self.outcome.lies.append(f"a reading of {reading.count:g} people is called good")


@contextmanager
def watching(
    outcome: Outcome,
    cameras: Sequence[CameraSettings],
    counter: Counter,
    *,
    clock: Clock | None = None,
    open_source: SourceOpener = open_camera,
) -> Iterator[Scene]:
    """Run cameras under watch; the first is the one that `Scene` waits for."""
    engine = Engine(cameras, counter, clock=clock or SystemClock(), open_source=open_source)
    scene = Scene(engine, outcome)
    scene.start()
    try:
        yield scene
    finally:
        scene.close()
