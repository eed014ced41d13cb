"""One camera as the engine knows it: newest picture, newest counts, health, rates, alarms."""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from threading import Event, Lock

from monitor.core.clock import Clock
from monitor.core.prediction import Prediction
from monitor.core.reading import Quality, Reading, Stages
from monitor.core.series import PEOPLE
from monitor.engine.alarms import Alarms
from monitor.engine.count_series import CameraCounts, Counted, CountSeries, scene_settings
from monitor.engine.health import (
    Health,
    StreamState,
    are_pictures_too_seldom,
    count_quality,
    impairment,
    stream_state,
)
from monitor.engine.journal import Journal
from monitor.engine.mailbox import Mailbox
from monitor.engine.scene import Scene
from monitor.engine.snapshot import CameraSnapshot
from monitor.scene.crowd import Crowd
from monitor.settings import CameraSettings
from monitor.settings.editing import counting
from monitor.video.frame import Frame


class RateMeter:
    """Counts events in a sliding window. Not locked: its owner calls it under one lock."""

    def __init__(self, *, window_s: float = 5.0) -> None:
        self._window_s = window_s
        self._moments_s: deque[float] = deque()

    def mark(self, now_s: float, *, times: int = 1) -> None:
        """Note that it happened now.

        Args:
            now_s: Monotonic clock.
            times: How often since the last mark; more than once counts as evenly spread.
        """
        before_s = self._moments_s[-1] if self._moments_s else now_s
        step_s = (now_s - before_s) / times
        self._moments_s.extend(now_s - step_s * left for left in reversed(range(times)))
        self._forget(now_s)

    def rate_hz(self, now_s: float) -> float:
        """Give the events a second in the window.

        Args:
            now_s: Monotonic clock.

        Returns:
            0 with fewer than two events in the window.

        Source:
            n events span n − 1 periods; the time since the last one counts as soon as it is
            longer than a period, so the rate of something that stopped falls at once.
        """
        self._forget(now_s)
        if len(self._moments_s) < 2:
            return 0.0
        periods = len(self._moments_s) - 1
        span_s = self._moments_s[-1] - self._moments_s[0]
        if span_s <= 0:
            return 0.0
        since_last_s = now_s - self._moments_s[-1]
        return periods / (span_s + max(0.0, since_last_s - span_s / periods))

    def _forget(self, now_s: float) -> None:
        while self._moments_s and now_s - self._moments_s[0] > self._window_s:
            self._moments_s.popleft()


_OVER = frozenset({StreamState.ENDED, StreamState.STOPPED})
"""States in which nobody expects another picture."""


