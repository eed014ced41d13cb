"""Everything that leaves the engine: history, file, broker, messages, metrics; wired up here.

The window and the headless service call this alike, so that neither forgets an output. Each output
has its own subscription and its own queue; a watch beside them tells all of them now and then how
the cameras are, because a reading that does not come is news too. File, broker and messages can be
exchanged while the program runs: what the former could not write, the new one writes.
"""

import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from threading import Event, Lock, Thread
from typing import TypeVar

from monitor.core.clock import Clock, SystemClock
from monitor.core.errors import MonitorError
from monitor.engine.engine import Engine
from monitor.engine.evidence import Evidence
from monitor.engine.health import StreamState
from monitor.engine.outlet import Outlet, Relieving
from monitor.engine.output_making import make_mqtt, make_notify
from monitor.engine.output_states import area_state, camera_state
from monitor.engine.recall import recall_thread
from monitor.engine.site_session import Prepared
from monitor.engine.sources import PacketRings
from monitor.outputs.csv import CsvFile
from monitor.outputs.evidence.facts import UNKNOWN_MODEL, ModelFacts
from monitor.outputs.history.history import History
from monitor.outputs.metrics import CONTENT_TYPE, Backend, Metrics, Sources, Storage
from monitor.outputs.mqtt.sink import MqttSink
from monitor.outputs.notify.sink import NotifySink
from monitor.outputs.outbox import OutboxHealth
from monitor.outputs.state import CameraState
from monitor.settings import SiteSettings

logger = logging.getLogger(__name__)

_WATCH_EVERY_S = 1.0
_STOP_TIMEOUT_S = 5.0
_RELIEF_WITHIN_S = 4.0  # a former output that hangs must not keep the new one waiting
_EXCHANGEABLE = ("csv", "mqtt", "notify")

_Kind = TypeVar("_Kind", bound=Relieving)


