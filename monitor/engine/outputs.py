"""Everything that leaves the engine: history, file, broker, messages, metrics; wired up here.

The window and the headless service call this alike, so that neither forgets an output. Each output
has its own subscription and its own queue; a watch beside them tells all of them now and then how
the cameras are, because a reading that does not come is news too.
"""

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Protocol

from monitor.clock import Clock, SystemClock
from monitor.engine.engine import Engine
from monitor.engine.evidence import evidence_keeper
from monitor.engine.health import StreamState
from monitor.engine.recall import recall_thread
from monitor.engine.snapshot import CameraSnapshot
from monitor.errors import MonitorError
from monitor.evidence.facts import UNKNOWN_MODEL, ModelFacts
from monitor.evidence.keeper import EvidenceKeeper
from monitor.outbox import OutboxHealth
from monitor.settings import MqttSettings, SiteSettings, TargetSettings
from monitor.settings.passwords import broker_place, look_up, target_place
from monitor.settings.status import is_loopback
from monitor.sinks.csv import CsvFile
from monitor.sinks.metrics import CONTENT_TYPE, Backend, Metrics, Sources, Storage
from monitor.sinks.mqtt.sink import Broker, Manners, MqttSink
from monitor.sinks.notify.plan import Terms
from monitor.sinks.notify.sink import NotifySink, Send, Target, apprise_sender
from monitor.sinks.state import CameraState
from monitor.store.history import History

logger = logging.getLogger(__name__)

_WATCH_EVERY_S = 1.0
_STOP_TIMEOUT_S = 5.0


class Watcher(Protocol):
    """An output that wants to know now and then how the cameras are."""

    def show(self, states: Sequence[CameraState]) -> None:
        """Take in all cameras as they are now; must return soon."""
        ...


