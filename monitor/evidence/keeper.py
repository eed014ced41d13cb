"""Keeps evidence of alarms without ever holding up the counting.

An alarm that begins to ring is photographed on the thread that is told of it; a writer thread puts
the pack on the disk. What waits is bounded, and what has to be dropped is counted. A full disk is
a state of health that a person sees: the oldest packs go first, and what could not be written is
tried again.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

from monitor.clock import Clock
from monitor.evidence.counts import RecentReadings, counts_csv
from monitor.evidence.facts import UNKNOWN_MODEL, ModelFacts, SeenArea, SeenCamera
from monitor.evidence.folder import (
    AFTER,
    Keeping,
    Written,
    clear_unfinished,
    make_room,
    moment_of,
    pack_name,
    packs_in,
    write_after,
    write_pack,
)
from monitor.evidence.pictures import picture_files
from monitor.evidence.telling import Happening, alarm_json, readme_text
from monitor.outbox import Outbox, OutboxHealth, Pace
from monitor.records.alarm import AlarmEvent
from monitor.records.privacy import Privacy
from monitor.records.reading import Reading
from monitor.records.rule import Measure, Priority

logger = logging.getLogger(__name__)

WAITING_MAX = 64
"""Packs that wait for a slow disk; with two pictures of 1080p each, 100 MB at most."""
NOTE_BEGINS = "evidence kept: "
"""What the journal's entry on a pack begins with; its name and the hash of its list follow."""
_HASH_WORDS = ", manifest SHA-256 "
_PACE = Pace(flush_s=0.2, retry_s=5.0, retry_max_s=60.0)
_RING_SPARE_S = 60.0
_ABANDONED_AFTER = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class KeepingTerms:
    """What is kept, of which alarms, where."""

    folder: Path
    priorities: frozenset[Priority] = frozenset({Priority.HIGH, Priority.MEDIUM})
    keeps_stream_alarms: bool = False
    """Whether a camera's own alarm, that it cannot be counted, is kept too."""
    before_s: float = 600.0
    after_s: float = 600.0
    keeping: Keeping = field(default_factory=Keeping)
    privacy: Privacy = Privacy.AS_THEY_ARE

    def wants(self, event: AlarmEvent) -> bool:
        """Say whether a pack is kept of what happened."""
        if not event.is_new_alarm or event.priority not in self.priorities:
            return False
        return self.keeps_stream_alarms or event.measure is not Measure.STREAM


@dataclass(frozen=True, slots=True)
class Scene:
    """Where the keeper looks."""

    cameras: Callable[[], Sequence[SeenCamera]]
    areas: Callable[[], Sequence[SeenArea]]
    members_of: Callable[[str], Sequence[str]]
    """Names of the cameras that see an area."""


@dataclass(eq=False, slots=True)
class _Job:
    """A pack on its way: first what was, then what came after."""

    event: AlarmEvent
    at_s: float
    """Monotonic clock at the alarm."""
    files: dict[str, bytes]
    written: Written | None = None
    is_after: bool = False
    is_cut_short: bool = False
    """Whether the program ended before the minutes after were over."""


