"""Numbers for Prometheus: what a person who keeps the program running wants to see over months.

The names are a contract: dashboards and alert rules are written against them. A count that is
lost has no sample, so that nobody takes it for 0. No label ever holds an address.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from threading import Lock

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from monitor.core.alarm import AlarmEvent, AlarmState
from monitor.core.clock import Clock, SystemClock
from monitor.core.errors import LOSS_REASONS
from monitor.core.reading import Quality, Reading
from monitor.core.rule import Priority
from monitor.core.zone import ZoneReading
from monitor.outputs.outbox import OutboxHealth
from monitor.outputs.state import CameraState

CONTENT_TYPE = CONTENT_TYPE_LATEST
"""Media type of `Metrics.text`."""

_LATENCY_S = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)
_BATCHES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
_ANSWER_S = (5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0)
STAGES = ("decode", "queue", "preprocess", "inference", "postprocess")
"""Stages whose seconds `monitor.core.reading.Stages` holds."""
_RINGING = frozenset({AlarmState.UNACKNOWLEDGED, AlarmState.RETURNED_UNACKNOWLEDGED})
_ACTIVE = _RINGING | {AlarmState.ACKNOWLEDGED}
_WHOLE_PICTURE = ""


@dataclass(frozen=True, slots=True)
class Backend:
    """What counts, and where."""

    model: str
    provider: str
    """What runs it: cpu, cuda, …"""
    device: str
    """What it runs on: the processor or the card by its name."""
    precision: str
    sha256: str
    """Hash of what the model file was made from; empty where it is not known."""


@dataclass(frozen=True, slots=True)
class Storage:
    """How much room the history takes and finds."""

    used_bytes: int
    free_bytes: int | None
    """None where the database is a server."""
    rows: int


@dataclass(frozen=True, slots=True)
class Sources:
    """Who is asked when somebody asks for metrics; each must answer at once, on any thread."""

    cameras: Callable[[], Sequence[CameraState]]
    outputs: Callable[[], Mapping[str, OutboxHealth]]
    storage: Callable[[], Storage | None]
    stream_states: Sequence[str]
    """Every state that a stream can be in."""
    backend: Callable[[], Backend | None] = lambda: None
    areas: Callable[[], Sequence[CameraState]] = tuple
    """Places that several cameras see; they have counts and alarms, but no frames."""


class Metrics:
    """Counts what passes and gives all numbers as text; every method is for any thread."""

    def __init__(self, sources: Sources, *, clock: Clock | None = None) -> None:
        """Prepare a registry of its own; nothing is served here.

        Args:
            sources: Who is asked.
            clock: The engine's own; None: this machine's.
        """
        self._clock = clock or SystemClock()
        self._registry = CollectorRegistry()
        self._registry.register(_CameraCollector(sources))
        self._registry.register(_HouseCollector(sources))
        ProcessCollector(registry=self._registry)
        self._inferred = self._counter("crowd_frames_inferred", "Frames counted.", "camera")
        self._alarms = self._counter(
            "crowd_alarms", "Alarms that began to ring.", "camera", "rule", "priority"
        )
        self._latency = Histogram(
            "crowd_latency_seconds",
            "Seconds a picture took, by stage; total: from its capture to the finished count.",
            ("camera", "stage"), buckets=_LATENCY_S, registry=self._registry,
        )  # fmt: skip
        self._batch = Histogram(
            "crowd_inference_batch_size",
            "Pictures that shared the run of the model in which a picture was counted.",
            buckets=_BATCHES, registry=self._registry,
        )  # fmt: skip
        self._answer = Histogram(
            "crowd_alarm_ack_seconds",
            "Seconds from the ringing of an alarm to its acknowledgement.",
            ("priority",), buckets=_ANSWER_S, registry=self._registry,
        )  # fmt: skip
        self._lock = Lock()
        self._rang: dict[str, float] = {}

    def text(self) -> bytes:
        """Give all numbers now, in the format that `CONTENT_TYPE` names."""
        return generate_latest(self._registry)

    def on_reading(self, reading: Reading) -> None:
        """Count a reading; that of an area was made of others and not of a picture."""
        stages = reading.stages
        if stages is None:
            return
        age_s = self._clock.monotonic_s() - reading.captured_s
        self._inferred.labels(reading.camera).inc()
        self._batch.observe(stages.batch_size)
        took_s = {stage: getattr(stages, f"{stage}_s") for stage in STAGES} | {"total": age_s}
        for stage, seconds in took_s.items():
            self._latency.labels(reading.camera, stage).observe(max(0.0, seconds))

    def on_event(self, event: AlarmEvent) -> None:
        """Count a transition of an alarm."""
        now_s = self._clock.monotonic_s()
        if event.is_new_alarm:
            rule, priority = event.rule_name, event.priority.value
            self._alarms.labels(event.camera, rule, priority).inc()
            with self._lock:
                self._rang.setdefault(event.alarm_id, now_s)
        elif event.before in _RINGING and event.after not in _RINGING:
            with self._lock:
                rang_s = self._rang.pop(event.alarm_id, None)
            if rang_s is not None and event.who:
                self._answer.labels(event.priority.value).observe(now_s - rang_s)

    def _counter(self, name: str, help_text: str, *labels: str) -> Counter:
        return Counter(name, help_text, labels, registry=self._registry)


class _CameraCollector(Collector):
    """What can be read off the cameras whenever somebody asks."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def collect(self) -> Iterable[Metric]:
        states = self._sources.cameras()
        places = [*states, *self._sources.areas()]
        yield from _crowd_metrics(places)
        yield from _frame_metrics(states)
        yield _one_hot("stream_state", "What the stream is doing.", "state", [
            (one.name, one.stream, self._sources.stream_states) for one in states
        ])  # fmt: skip
        qualities = [one.value for one in Quality]
        yield _one_hot("quality", "How far the newest count can be trusted.", "quality", [
            (one.name, one.quality.value, qualities) for one in places
        ])  # fmt: skip
        active = _gauge("alarms_active", "Alarms that stand, answered or not.", "priority")
        for priority in Priority:
            alarms = [one for place in places for one in place.alarms]
            active.add_metric([priority.value], sum(
                one.priority is priority and one.state in _ACTIVE for one in alarms
            ))  # fmt: skip
        yield active