class Outputs:
    """The outputs of one running engine.

    `start` once, after the engine was made and before or after it was started; `stop` once, after
    the engine was stopped, so that the last events still go out. The rest is for any thread.
    """

    def __init__(
        self,
        engine: Engine,
        settings: SiteSettings,
        *,
        history: History | None = None,
        backend: Backend | None = None,
        environ: Mapping[str, str] = os.environ,
        clock: Clock | None = None,
    ) -> None:
        """Prepare the outputs that the settings name; nothing is opened before `start`.

        An output that cannot be prepared, because its password is missing, is a failing output
        that a person sees; it never keeps people from being counted.

        Args:
            engine: Whose readings and events go out.
            settings: The site.
            history: Where readings are kept, not yet started; None: nowhere.
            backend: What counts, for the metrics.
            environ: The environment, for passwords.
            clock: The engine's own; None: this machine's.
        """
        self._engine = engine
        self._history = history
        self._environ = environ
        self._clock = clock or SystemClock()
        self._failed: dict[str, OutboxHealth] = {}
        self._model: Callable[[], ModelFacts] = lambda: UNKNOWN_MODEL
        self._evidence = evidence_keeper(
            engine, settings, clock=self._clock, model=self._model_facts
        )
        self._csv = None if settings.csv is None else CsvFile(Path(settings.csv.path))
        self._mqtt = None if settings.mqtt is None else self._new_mqtt(settings)
        self._notify: NotifySink | None = None
        if settings.notify is not None:
            targets = [self._target(one) for one in settings.notify.target]
            self._notify = NotifySink(targets, clock=self._clock)
        self._metrics: Metrics | None = None
        if settings.metrics.enabled:
            self._metrics = Metrics(
                Sources(
                    cameras=self._states,
                    outputs=self.health,
                    storage=self._storage,
                    stream_states=[one.value for one in StreamState],
                    backend=backend,
                ),
                clock=self._clock,
            )
        self._watchers = self._watchers_of(settings)
        if history is not None:
            self._watchers.append(recall_thread(engine, history, self._clock))
        self._stop = Event()
        self._lock = Lock()
        self._is_started = False

    def start(self) -> None:
        """Start the outputs and subscribe them; once."""
        with self._lock:
            if self._is_started:
                raise RuntimeError("outputs are started once; make new ones to start again")
            self._is_started = True
        engine, history = self._engine, self._history
        if history is not None:
            history.start()
            engine.subscribe("history", on_reading=history.on_reading, on_event=history.on_event)
        if self._evidence is not None:
            self._evidence.start()
            engine.subscribe(
                "evidence", on_reading=self._evidence.on_reading, on_event=self._evidence.on_event
            )
        if self._csv is not None:
            self._csv.start()
            engine.subscribe("csv", on_reading=self._csv.on_reading)
        if self._mqtt is not None:
            self._mqtt.start()
            engine.subscribe("mqtt", on_event=self._mqtt.on_event)
        if self._notify is not None:
            self._notify.start()
            engine.subscribe(
                "notify", on_reading=self._notify.on_reading, on_event=self._notify.on_event
            )
        if self._metrics is not None:
            engine.subscribe(
                "metrics", on_reading=self._metrics.on_reading, on_event=self._metrics.on_event
            )
        for watch in self._watchers:
            watch.start()

    def stop(self, timeout_s: float = _STOP_TIMEOUT_S) -> bool:
        """Send what waits and end all outputs at once; False where one takes longer.

        Args:
            timeout_s: Longest wait for all of them together, seconds.

        Returns:
            Whether all have ended.
        """
        deadline_s = self._clock.monotonic_s() + timeout_s
        self._stop.set()
        endings = [self._ending(name, one.stop, timeout_s) for name, one in self._running()]
        threads = [*self._watchers, *endings]
        for thread in threads:
            if thread.ident is not None:
                thread.join(max(0.0, deadline_s - self._clock.monotonic_s()))
        late = [thread.name for thread in threads if thread.is_alive()]
        if late:
            logger.warning("Still busy after %.1f s: %s", timeout_s, ", ".join(late))
        return not late

    def health(self) -> dict[str, OutboxHealth]:
        """Say how each output is doing now, by name; never waits."""
        found: dict[str, OutboxHealth] = {}
        if self._history is not None:
            shortage, health = self._history.shortage, self._history.health
            if shortage and not health.message:
                health = replace(health, message=f"history: {shortage}")
            found["history"] = health
        if self._evidence is not None:
            found["evidence"] = self._evidence.health
        if self._csv is not None:
            found["csv"] = self._csv.health
        if self._mqtt is not None:
            found["mqtt"] = self._mqtt.health
        if self._notify is not None:
            found |= {f"notify {name}": health for name, health in self._notify.health}
        return found | self._failed

    def counts_with(self, model: Callable[[], ModelFacts]) -> None:
        """Take note of the model that counts from now on; evidence tells of it."""
        self._model = model

    @property
    def metrics(self) -> Callable[[], tuple[bytes, str]] | None:
        """What gives the metrics for Prometheus and their media type; None: none are wanted."""
        metrics = self._metrics
        return None if metrics is None else lambda: (metrics.text(), CONTENT_TYPE)

    def _model_facts(self) -> ModelFacts:
        return self._model()

    def _states(self) -> tuple[CameraState, ...]:
        return tuple(camera_state(one) for one in self._engine.snapshots())

    def _storage(self) -> Storage | None:
        room = None if self._history is None else self._history.room
        return None if room is None else Storage(room.used_bytes, room.free_bytes, room.rows)

    def _running(
        self,
    ) -> list[tuple[str, History | EvidenceKeeper | CsvFile | MqttSink | NotifySink]]:
        every = (
            ("evidence", self._evidence),
            ("history", self._history),
            ("csv", self._csv),
            ("mqtt", self._mqtt),
            ("notify", self._notify),
        )
        return [(name, one) for name, one in every if one is not None]

    def _new_mqtt(self, settings: SiteSettings) -> MqttSink | None:
        mqtt = settings.mqtt
        assert mqtt is not None, "asked for by the caller"
        try:
            password = look_up(broker_place(mqtt), environ=self._environ)
            broker = Broker(
                mqtt.host, mqtt.port_number, mqtt.user, password, mqtt.tls, mqtt.ca_file
            )
            if password is not None and not mqtt.tls and not is_loopback(mqtt.host):
                logger.warning("[mqtt] the password crosses the network openly; set tls = true")
            names = [camera.name for camera in settings.camera]
            return MqttSink(broker, _manners(mqtt), names, desk=self._engine)
        except MonitorError as error:
            logger.error("%s", error)  # noqa: TRY400 - a person mends it, not a programmer
            self._failed["mqtt"] = OutboxHealth(is_failing=True, message=str(error))
            return None

    def _target(self, settings: TargetSettings) -> Target:
        def open_sender() -> Send:
            address = look_up(target_place(settings), environ=self._environ)
            assert address is not None, "the settings demand a place for it"
            return apprise_sender(settings.name, address)

        terms = Terms(
            settings.name,
            frozenset(settings.priorities),
            settings.after_s,
            settings.per_hour,
            settings.tells_end,
        )
        return Target(terms, open_sender)

    def _watchers_of(self, settings: SiteSettings) -> list[Thread]:
        """Give each output that watches a thread of its own, so that none holds up another."""
        mqtt_every_s = _WATCH_EVERY_S if settings.mqtt is None else settings.mqtt.every_s
        every: tuple[tuple[str, Watcher | None, float], ...] = (
            ("evidence", self._evidence, _WATCH_EVERY_S),
            ("mqtt", self._mqtt, mqtt_every_s),
            ("notify", self._notify, _WATCH_EVERY_S),
            ("metrics", self._metrics, _WATCH_EVERY_S / 4),
        )
        return [
            self._watch(name, watcher, every_s)
            for name, watcher, every_s in every
            if watcher is not None
        ]

    def _watch(self, name: str, watcher: Watcher, every_s: float) -> Thread:
        def run() -> None:
            while not self._stop.wait(every_s):
                try:
                    watcher.show(self._states())
                except Exception as error:  # noqa: BLE001 - one fault must not end an output
                    self._note_fault(name, error)

        return Thread(target=run, name=f"crowd-watch-{name}", daemon=True)

    def _note_fault(self, name: str, error: Exception) -> None:
        message = f"{name}: a mistake of the program ({type(error).__name__})"
        if name not in self._failed:
            logger.error("Output %s failed", name, exc_info=error)
        self._failed[name] = OutboxHealth(is_failing=True, message=message)

    def _ending(self, name: str, stop: Callable[[float], bool], timeout_s: float) -> Thread:
        thread = Thread(target=lambda: stop(timeout_s), name=f"crowd-end-{name}", daemon=True)
        thread.start()
        return thread


def camera_state(snapshot: CameraSnapshot) -> CameraState:
    """Give what the outputs are told of a camera."""
    health, prediction = snapshot.health, snapshot.prediction
    return CameraState(
        name=snapshot.name,
        stream=health.state.value,
        quality=snapshot.quality,
        reading=snapshot.reading,
        age_s=snapshot.reading_age_s,
        picture_age_s=snapshot.picture_age_s,
        inference_s=None if prediction is None else prediction.inference_s,
        counts_hz=snapshot.counts_hz,
        frames_received=health.frames_received,
        frames_dropped=health.frames_dropped,
        frames_damaged=health.frames_damaged,
        reconnects=health.reconnects,
        alarms=snapshot.alarms,
    )


def _manners(mqtt: MqttSettings) -> Manners:
    return Manners(mqtt.prefix, mqtt.site, mqtt.discovery, mqtt.every_s, mqtt.commands)
