"""The engine: all cameras of a site, read, counted and watched, for a window or a service."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Event, Lock

from monitor.core.alarm import AlarmEvent
from monitor.core.clock import Clock, SystemClock
from monitor.core.reading import Reading
from monitor.core.series import camera_of
from monitor.core.worker import THREAD_PREFIX, Worker, WorkerHealth
from monitor.engine.alarms import Alarms
from monitor.engine.area import Areas, AreaSnapshot
from monitor.engine.camera import Camera
from monitor.engine.counting import Counter, Counting
from monitor.engine.delivery import DELIVERS_WITHIN_S, Delivery, DeliveryStatus, Subscriber
from monitor.engine.journal import Journal
from monitor.engine.reader import OpeningRateLimiter, Reader
from monitor.engine.site_changes import CameraChanges, compare
from monitor.engine.snapshot import CameraSnapshot
from monitor.engine.sources import open_camera
from monitor.settings import AreaSettings, CameraSettings
from monitor.video.frame import FrameSource
from monitor.video.label import redact


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """How the engine itself is doing."""

    is_running: bool
    """Whether it was started and not yet stopped."""
    deliveries: tuple[DeliveryStatus, ...]
    """One for each subscriber."""
    workers: tuple[WorkerHealth, ...] = ()
    """One for each thread: counting, supervision, readers, deliveries."""
    busy_s: float = 0.0
    """Seconds for which the picture that is being counted has been with the model; 0: none is."""

    @property
    def restarts(self) -> int:
        """How often work of a thread failed by mistake and was taken up again."""
        return sum(one.failures for one in self.workers)


logger = logging.getLogger(__name__)

__all__ = ["STOP_TIMEOUT_S", "THREAD_PREFIX", "Engine", "EngineStatus"]

STOP_TIMEOUT_S = 10.0
"""How long to wait for the threads to end; reading a silent camera takes the longest to notice."""
_TICK_S = 0.5  # an alarm notices a lost stream this much later at most


class Engine:
    """Runs the cameras. Every public method may be called on any thread.

    `start` once, `stop` once; a stopped engine stays readable but does not start again. Threads:
    one reader for each camera, one that counts, one that supervises the alarms, one for each
    subscriber.
    """

    def __init__(
        self,
        cameras: Sequence[CameraSettings],
        counter: Counter,
        *,
        areas: Sequence[AreaSettings] = (),
        clock: Clock | None = None,
        open_source: Callable[[CameraSettings, Clock], FrameSource] = open_camera,
    ) -> None:
        """Prepare the cameras; nothing is opened before `start`.

        Args:
            cameras: What to watch; names differ.
            counter: What counts; used by one thread only.
            areas: Places that several of them see, counted as one.
            clock: Where time comes from; None: this machine.
            open_source: How to get a camera's source; called on its reader thread.
        """
        self._clock = SystemClock() if clock is None else clock
        self._open_source = open_source
        self._bell = Event()
        self._rate_limiter = OpeningRateLimiter()
        self._lock = Lock()
        self._own: tuple[Worker, ...] = ()
        self._readers: dict[str, Worker] = {}
        self._retired: list[Worker] = []
        self._deliveries: tuple[Delivery, ...] = ()
        self._delivering: list[Worker] = []
        self._is_running = False
        self._is_stopped = False
        self._counting = Counting((), counter, clock=self._clock, bell=self._bell)
        self._cameras = tuple(self._make_camera(settings) for settings in cameras)
        self._counting.watch(self._cameras)
        journal = Journal(self._publish_reading, self.publish_event)
        self._areas = Areas(areas, clock=self._clock, journal=journal)

    def start(self) -> None:
        """Start reading and counting.

        Raises:
            RuntimeError: If it was started before.
        """
        with self._lock:
            if self._own:
                raise RuntimeError("an engine is started once; make a new one to start again")
            self._is_running = True
            self._own = (
                Worker("counting", self._counting.step, wake=self._bell.set, clock=self._clock),
                Worker("supervision", self._supervise, clock=self._clock),
            )
            for worker in self._own:
                worker.start()
            for camera in self._cameras:
                self._start_reading(camera)

    def apply(
        self,
        cameras: Sequence[CameraSettings],
        who: str = "",
        *,
        areas: Sequence[AreaSettings] | None = None,
    ) -> CameraChanges:
        """Watch other cameras from now on, while the engine runs.

        A camera whose settings stay the same notices nothing: its reader, its newest count and its
        alarms go on. Where only zones, ground or rules differ, the pictures go on coming. One
        whose settings differ otherwise begins anew, as soon as its old reader has let go of the
        source.

        Args:
            cameras: What to watch, in the order in which it is shown; names differ.
            who: Name of the person who changes them, for the alarm journal; empty: nobody.
            areas: Places that several of them see; None: those that there are.

        Returns:
            What became of each camera.

        Raises:
            RuntimeError: If the engine was not started, or was stopped.
        """
        with self._lock:
            if not self._is_running:
                raise RuntimeError("only an engine that runs can be given other cameras")
            changes = compare([camera.settings for camera in self._cameras], cameras)
            staying = {*changes.kept, *changes.adjusted}
            kept = {one.name: one for one in self._cameras if one.name in staying}
            for settings in cameras:
                if settings.name in changes.adjusted:
                    kept[settings.name].adjust(settings, who)
            leaving = (*changes.replaced, *changes.removed)
            former = {name: self._retire(name, who) for name in leaving}
            self._cameras = tuple(
                kept.get(settings.name) or self._make_camera(settings) for settings in cameras
            )
            if areas is not None:
                self._areas.change(areas, who)
            self._counting.watch(self._cameras)
            for camera in self._cameras:
                if camera.name not in kept:
                    self._start_reading(camera, after=former.get(camera.name))
        return changes

    @property
    def counter(self) -> Counter:
        """What counts now; used by the counting thread alone, but to be asked by any."""
        return self._counting.counter

    def use_counter(self, counter: Counter) -> None:
        """Count with something else from the next picture on."""
        with self._lock:
            self._counting.use(counter)
            for camera in self._cameras:
                camera.use(self._counting.usual)

    def ask(self, camera: str, things: Sequence[str], who: str) -> None:
        """Count other things before a camera; may take as long as reading their names.

        Args:
            camera: Name of the camera, or of one of its series.
            things: What to count; empty: what the model counts by itself.
            who: Who asks.

        Raises:
            KeyError: If there is no such camera.
            ModelError: If the model cannot count them; all goes on as before.
        """
        self._counting.ask(things)
        self._camera(camera).ask(things, who)

    def stop(self, timeout_s: float = STOP_TIMEOUT_S) -> bool:
        """Stop reading and counting, deliver what waits, and wait for the threads to end.

        Args:
            timeout_s: Longest wait, seconds. A thread that is late ends by itself as soon as its
                camera or its receiver lets go of it; it does not keep the program alive.

        Returns:
            Whether every thread has ended.
        """
        deadline_s = self._clock.monotonic_s() + timeout_s
        with self._lock:
            self._is_running, self._is_stopped = False, True
            workers = [*self._own, *self._readers.values(), *self._retired]
        late = self._end(workers, deadline_s - min(DELIVERS_WITHIN_S, timeout_s / 2))
        with self._lock:
            delivering = list(self._delivering)
        late += self._end(delivering, deadline_s)
        if late:
            logger.warning("Still busy after %.1f s: %s", timeout_s, ", ".join(late))
        return not late

    def snapshots(self) -> tuple[CameraSnapshot, ...]:
        """Show every count of every camera as it is now, in order; never waits."""
        return tuple(one for camera in self._cameras for one in camera.snapshots())

    def snapshot(self, name: str) -> CameraSnapshot | None:
        """Show one count of one camera as it is now; None: there is none of that name."""
        camera = next((one for one in self._cameras if one.name == camera_of(name)), None)
        shown = () if camera is None else camera.snapshots()
        return next((one for one in shown if one.name == name), None)

    def camera_settings(self) -> tuple[CameraSettings, ...]:
        """Give what each camera is made of, in order."""
        return tuple(one.settings for one in self._cameras)

    def areas(self) -> tuple[AreaSnapshot, ...]:
        """Show every area as it is now, in the order of the settings; never waits."""
        return self._areas.snapshots()

    def area_settings(self) -> tuple[AreaSettings, ...]:
        """Give what each area is made of, with the rules that hold now."""
        return self._areas.settings

    def status(self) -> EngineStatus:
        """Say how the engine itself is doing; never waits."""
        with self._lock:
            is_running, deliveries = self._is_running, self._deliveries
            workers = (*self._own, *self._readers.values(), *self._retired, *self._delivering)
        return EngineStatus(
            is_running,
            tuple(one.status for one in deliveries),
            tuple(one.health for one in workers),
            self._counting.busy_s,
        )

    def acknowledge(self, alarm_id: str, who: str, note: str = "") -> bool:
        """Say that a person knows of an alarm.

        Args:
            alarm_id: Which alarm, `<camera>/<rule>`.
            who: Name of the person; not empty.
            note: What they write; may be empty.

        Returns:
            Whether there was something to acknowledge.

        Raises:
            KeyError: If there is no such alarm.
            ValueError: If `who` is empty.
        """
        return self._alarms_of(alarm_id).acknowledge(alarm_id, who, note)

    def shelve(self, alarm_id: str, who: str, *, duration_s: float, reason: str) -> None:
        """Put an alarm aside for a time, or for another time than before.

        Args:
            alarm_id: Which alarm, `<camera>/<rule>`.
            who: Name of the person; not empty.
            duration_s: Seconds from now, more than 0 and at most `SHELVE_MAX_S`.
            reason: Why; not empty.

        Raises:
            KeyError: If there is no such alarm.
            ValueError: If name or reason is empty, or the time too long.
        """
        self._alarms_of(alarm_id).shelve(alarm_id, who, duration_s=duration_s, reason=reason)

    def unshelve(self, alarm_id: str, who: str) -> bool:
        """Bring a shelved alarm back before its time; takes, gives and raises as `acknowledge`."""
        return self._alarms_of(alarm_id).unshelve(alarm_id, who)

    def subscribe(
        self,
        name: str,
        *,
        on_reading: Callable[[Reading], None] | None = None,
        on_event: Callable[[AlarmEvent], None] | None = None,
    ) -> None:
        """Call somebody with every reading or alarm event, on a thread of their own.

        They may be slow and may fail: what they miss is counted in `status`, and counting goes on.

        Args:
            name: Who it is, for the status and the log.
            on_reading: Called with every reading, in order.
            on_event: Called with every transition of an alarm, in order.

        Raises:
            RuntimeError: If the engine was stopped.
        """
        delivery = Delivery(Subscriber(name, on_reading, on_event))

        def deliver(stop: Event) -> None:
            delivery.run()
            stop.set()

        worker = Worker(f"to-{name}", deliver, wake=delivery.close, clock=self._clock)
        with self._lock:
            if self._is_stopped:
                raise RuntimeError("the engine was stopped; nothing more will come")
            self._deliveries = (*self._deliveries, delivery)
            self._delivering.append(worker)
            worker.start()

    def _camera(self, name: str) -> Camera:
        """Give the camera of a name or of a series; raises `KeyError` where there is none."""
        found = {one.name: one for one in self._cameras}.get(camera_of(name))
        if found is None:
            raise KeyError(f"there is no camera {name!r}")
        return found

    def _make_camera(self, settings: CameraSettings) -> Camera:
        return Camera(
            settings,
            label=redact(settings.source),
            clock=self._clock,
            bell=self._bell,
            journal=Journal(self._publish_reading, self.publish_event),
            usual=self._counting.usual,
        )

    def _start_reading(self, camera: Camera, *, after: Worker | None = None) -> None:
        """Start a camera's reader; to be called with the lock held."""
        reader = Reader(
            camera,
            lambda: self._open_source(camera.settings, self._clock),
            clock=self._clock,
            rate_limiter=self._rate_limiter,
        )

        def read(stop: Event) -> None:
            reader.run(stop)
            stop.set()

        worker = Worker(f"reader-{camera.name}", read, after=after, clock=self._clock)
        self._readers[camera.name] = worker
        worker.start()

    def _retire(self, name: str, who: str) -> Worker:
        """Close a camera's alarms and let its reader end by itself; with the lock held."""
        self._camera(name).end_alarms(who)
        reader = self._readers.pop(name)
        reader.ask_to_stop()
        self._retired = [one for one in self._retired if one.is_alive] + [reader]
        return reader

    def _supervise(self, stop: Event) -> None:
        """Let time pass for every alarm; one camera that fails costs the others nothing."""
        if stop.wait(_TICK_S):
            return
        failure: Exception | None = None
        ticks: list[Callable[[], None]] = [one.tick for one in self._cameras]
        ticks.append(partial(self._areas.tick, self.snapshots))
        for tick in ticks:
            try:
                tick()
            except Exception as error:  # noqa: BLE001 - the others first, then it is told
                failure = error
        if failure is not None:
            raise failure

    def _publish_reading(self, reading: Reading) -> None:
        for delivery in self._deliveries:
            delivery.put_reading(reading)

    def publish_event(self, event: AlarmEvent) -> None:
        """Put an entry into the alarm journal of every subscriber."""
        for delivery in self._deliveries:
            delivery.put_event(event)

    def _alarms_by_name(self) -> dict[str, Alarms]:
        every = (self._areas.alarms_by_name(), *(one.alarms_by_name for one in self._cameras))
        return {name: alarms for some in every for name, alarms in some.items()}

    def _alarms_of(self, alarm_id: str) -> Alarms:
        for alarms in self._alarms_by_name().values():
            if alarms.has(alarm_id):
                return alarms
        raise KeyError(f"there is no alarm {alarm_id!r}")

    def _end(self, workers: Sequence[Worker], deadline_s: float) -> list[str]:
        """Have workers end, all at once; gives the names of those that are late."""
        for worker in workers:
            worker.ask_to_stop()
        return [
            worker.name
            for worker in workers
            if not worker.join(max(0.0, deadline_s - self._clock.monotonic_s()))
        ]