class EvidenceKeeper:
    """Keeps packs. `on_reading`, `on_event` and `show` return soon; a thread of its own writes."""

    def __init__(
        self,
        terms: KeepingTerms,
        scene: Scene,
        *,
        clock: Clock,
        on_kept: Callable[[AlarmEvent, str], None],
        model: Callable[[], ModelFacts] = lambda: UNKNOWN_MODEL,
    ) -> None:
        """Prepare; nothing is written before `start`.

        Args:
            terms: What is kept.
            scene: Where to look when an alarm rings.
            clock: Where time comes from.
            on_kept: Called on the writer thread with the alarm and a note for the journal, which
                names the pack and the hash that proves it.
            model: Says what counts now; called on the thread of `on_event`, may take a while.
        """
        self._terms = terms
        self._scene = scene
        self._clock = clock
        self._on_kept = on_kept
        self._model = model
        self._recent = RecentReadings(max(terms.before_s, terms.after_s) + _RING_SPARE_S)
        self._lock = Lock()
        self._pending: list[_Job] = []
        self._outbox: Outbox[_Job] = Outbox(
            "evidence",
            self._write,
            close=lambda: None,
            waiting_max=WAITING_MAX,
            batch_max=1,
            pace=_PACE,
        )
        self._is_tidy = False

    def start(self) -> None:
        """Start writing in the background; once."""
        self._outbox.start()

    def stop(self, timeout_s: float = 10.0) -> bool:
        """Close packs with what came after so far, write what waits, and end."""
        with self._lock:
            pending, self._pending = self._pending, []
        for job in pending:
            self._finish(job, is_cut_short=True)
        return self._outbox.stop(timeout_s)

    @property
    def health(self) -> OutboxHealth:
        """How writing is going now; what was lost are packs."""
        return self._outbox.health

    def on_reading(self, reading: Reading) -> None:
        """Remember a reading for the packs."""
        self._recent.add(reading)

    def on_event(self, event: AlarmEvent) -> None:
        """Photograph an alarm that begins to ring."""
        if not self._terms.wants(event):
            return
        now_s = self._clock.monotonic_s()
        happening = self._happening(event, now_s)
        job = _Job(event, now_s, self._files(happening, now_s))
        with self._lock:
            self._pending.append(job)
        self._outbox.put(job)

    def show(self, states: Sequence[object]) -> None:
        """Close the packs whose minutes after the alarm are over; to be called now and then.

        Args:
            states: How the cameras are, as every watching output is told; not needed here.
        """
        now_s = self._clock.monotonic_s()
        with self._lock:
            due = [one for one in self._pending if now_s >= one.at_s + self._terms.after_s]
            self._pending = [one for one in self._pending if one not in due]
        for job in due:
            self._finish(job, is_cut_short=False)

    def _happening(self, event: AlarmEvent, now_s: float) -> Happening:
        cameras = {one.name: one for one in self._scene.cameras()}
        place: SeenCamera | SeenArea | None = cameras.get(event.camera)
        seen: tuple[SeenCamera, ...] = ()
        if event.camera in cameras:
            seen = (cameras[event.camera],)
        else:
            place = next((one for one in self._scene.areas() if one.name == event.camera), None)
            names = self._scene.members_of(event.camera)
            seen = tuple(cameras[name] for name in names if name in cameras)
        alarms = () if place is None else place.alarms
        rule = next((one.rule for one in alarms if one.alarm_id == event.alarm_id), None)
        reading = None if place is None else place.reading
        age_s = None if reading is None else now_s - reading.captured_s
        return Happening(event, rule, place, seen, age_s)

    def _files(self, happening: Happening, now_s: float) -> dict[str, bytes]:
        terms, event = self._terms, happening.event
        before = self._recent.between(event.camera, now_s - terms.before_s, now_s)
        files = {
            "counts-before.csv": counts_csv(before),
            "README.txt": readme_text(
                event, terms.privacy, before_s=terms.before_s, after_s=terms.after_s
            ),
        }
        is_area = len(happening.cameras) > 1
        for number, camera in enumerate(happening.cameras, start=1):
            prefix = f"{number}-" if is_area else ""
            files |= picture_files(camera, terms.privacy, prefix=prefix)
        model = self._model()
        files["alarm.json"] = alarm_json(happening, model, terms.privacy)
        files["model.json"] = model.manifest.encode("utf-8", "replace")
        return files

    def _finish(self, job: _Job, *, is_cut_short: bool) -> None:
        job.is_after, job.is_cut_short = True, is_cut_short
        self._outbox.put(job)

    def _write(self, batch: Sequence[_Job]) -> None:
        """Write one step of one pack, on the writer thread; raises `OutputError`."""
        now_utc = self._clock.utc()
        self._tidy_up(now_utc)
        for job in batch:
            if job.written is None:
                name = pack_name(job.event.alarm_id, job.event.at_utc)
                make_room(self._terms.folder, self._terms.keeping, now_utc)
                job.written = write_pack(self._terms.folder, name, job.files, now_utc)
                job.files = {}
                self._on_kept(job.event, note_of(job.written))
            if job.is_after:
                stop_s = job.at_s + self._terms.after_s
                after = self._recent.between(job.event.camera, job.at_s, stop_s)
                files = {"counts-after.csv": counts_csv(after)}
                if job.is_cut_short:
                    files["README.txt"] = b"The program ended before these minutes were over.\n"
                write_after(job.written.path, files, now_utc)

    def _tidy_up(self, now_utc: datetime) -> None:
        """Once: take away what was half written, close packs that a crash has left open."""
        if self._is_tidy:
            return
        self._is_tidy = True
        clear_unfinished(self._terms.folder)
        latest = now_utc - timedelta(seconds=self._terms.after_s) - _ABANDONED_AFTER
        for pack in packs_in(self._terms.folder):
            moment = moment_of(pack.name)
            if moment is not None and moment < latest and not (pack / AFTER).exists():
                told = b"The program was ended in these minutes; the history may know of them.\n"
                write_after(pack, {"README.txt": told}, now_utc)


def note_of(written: Written) -> str:
    """Give the words with which the journal notes a pack."""
    return f"{NOTE_BEGINS}{written.path.name}{_HASH_WORDS}{written.manifest_sha256}"


def pack_of_note(note: str) -> tuple[str, str] | None:
    """Read the name of a pack and the hash of its list out of a journal's note.

    Args:
        note: Of any entry.

    Returns:
        Both; None where the entry is about something else.
    """
    if not note.startswith(NOTE_BEGINS):
        return None
    name, _, sha256 = note.removeprefix(NOTE_BEGINS).partition(_HASH_WORDS)
    return name, sha256