def _crowd_metrics(states: Sequence[CameraState]) -> Iterable[Metric]:
    where = ("camera", "zone")
    count = _gauge("count", "People in the picture, or in a zone of it.", *where)
    low = _gauge("count_low", "Lower bound of the 90 % interval, people.", *where)
    high = _gauge("count_high", "Upper bound of the 90 % interval, people.", *where)
    mean = _gauge("density_mean", "People per square meter, averaged.", *where)
    peak = _gauge("density_peak", "People per square meter where it is fullest.", *where)
    for state in states:
        reading = state.current
        if reading is None:
            continue
        parts: list[tuple[str, Reading | ZoneReading]] = [(_WHOLE_PICTURE, reading)]
        parts += [(zone.name, zone) for zone in reading.zones]
        for zone_name, part in parts:
            crowding = part.crowding
            _add(count, [state.name, zone_name], part.count)
            _add(low, [state.name, zone_name], part.low)
            _add(high, [state.name, zone_name], part.high)
            _add(mean, [state.name, zone_name], None if crowding is None else crowding.mean_m2)
            _add(peak, [state.name, zone_name], None if crowding is None else crowding.peak_m2)
    return count, low, high, mean, peak


def _frame_metrics(states: Sequence[CameraState]) -> Iterable[Metric]:
    received = _total("frames_received", "Frames that came.", "camera")
    decoded = _total("frames_decoded", "Frames that were decoded whole.", "camera")
    dropped = _total("frames_dropped", "Frames never counted, and why.", "camera", "reason")
    damaged = _total("frames_damaged", "Frames that the decoder called damaged.", "camera")
    corrupt = _total("packets_corrupt", "Packets missing, corrupt or not decodable.", "camera")
    reconnects = _total("reconnects", "Streams lost and looked for again.", "camera", "reason")
    frame_age = _gauge("frame_age_seconds", "Seconds since the newest frame came.", "camera")
    count_age = _gauge("count_age_seconds", "Seconds since the counted picture.", "camera")
    rate = _gauge("counts_per_second", "Counts a second, over the last seconds.", "camera")
    for one in states:
        received.add_metric([one.name], one.frames_received)
        decoded.add_metric([one.name], one.frames_received - one.frames_damaged)
        dropped.add_metric([one.name, "newer frame came"], one.frames_dropped)
        damaged.add_metric([one.name], one.frames_damaged)
        corrupt.add_metric([one.name], one.packets_corrupt)
        for reason, times in (dict.fromkeys(LOSS_REASONS, 0) | dict(one.losses)).items():
            reconnects.add_metric([one.name, reason], times)
        rate.add_metric([one.name], one.counts_hz)
        _add(frame_age, [one.name], one.picture_age_s)
        _add(count_age, [one.name], one.age_s)
    return received, decoded, dropped, damaged, corrupt, reconnects, frame_age, count_age, rate


class _HouseCollector(Collector):
    """What can be read off the program itself whenever somebody asks."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def collect(self) -> Iterable[Metric]:
        yield from _output_metrics(self._sources.outputs())
        storage = self._sources.storage()
        free = _gauge("storage_free_bytes", "Room left for the history, bytes.")
        used = _gauge("storage_used_bytes", "Room that the history takes, bytes.")
        rows = _gauge("db_rows", "Readings that the history keeps, about.")
        if storage is not None:
            _add(free, [], storage.free_bytes)
            _add(used, [], storage.used_bytes)
            _add(rows, [], storage.rows)
        yield from (free, used, rows)
        labels = ("model", "provider", "device", "precision", "sha")
        info = _gauge("backend_info", "What counts and where; always 1.", *labels)
        backend = self._sources.backend()
        if backend is not None:
            info.add_metric(list(astuple(backend)), 1)
        yield info


def _output_metrics(outputs: Mapping[str, OutboxHealth]) -> Iterable[Metric]:
    written = _total("output_written", "Items that an output took.", "output")
    lost = _total("output_lost", "Items that an output never got.", "output")
    waiting = _gauge("output_waiting", "Items on their way to an output.", "output")
    failing = _gauge("output_failing", "1 while an output cannot be written to.", "output")
    for name, health in outputs.items():
        written.add_metric([name], health.written)
        lost.add_metric([name], health.lost)
        waiting.add_metric([name], health.waiting)
        failing.add_metric([name], float(health.is_failing))
    return written, lost, waiting, failing


def _gauge(name: str, help_text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"crowd_{name}", help_text, labels=labels)


def _total(name: str, help_text: str, *labels: str) -> CounterMetricFamily:
    return CounterMetricFamily(f"crowd_{name}", help_text, labels=labels)


def _one_hot(
    name: str, help_text: str, label: str, cameras: Iterable[tuple[str, str, Sequence[str]]]
) -> Metric:
    """Give one sample for each state that there is: 1 for the one that holds, 0 for the others."""
    family = _gauge(name, help_text, "camera", label)
    for camera, now, every in cameras:
        for one in every:
            family.add_metric([camera, one], float(one == now))
    return family


def _add(family: GaugeMetricFamily, labels: Sequence[str], value: float | None) -> None:
    if value is not None:
        family.add_metric(labels, value)