class Outputs:
    """The outputs of one running engine.

    `start` once, after the engine was made and before or after it was started; `stop` once, after
    the engine was stopped, so that the last events still go out. The rest is for any thread.
    """

    def __init__(  # noqa: PLR0913 - all that an output may need
        self,
        engine: Engine,
        settings: SiteSettings,
        *,
        history: History | None = None,
        backend: Callable[[], Backend | None] = lambda: None,
        environ: Mapping[str, str] = os.environ,
        clock: Clock | None = None,
        rings: PacketRings | None = None,
    ) -> None:
        """Prepare the outputs that the settings name; nothing is opened before `start`.

        An output that cannot be prepared, because its password is missing, is a failing output
        that a person sees; it never keeps people from being counted.

        Args:
            engine: Whose readings and events go out.
            settings: The site.
            history: Where readings are kept, not yet started; None: nowhere.
            backend: Says what counts, for the metrics; called on any thread.
            environ: The environment, for passwords.
            clock: The engine's own; None: this machine's.
            rings: Where the engine's cameras leave their video for evidence; None: nowhere.
        """
        self._engine = engine
        self._history = history
        self._environ = environ
        self._clock = clock or SystemClock()
        self._failed: dict[str, OutboxHealth] = {}
        self._model: Callable[[], ModelFacts] = lambda: UNKNOWN_MODEL
        self._evidence = Evidence(
            engine,
            settings,
            clock=self._clock,
            model=self._model_facts,
            rings=rings,
            journal=None if history is None else history.on_event,
        )
        self._settings = settings
        self._csv: Outlet[CsvFile] = Outlet(self._new_csv(settings))
        self._mqtt: Outlet[MqttSink] = Outlet(self._new_mqtt(settings))
        self._notify: Outlet[NotifySink] = Outlet(self._new_notify(settings))
        sources = Sources(
            cameras=self._states,
            areas=self._areas,
            outputs=self.health,
            storage=self._storage,
            stream_states=[one.value for one in StreamState],
            backend=backend,
        )
        self._metrics = Metrics(sources, clock=self._clock)
        self._stop = Event()
        self._lock = Lock()
        self._is_started = False
        self._served: set[str] = set()
        self._reliefs: list[Thread] = []
        self._watchers: dict[str, Thread] = {}
        if history is not None:
            self._watchers["history"] = recall_thread(engine, history, self._clock)

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
        self._evidence.start()
        self._serve_evidence()
        for _, outlet in self._outlets():
            outlet.use(lambda sink: sink.start())
        for name in _EXCHANGEABLE:
            self._serve(name)
        engine.subscribe(
            "metrics", on_reading=self._metrics.on_reading, on_event=self._metrics.on_event
        )
        if history is not None:
            self._watchers["history"].start()

    @property
    def tables(self) -> frozenset[str]:
        """The tables of a site file that are taken over while all runs; see `parts.Part`."""
        return frozenset({"metrics", "evidence", "privacy", *_EXCHANGEABLE})

    def prepare(self, site: SiteSettings) -> Prepared:
        """Give what goes over to other settings; an output that cannot be had is a failing one."""
        return Prepared(lambda: self.exchange(site))

    def exchange(self, settings: SiteSettings) -> None:
        """Go over to other settings of evidence, file, broker and people, while all runs.

        What differs is exchanged: every reading and event goes to either the former or the new
        output, and what the former could not write is written by the new one.

        Args:
            settings: The site from now on.
        """
        before, self._settings = self._settings, settings
        if (settings.evidence, settings.privacy) != (before.evidence, before.privacy):
            self._evidence.exchange(settings)
            self._serve_evidence()
        if settings.csv != before.csv:
            csv = self._new_csv(settings)
            self._relieve("csv", self._csv.exchange(csv), csv)
        if settings.mqtt != before.mqtt:
            mqtt = self._new_mqtt(settings)
            self._relieve("mqtt", self._mqtt.exchange(mqtt), mqtt)
        if settings.notify != before.notify:
            notify = self._new_notify(settings)
            former = self._notify.exchange(notify, inherit=lambda old, new: new.inherit(old))
            self._relieve("notify", former, notify)

    def stop(self, timeout_s: float = _STOP_TIMEOUT_S) -> bool:
        """Send what waits and end all outputs at once; False where one takes longer.

        Args:
            timeout_s: Longest wait for all of them together, seconds.

        Returns:
            Whether all have ended.
        """
        deadline_s = self._clock.monotonic_s() + timeout_s
        self._stop.set()
        for relief in self._reliefs:
            relief.join(max(0.0, deadline_s - self._clock.monotonic_s()) / 2)
        self._evidence.stop(timeout_s / 2)  # before the history, which notes what was kept
        endings = [self._ending(name, one.stop, timeout_s) for name, one in self._running()]
        threads = [*self._watchers.values(), *self._reliefs, *endings]
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
        if (evidence := self._evidence.health) is not None:
            found["evidence"] = evidence
        for name, outlet in self._outlets():
            sink = outlet.sink
            if isinstance(sink, NotifySink):
                found |= {f"notify {target}": health for target, health in sink.health}
            elif sink is not None:
                found[name] = sink.health
        return found | self._failed

    def counts_with(self, model: Callable[[], ModelFacts]) -> None:
        """Take note of the model that counts from now on; evidence tells of it."""
        self._model = model

    def metrics(self) -> tuple[bytes, str] | None:
        """Give the metrics for Prometheus and their media type; None: none are wanted now."""
        return (self._metrics.text(), CONTENT_TYPE) if self._settings.metrics.enabled else None

    def _model_facts(self) -> ModelFacts:
        return self._model()

    def _states(self) -> tuple[CameraState, ...]:
        return tuple(camera_state(one) for one in self._engine.snapshots())

    def _areas(self) -> tuple[CameraState, ...]:
        now_s = self._clock.monotonic_s()
        return tuple(area_state(one, now_s=now_s) for one in self._engine.areas())

    def _places(self) -> tuple[CameraState, ...]:
        return (*self._states(), *self._areas())

    def _storage(self) -> Storage | None:
        room = None if self._history is None else self._history.room
        return None if room is None else Storage(room.used_bytes, room.free_bytes, room.rows)

    def _outlets(
        self,
    ) -> tuple[tuple[str, Outlet[CsvFile] | Outlet[MqttSink] | Outlet[NotifySink]], ...]:
        return (("csv", self._csv), ("mqtt", self._mqtt), ("notify", self._notify))

    def _running(
        self,
    ) -> list[tuple[str, History | Evidence | CsvFile | MqttSink | NotifySink]]:
        every = (
            ("evidence", self._evidence),
            ("history", self._history),
            *((name, outlet.sink) for name, outlet in self._outlets()),
        )
        return [(name, one) for name, one in every if one is not None]

    def _new_csv(self, settings: SiteSettings) -> CsvFile | None:
        return None if settings.csv is None else CsvFile(Path(settings.csv.path))

    def _new_mqtt(self, settings: SiteSettings) -> MqttSink | None:
        self._failed.pop("mqtt", None)
        if settings.mqtt is None:
            return None
        names = [*(one.name for one in settings.camera), *(one.name for one in settings.area)]
        try:
            return make_mqtt(settings.mqtt, names, desk=self._engine, environ=self._environ)
        except MonitorError as error:
            logger.error("%s", error)  # noqa: TRY400 - a person mends it, not a programmer
            self._failed["mqtt"] = OutboxHealth(is_failing=True, message=str(error))
            return None

    def _new_notify(self, settings: SiteSettings) -> NotifySink | None:
        if settings.notify is None:
            return None
        return make_notify(settings.notify, environ=self._environ, clock=self._clock)

    def _serve_evidence(self) -> None:
        """Subscribe and watch for evidence as soon as some is wanted; once."""
        evidence = self._evidence
        if "evidence" in self._served or not evidence.is_wanted:
            return
        self._served.add("evidence")
        self._engine.subscribe(
            "evidence", on_reading=evidence.on_reading, on_event=evidence.on_event
        )
        self._watch("evidence", evidence.show, _WATCH_EVERY_S)

    def _serve(self, name: str) -> None:
        """Subscribe and watch for an outlet that has an output; once for each."""
        csv, mqtt, notify = self._csv, self._mqtt, self._notify
        if name in self._served or dict(self._outlets())[name].sink is None:
            return
        self._served.add(name)
        engine = self._engine
        if name == "csv":
            engine.subscribe("csv", on_reading=lambda one: csv.use(lambda to: to.on_reading(one)))
        elif name == "mqtt":
            engine.subscribe("mqtt", on_event=lambda one: mqtt.use(lambda to: to.on_event(one)))
            self._watch("mqtt", lambda all_: mqtt.use(lambda to: to.show(all_)), self._mqtt_every_s)
        else:
            engine.subscribe(
                "notify",
                on_reading=lambda one: notify.use(lambda to: to.on_reading(one)),
                on_event=lambda one: notify.use(lambda to: to.on_event(one)),
            )
            self._watch("notify", lambda all_: notify.use(lambda to: to.show(all_)), _WATCH_EVERY_S)

    def _mqtt_every_s(self) -> float:
        mqtt = self._settings.mqtt
        return _WATCH_EVERY_S if mqtt is None else mqtt.every_s

    def _relieve(self, name: str, former: _Kind | None, new: _Kind | None) -> None:
        """Let a new output take over from a former one, on a thread: that one may hang."""

        def run() -> None:
            if former is not None and new is not None:
                new.relieve(former, _RELIEF_WITHIN_S)
            elif former is not None:
                former.stop(_RELIEF_WITHIN_S)
            if new is not None:
                new.start()

        relief = Thread(target=run, name=f"crowd-relief-{name}", daemon=True)
        self._reliefs = [*(one for one in self._reliefs if one.is_alive()), relief]
        relief.start()
        self._serve(name)

    def _watch(
        self,
        name: str,
        show: Callable[[tuple[CameraState, ...]], None],
        every_s: float | Callable[[], float],
    ) -> None:
        """Give an output that watches a thread of its own, so that none holds up another."""

        def run() -> None:
            while not self._stop.wait(every_s() if callable(every_s) else every_s):
                try:
                    show(self._places())
                except Exception as error:  # noqa: BLE001 - one fault must not end an output
                    self._note_fault(name, error)

        self._watchers[name] = Thread(target=run, name=f"crowd-watch-{name}", daemon=True)
        self._watchers[name].start()

    def _note_fault(self, name: str, error: Exception) -> None:
        message = f"{name}: a mistake of the program ({type(error).__name__})"
        if name not in self._failed:
            logger.error("Output %s failed", name, exc_info=error)
        self._failed[name] = OutboxHealth(is_failing=True, message=message)

    def _ending(self, name: str, stop: Callable[[float], bool], timeout_s: float) -> Thread:
        thread = Thread(target=lambda: stop(timeout_s), name=f"crowd-end-{name}", daemon=True)
        thread.start()
        return thread