class Camera:
    """State of one camera, shared by the engine's threads.

    The reader thread calls `receive`, `fail`, `end` and `halt`; the counting thread
    `record` and `count_failed`; the supervision thread `tick`; any thread the rest. One lock is
    held for a few assignments at a time, never while decoding, counting or delivering, so that no
    caller waits. What is counted, one thing or several, stands in one `CountSeries` for each thing.
    """

    def __init__(
        self,
        settings: CameraSettings,
        *,
        label: str,
        clock: Clock,
        bell: Event,
        journal: Journal,
        usual: Sequence[str] = (PEOPLE,),
    ) -> None:
        """Begin, still without a picture.

        Args:
            settings: The camera's.
            label: Its address, without any password.
            clock: Where time comes from.
            bell: Rung when a picture has come.
            journal: Told of readings and events.
            usual: What is counted where the settings name nothing.
        """
        self.settings = settings
        self.label = label
        self.mailbox: Mailbox[Frame] = Mailbox(bell)
        self._clock = clock
        self._journal = journal
        self._lock = Lock()
        self._health = Health(StreamState.CONNECTING)
        self._frame: Frame | None = None
        self._arrived_s: float | None = None
        self._count_failure = ""
        self._frame_rate = RateMeter()
        self._count_rate = RateMeter()
        self._counts = CameraCounts(settings, usual, clock=clock, journal=journal)

    @property
    def name(self) -> str:
        """How people call the camera."""
        return self.settings.name

    @property
    def things(self) -> tuple[str, ...]:
        """What is counted before it now, in the plural."""
        return self._counts.things

    @property
    def alarms_by_name(self) -> dict[str, Alarms]:
        """The alarms of each of its series, by its name."""
        return self._counts.alarms_by_name

    def end_alarms(self, who: str) -> None:
        """Close what stands in the journal: the camera is taken away."""
        self._counts.end_alarms(who)

    def receive(self, frame: Frame) -> None:
        """Take in the newest frame."""
        now_s = self._clock.monotonic_s()
        with self._lock:
            self._frame = frame
            self._arrived_s = now_s
            self._frame_rate.mark(now_s, times=1 + frame.skipped)
            damaged = frame.skipped_damaged + int(frame.is_damaged)
            self._health = replace(
                self._health,
                state=StreamState.LIVE,
                message=impairment(frame),
                decoder=frame.decoder,
                frames_received=self._health.frames_received + 1 + frame.skipped,
                frames_damaged=self._health.frames_damaged + damaged,
                packets_corrupt=self._health.packets_corrupt + frame.packets_corrupt,
            )
        self.mailbox.put(frame, now_s=now_s)

    def fail(self, state: StreamState, message: str, *, lost: str = "") -> None:
        """Note that the stream cannot be had now, which is shown until a frame comes.

        Args:
            state: What kind of failure it is.
            message: One sentence for a person, without passwords.
            lost: Why it was lost, one of `monitor.core.errors.LOSS_REASONS`; empty: never there.
        """
        with self._lock:
            health = replace(self._health, state=state, message=message)
            self._health = health.with_loss(lost) if lost else health

    def end(self) -> None:
        """Note that a file or a folder was played to its end."""
        with self._lock:
            self._health = replace(self._health, state=StreamState.ENDED, message="")

    def halt(self) -> None:
        """Note that the engine was stopped."""
        with self._lock:
            self._health = replace(self._health, state=StreamState.STOPPED, message="")

    def record(
        self,
        frame: Frame,
        *predictions: Prediction,
        waited_s: float,
        stages: Stages | None = None,
    ) -> tuple[Reading, ...]:
        """Take in counts: smooth them, step the alarms, pass both on.

        Args:
            frame: The frame that was counted.
            predictions: What the model says of it, one for each thing; one of a thing that
                nobody asks for any more is left out.
            waited_s: Seconds the frame waited for the model, which is shared with other cameras.
            stages: What became of the frame before the model had it; None: nobody looked.

        Returns:
            The readings.
        """
        now_s = self._clock.monotonic_s()
        all_series = {one.thing: one for one in self._counts}
        wanted = [(all_series[one.counts], one) for one in predictions if one.counts in all_series]
        # Not under the lock: a new size of picture takes the ground plane a second.
        found = [
            (series, one, series.scene.read(frame, one, now_s=now_s)) for series, one in wanted
        ]
        readings: list[Reading] = []
        with self._lock:
            for series, prediction, crowd in found:
                reading = self._reading(series, frame, crowd, prediction, now_s=now_s)
                reading = replace(reading, stages=self._ended(stages, prediction, now_s))
                spacing_s = 1 / self.settings.count_hz + waited_s + prediction.inference_s
                series.counted = Counted(frame, prediction, reading, spacing_s)
                self._count_failure = ""
                self._journal.on_reading(reading)
                self._step(series, reading, now_s=now_s)
                readings.append(reading)
            if readings:
                self._count_rate.mark(now_s)
        return tuple(readings)

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
            for series in self._counts:
                self._step(series, None, now_s=self._clock.monotonic_s())

    def adjust(self, settings: CameraSettings, who: str) -> None:
        """Make something else of the same pictures from now on: other zones, ground, rules, things.

        Alarms whose rules stay keep their state; where zones or ground differ, running values
        begin anew, and the camera is taken to stand as it should.

        Args:
            settings: The new settings; what concerns the stream is the same.
            who: Name of the person who changes them; empty: nobody.
        """
        before = self.settings
        if (settings.zone, settings.ground) != (before.zone, before.ground):
            self._see(settings)
        self._count(settings, who)
        self._counts.change_rules(settings, who)

    def ask(self, things: Sequence[str], who: str) -> None:
        """Count other things from the next picture on; see `CameraCounts`.

        Args:
            things: What to count, none twice; empty: what the model counts by itself.
            who: Name of the person who asks.
        """
        self._count(counting(self.settings, things, self.things[0]), who)

    def use(self, usual: Sequence[str]) -> None:
        """Take note of what another model counts where the settings name nothing."""
        self._counts.usual = tuple(usual)
        self._count(self.settings, "")

    def _count(self, settings: CameraSettings, who: str) -> None:
        all_series = self._counts.prepare(settings)
        with self._lock:
            self.settings = settings
            self._counts.replace(all_series, settings, who)

    def _see(self, settings: CameraSettings) -> None:
        """Look at every picture with other zones or another ground from now on."""
        scenes = [Scene(scene_settings(settings, one.thing)) for one in self._counts]
        with self._lock:
            self.settings = settings
            for series, scene in zip(self._counts, scenes, strict=True):
                series.scene = scene

    def snapshot(self) -> CameraSnapshot:
        """Show the first of its counts as it is now."""
        return self.snapshots()[0]

    def snapshots(self) -> tuple[CameraSnapshot, ...]:
        """Show the camera as it is now: one for each thing that is counted."""
        with self._lock:
            now_s = self._clock.monotonic_s()
            return tuple(self._snapshot(one, now_s) for one in self._counts)

    def _snapshot(self, series: CountSeries, now_s: float) -> CameraSnapshot:
        counted = series.counted
        return CameraSnapshot(
            name=series.name,
            source_label=self.label,
            health=self._health_now(now_s),
            quality=self._quality(series, now_s),
            frame=self._frame,
            picture_age_s=self._picture_age_s(now_s),
            prediction=counted.prediction if counted else None,
            counted_frame=counted.frame if counted else None,
            reading=counted.reading if counted else None,
            reading_age_s=now_s - counted.frame.captured_s if counted else None,
            counts_hz=self._count_rate.rate_hz(now_s),
            alarms=series.alarms.statuses,
            zones=series.scene.zones,
            ground=series.scene.ground,
        )

    def _reading(
        self,
        series: CountSeries,
        frame: Frame,
        crowd: Crowd,
        prediction: Prediction,
        *,
        now_s: float,
    ) -> Reading:
        whole = crowd.whole
        age = timedelta(seconds=now_s - frame.captured_s)
        return Reading(
            camera=series.name,
            at_utc=self._clock.utc() - age,
            captured_s=frame.captured_s,
            count=whole.count,
            low=whole.low,
            high=whole.high,
            variance=whole.variance,
            smoothed=whole.smoothed,
            quality=series.scene.quality(prediction, is_impaired=bool(impairment(frame))),
            truth=frame.truth_count if series.thing == PEOPLE else None,
            per_minute=whole.per_minute,
            zones=crowd.zones,
            crowding=whole.crowding,
        )

    def _ended(
        self, stages: Stages | None, prediction: Prediction, answered_s: float
    ) -> Stages | None:
        if stages is None:
            return None
        took_s = self._clock.monotonic_s() - answered_s
        return replace(stages, inference_s=prediction.inference_s, postprocess_s=took_s)

    def _step(self, series: CountSeries, reading: Reading | None, *, now_s: float) -> None:
        quality, is_over = self._quality(series, now_s), self._health.state in _OVER
        series.alarms.step(reading, quality=quality, now_s=now_s, is_over=is_over)

    def _picture_age_s(self, now_s: float) -> float | None:
        return None if self._arrived_s is None else now_s - self._arrived_s

    def _quality(self, series: CountSeries, now_s: float) -> Quality:
        counted = series.counted
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
            young=series.scene.quality(counted.prediction, is_impaired=is_impaired),
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
