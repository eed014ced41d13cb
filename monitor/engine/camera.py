"""One camera as the engine knows it: newest picture, newest count, health, alarm."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from threading import Event, Lock

from monitor.analysis.crowd import Crowd
from monitor.clock import Clock
from monitor.engine.alarms import Alarms
from monitor.engine.health import Health, StreamState
from monitor.engine.journal import Journal
from monitor.engine.mailbox import Mailbox
from monitor.engine.quality import (
    are_pictures_too_seldom,
    count_quality,
    impairment,
    stream_state,
)
from monitor.engine.rate import RateMeter
from monitor.engine.scene import Scene
from monitor.engine.snapshot import CameraSnapshot
from monitor.records.prediction import Prediction
from monitor.records.reading import Quality, Reading
from monitor.records.zone import Zone
from monitor.settings import CameraSettings
from monitor.settings.scene import GroundSettings, ZoneSettings
from monitor.video.frame import Frame

_OVER = frozenset({StreamState.ENDED, StreamState.STOPPED})
"""States in which nobody expects another picture."""


@dataclass(frozen=True, slots=True)
class _Counted:
    """The newest count and what it was made from."""

    frame: Frame
    prediction: Prediction
    reading: Reading
    spacing_s: float
    """Seconds until the next count can be expected."""


class Camera:
    """State of one camera, shared by the engine's threads.

    The reader thread calls `receive`, `fail`, `end` and `halt`; the counting thread
    `record` and `count_failed`; the supervision thread `tick`; any thread the rest. One lock is
    held for a few assignments at a time, never while decoding, counting or delivering, so that no
    caller waits.
    """

    def __init__(
        self, settings: CameraSettings, *, label: str, clock: Clock, bell: Event, journal: Journal
    ) -> None:
        self.settings = settings
        self.label = label
        self.mailbox: Mailbox[Frame] = Mailbox(bell)
        self._clock = clock
        self._journal = journal
        self._lock = Lock()
        self._health = Health(StreamState.CONNECTING)
        self._frame: Frame | None = None
        self._arrived_s: float | None = None
        self._counted: _Counted | None = None
        self._count_failure = ""
        self._scene = Scene(settings)
        self._frame_rate = RateMeter()
        self._count_rate = RateMeter()
        self.alarms = Alarms(
            settings.name,
            settings.rules,
            settings.stream_rule,
            clock=clock,
            on_event=journal.on_event,
        )

    @property
    def name(self) -> str:
        """How people call the camera."""
        return self.settings.name

    def receive(self, frame: Frame) -> None:
        """Take in the newest frame."""
        now_s = self._clock.monotonic_s()
        with self._lock:
            self._frame = frame
            self._arrived_s = now_s
            self._frame_rate.mark(now_s)
            self._health = replace(
                self._health,
                state=StreamState.LIVE,
                message=impairment(frame),
                decoder=frame.decoder,
                frames_received=self._health.frames_received + 1,
                frames_damaged=self._health.frames_damaged + int(frame.is_damaged),
            )
        self.mailbox.put(frame, now_s=now_s)

    def fail(self, state: StreamState, message: str, *, is_lost: bool) -> None:
        """Note that the stream cannot be had now, which is shown until a frame comes.

        Args:
            state: What kind of failure it is.
            message: One sentence for a person, without passwords.
            is_lost: Whether the stream was there before.
        """
        with self._lock:
            reconnects = self._health.reconnects + int(is_lost)
            self._health = replace(
                self._health, state=state, message=message, reconnects=reconnects
            )

    def end(self) -> None:
        """Note that a file or a folder was played to its end."""
        with self._lock:
            self._health = replace(self._health, state=StreamState.ENDED, message="")

    def halt(self) -> None:
        """Note that the engine was stopped."""
        with self._lock:
            self._health = replace(self._health, state=StreamState.STOPPED, message="")

    def record(self, frame: Frame, prediction: Prediction, *, waited_s: float) -> Reading:
        """Take in a count: smooth it, step the alarm, pass both on.

        Args:
            frame: The frame that was counted.
            prediction: What the model says of it.
            waited_s: Seconds the frame waited for the model, which is shared with other cameras.

        Returns:
            The reading.
        """
        now_s = self._clock.monotonic_s()
        spacing_s = 1 / self.settings.count_hz + waited_s + prediction.inference_s
        # Not under the lock: a new size of picture takes the ground plane a second.
        crowd = self._scene.read(frame, prediction, now_s=now_s)
        with self._lock:
            reading = self._reading(frame, crowd, prediction, now_s=now_s)
            self._counted = _Counted(frame, prediction, reading, spacing_s)
            self._count_failure = ""
            self._count_rate.mark(now_s)
            self._journal.on_reading(reading)
            self._step(reading, now_s=now_s)
        return reading

    def count_failed(self, message: str) -> bool:
        """Note that the model failed on a frame; the last count stays and grows old.

        Args:
            message: One sentence for a person.

        Returns:
            Whether this is news: the count before it did not fail in the same way.
        """
        with self._lock:
            is_new = self._count_failure != message
            self._count_failure = message
        return is_new

    def tick(self) -> None:
        """Let time pass for the alarm, so that it notices that no readings come."""
        with self._lock:
            self._step(None, now_s=self._clock.monotonic_s())

    def adjust(self, settings: CameraSettings, who: str) -> None:
        """Make something else of the same pictures from now on: other zones, ground, or rules.

        Alarms whose rules stay keep their state; where zones or ground differ, running values
        begin anew, and the camera is taken to stand as it should.

        Args:
            settings: The new settings; what concerns the stream is the same.
            who: Name of the person who changes them; empty: nobody.
        """
        before = self.settings
        has_new_scene = (settings.zone, settings.ground) != (before.zone, before.ground)
        scene = Scene(settings) if has_new_scene else self._scene
        with self._lock:
            self.settings, self._scene = settings, scene
            self.alarms.change_rules(settings.rules, who, own=settings.stream_rule)

    def change_zones(self, zones: Sequence[Zone]) -> None:
        """Count in other zones from the next picture on; rules and ground stay as they are.

        Running values begin anew, and the camera is taken to stand as it should.

        Args:
            zones: All of its zones; names differ.

        Raises:
            ValueError: If two zones have one name.
        """
        names = [one.name for one in zones]
        if len(set(names)) < len(names):
            raise ValueError("two zones have one name; names must differ")
        self._see(zone=tuple(ZoneSettings.of_zone(one) for one in zones))

    def change_ground(self, ground: GroundSettings | None) -> None:
        """Measure people per m² otherwise from the next picture on; rules and zones stay.

        Running values begin anew, and the camera is taken to stand as it should.

        Args:
            ground: The ground as it was marked; None: people per m² are not known.
        """
        self._see(ground=ground)

    def _see(self, **changes: object) -> None:
        settings = self.settings.model_copy(update=changes)
        scene = Scene(settings)
        with self._lock:
            self.settings, self._scene = settings, scene

    def snapshot(self) -> CameraSnapshot:
        """Show the camera as it is now."""
        with self._lock:
            now_s = self._clock.monotonic_s()
            counted = self._counted
            return CameraSnapshot(
                name=self.name,
                source_label=self.label,
                health=self._health_now(now_s),
                quality=self._quality(now_s),
                frame=self._frame,
                picture_age_s=self._picture_age_s(now_s),
                prediction=counted.prediction if counted else None,
                counted_frame=counted.frame if counted else None,
                reading=counted.reading if counted else None,
                reading_age_s=now_s - counted.frame.captured_s if counted else None,
                counts_hz=self._count_rate.rate_hz(now_s),
                alarms=self.alarms.statuses,
                zones=self._scene.zones,
                ground=self._scene.ground,
            )

    def _reading(
        self, frame: Frame, crowd: Crowd, prediction: Prediction, *, now_s: float
    ) -> Reading:
        whole = crowd.whole
        age = timedelta(seconds=now_s - frame.captured_s)
        return Reading(
            camera=self.name,
            at_utc=self._clock.utc() - age,
            captured_s=frame.captured_s,
            count=whole.count,
            low=whole.low,
            high=whole.high,
            variance=whole.variance,
            smoothed=whole.smoothed,
            quality=self._scene.quality(prediction, is_impaired=bool(impairment(frame))),
            truth=frame.truth_count,
            per_minute=whole.per_minute,
            zones=crowd.zones,
            crowding=whole.crowding,
        )

    def _step(self, reading: Reading | None, *, now_s: float) -> None:
        is_over = self._health.state in _OVER
        self.alarms.step(reading, quality=self._quality(now_s), now_s=now_s, is_over=is_over)

    def _picture_age_s(self, now_s: float) -> float | None:
        return None if self._arrived_s is None else now_s - self._arrived_s

    def _quality(self, now_s: float) -> Quality:
        counted = self._counted
        if counted is None:
            return Quality.LOST
        stale_after_s = self.settings.stale_after_s
        age_s = self._picture_age_s(now_s)
        is_impaired = (
            bool(impairment(counted.frame))
            or bool(self._count_failure)
            or are_pictures_too_seldom(age_s, stale_after_s=stale_after_s)
        )
        lost_after_s = max(self.settings.lost_after_s, stale_after_s)
        return count_quality(
            now_s - counted.frame.captured_s,
            stale_after_s=stale_after_s + counted.spacing_s,
            lost_after_s=lost_after_s + counted.spacing_s,
            young=self._scene.quality(counted.prediction, is_impaired=is_impaired),
        )

    def _health_now(self, now_s: float) -> Health:
        state = stream_state(
            self._health.state,
            picture_age_s=self._picture_age_s(now_s),
            stale_after_s=self.settings.stale_after_s,
        )
        message = self._health.message
        if state is StreamState.STALE:
            message = "Connected, but no new picture comes."
        elif self._count_failure and not message:
            message = self._count_failure
        return replace(
            self._health,
            state=state,
            message=message,
            frames_dropped=self.mailbox.dropped,
            rate_hz=self._frame_rate.rate_hz(now_s),
        )
