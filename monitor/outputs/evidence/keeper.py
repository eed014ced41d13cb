"""Keeps evidence of alarms without ever holding up the counting.

An alarm that begins to ring is photographed on the thread that is told of it; a writer thread puts
the pack on the disk, makes files of the video around the alarm, and adds the counts of the minutes
after. What waits is bounded, and what has to be dropped is counted. A full disk is a state of
health that a person sees: the oldest packs go first, and what could not be written is tried again.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from pathlib import Path
from threading import Lock
from weakref import WeakSet

from monitor.core.alarm import AlarmEvent
from monitor.core.clock import Clock
from monitor.core.reading import Reading
from monitor.outputs.evidence.clips import (
    TakenClip,
    WaitingClip,
    clip_files,
    refused,
    take_clip,
    waiting_clip,
    why_no_clip,
)
from monitor.outputs.evidence.counts import RecentReadings, counts_csv
from monitor.outputs.evidence.facts import UNKNOWN_MODEL, ModelFacts
from monitor.outputs.evidence.folder import (
    AFTER,
    CLIP,
    Written,
    clear_unfinished,
    make_room,
    moment_of,
    pack_name,
    packs_in,
    write_pack,
    write_part,
)
from monitor.outputs.evidence.notes import clip_note_of, note_of
from monitor.outputs.evidence.pictures import picture_files
from monitor.outputs.evidence.scene import Scene, happening_at
from monitor.outputs.evidence.telling import Happening, alarm_json, readme_text
from monitor.outputs.evidence.terms import KeepingTerms
from monitor.outputs.outbox import Outbox, OutboxHealth, Pace

logger = logging.getLogger(__name__)

WAITING_MAX = 64
"""Packs that wait for a slow disk; with two pictures of 1080p each, 100 MB at most."""
WAITING_CLIPS_BYTES_MAX = 512 << 20
"""Memory for video that waits for a slow disk; beyond it a pack says why it has none."""
_PACE = Pace(flush_s=0.2, retry_s=5.0, retry_max_s=60.0)
_RING_SPARE_S = 60.0
_ABANDONED_AFTER = timedelta(minutes=2)


class _Part(Enum):
    """What of a pack is written."""

    FIRST = auto()
    CLIP = auto()
    AFTER = auto()


@dataclass(eq=False, slots=True)
class _Job:
    """A pack on its way: first what was, then its video and what came after."""

    event: AlarmEvent
    at_s: float
    """Monotonic clock at the alarm."""
    files: dict[str, bytes]
    terms: KeepingTerms
    """Those that held when it rang."""
    clip: WaitingClip | None
    awaits_after: bool = True
    """Whether the minutes after it are still to come."""
    written: Written | None = None

    @property
    def after_due_s(self) -> float:
        """Monotonic clock at which the minutes after it are over."""
        return self.at_s + self.terms.after_s


@dataclass(eq=False, frozen=True, slots=True, weakref_slot=True)
class _Step:
    """One of the writes of a pack."""

    job: _Job
    part: _Part
    clip: TakenClip | None = None
    is_cut_short: bool = False
    """Whether the program ended before the minutes after were over."""


class EvidenceKeeper:
    """Keeps packs. `on_reading`, `on_event` and `show` return soon; a thread of its own writes."""

    def __init__(
        self,
        terms: KeepingTerms | None,
        scene: Scene,
        *,
        clock: Clock,
        on_kept: Callable[[AlarmEvent, str], None],
        model: Callable[[], ModelFacts] = lambda: UNKNOWN_MODEL,
    ) -> None:
        """Prepare; nothing is written before `start`.

        Args:
            terms: What is kept; None: nothing, until other terms are used.
            scene: Where to look when an alarm rings.
            clock: Where time comes from.
            on_kept: Called on the writer thread with the alarm and a note for the journal, which
                names the pack and the hash that proves it, or its video.
            model: Says what counts now; called on the thread of `on_event`, may take a while.
        """
        self._terms = terms
        self._scene = scene
        self._clock = clock
        self._on_kept = on_kept
        self._model = model
        self._recent = RecentReadings(_remembered_s(terms))
        self._lock = Lock()
        self._pending: list[_Job] = []
        self._waiting_clips: WeakSet[_Step] = WeakSet()
        self._outbox: Outbox[_Step] = Outbox(
            "evidence",
            self._write,
            close=lambda: None,
            waiting_max=WAITING_MAX,
            batch_max=1,
            pace=_PACE,
        )
        self._tidied: set[Path] = set()

    def start(self) -> None:
        """Start writing in the background; once."""
        self._outbox.start()

    def stop(self, timeout_s: float = 10.0) -> bool:
        """Close packs with what came after so far, write what waits, and end."""
        with self._lock:
            pending, self._pending = self._pending, []
        for job in pending:
            self._take_clip(job)
            if job.awaits_after:
                self._close(job, is_cut_short=True)
        return self._outbox.stop(timeout_s)

    def use(self, terms: KeepingTerms | None) -> None:
        """Keep by other terms from the next alarm on; any thread.

        Packs that are begun are finished in their folder; of their video nothing is kept where the
        new terms forbid it.

        Args:
            terms: What is kept; None: nothing.
        """
        self._terms = terms
        with self._lock:
            begun = [one.terms for one in self._pending]
        self._recent.keep(max(_remembered_s(one) for one in (terms, *begun)))

    @property
    def health(self) -> OutboxHealth:
        """How writing is going now; what was lost are packs or parts of them."""
        return self._outbox.health

    def on_reading(self, reading: Reading) -> None:
        """Remember a reading for the packs."""
        self._recent.add(reading)

    def on_event(self, event: AlarmEvent) -> None:
        """Photograph an alarm that begins to ring."""
        terms = self._terms
        if terms is None or not terms.wants(event):
            return
        now_s = self._clock.monotonic_s()
        happening = happening_at(self._scene, event, now_s)
        clip: WaitingClip | None = None
        if terms.clip is not None and not why_no_clip(terms.privacy):
            names = [one.name for one in happening.cameras]
            clip = waiting_clip(terms.clip, now_s, names, self._scene.ring_of)
        job = _Job(event, now_s, self._files(terms, happening, now_s), terms, clip)
        with self._lock:
            self._pending.append(job)
        self._outbox.put(_Step(job, _Part.FIRST))

    def show(self, states: Sequence[object]) -> None:
        """Take the video and the minutes after an alarm that are over; call it now and then.

        Args:
            states: How the cameras are, as every watching output is told; not needed here.
        """
        now_s = self._clock.monotonic_s()
        with self._lock:
            pending = tuple(self._pending)
        for job in pending:
            if job.clip is not None and now_s >= job.clip.due_s:
                self._take_clip(job)
            if job.awaits_after and now_s >= job.after_due_s:
                self._close(job)
        with self._lock:
            self._pending = [one for one in self._pending if one.awaits_after or one.clip]

    def _close(self, job: _Job, *, is_cut_short: bool = False) -> None:
        """Have the minutes after an alarm written as far as they came; once for each pack."""
        job.awaits_after = False
        self._outbox.put(_Step(job, _Part.AFTER, is_cut_short=is_cut_short))

    def _take_clip(self, job: _Job) -> None:
        """Take a pack's video as far as it came, and send it to the disk; once for each pack."""
        waiting, job.clip = job.clip, None
        if waiting is None:
            return
        taken = take_clip(waiting)
        held = sum(one.clip.size_bytes for one in self._waiting_clips if one.clip is not None)
        if held + taken.size_bytes > WAITING_CLIPS_BYTES_MAX:
            taken = refused(taken, "the disk was too slow: too much video waited for it")
        step = _Step(job, _Part.CLIP, taken)
        self._waiting_clips.add(step)
        self._outbox.put(step)

    def _files(self, terms: KeepingTerms, happening: Happening, now_s: float) -> dict[str, bytes]:
        event = happening.event
        before = self._recent.between(event.camera, now_s - terms.before_s, now_s)
        files = {
            "counts-before.csv": counts_csv(before),
            "README.txt": readme_text(
                event,
                terms.privacy,
                before_s=terms.before_s,
                after_s=terms.after_s,
                clip=terms.clip,
            ),
        }
        is_area = len(happening.cameras) > 1
        for number, camera in enumerate(happening.cameras, start=1):
            prefix = f"{number}-" if is_area else ""
            files |= picture_files(camera, terms.privacy, prefix=prefix)
        model = self._model()
        files["alarm.json"] = alarm_json(happening, model, terms.privacy, terms.clip)
        files["model.json"] = model.manifest.encode("utf-8", "replace")
        return files

    def _write(self, batch: Sequence[_Step]) -> None:
        """Write one step of one pack, on the writer thread; raises `OutputError`."""
        now_utc = self._clock.utc()
        for step in batch:
            job = step.job
            self._tidy_up(job.terms, now_utc)
            if job.written is None:
                name = pack_name(job.event.alarm_id, job.event.at_utc)
                make_room(job.terms.folder, job.terms.keeping, now_utc)
                job.written = write_pack(job.terms.folder, name, job.files, now_utc)
                job.files = {}
                self._on_kept(job.event, note_of(job.written))
            if step.part is _Part.CLIP and step.clip is not None:
                self._write_clip(job, job.written.path, step.clip, now_utc)
            elif step.part is _Part.AFTER:
                self._write_after(job, job.written.path, step, now_utc)

    def _write_clip(self, job: _Job, pack: Path, clip: TakenClip, now_utc: datetime) -> None:
        terms = self._terms
        privacy = job.terms.privacy if terms is None else terms.privacy
        if why := why_no_clip(privacy):  # since the alarm rang somebody has forbidden it
            clip = refused(clip, why)
        make_room(job.terms.folder, job.terms.keeping, now_utc)
        written = write_part(pack, CLIP, clip_files(clip, job.event), now_utc)
        if written is not None:
            self._on_kept(job.event, clip_note_of(pack.name, written))

    def _write_after(self, job: _Job, pack: Path, step: _Step, now_utc: datetime) -> None:
        after = self._recent.between(job.event.camera, job.at_s, job.after_due_s)
        files = {"counts-after.csv": counts_csv(after)}
        if step.is_cut_short:
            files["README.txt"] = b"The program ended before these minutes were over.\n"
        write_part(pack, AFTER, files, now_utc)

    def _tidy_up(self, terms: KeepingTerms, now_utc: datetime) -> None:
        """Once a folder: clear what was half written, close packs that a crash has left open."""
        if terms.folder in self._tidied:
            return
        self._tidied.add(terms.folder)
        clear_unfinished(terms.folder)
        latest = now_utc - timedelta(seconds=terms.after_s) - _ABANDONED_AFTER
        for pack in packs_in(terms.folder):
            moment = moment_of(pack.name)
            if moment is not None and moment < latest and not (pack / AFTER).exists():
                told = b"The program was ended in these minutes; the history may know of them.\n"
                write_part(pack, AFTER, {"README.txt": told}, now_utc)


def _remembered_s(terms: KeepingTerms | None) -> float:
    return 0.0 if terms is None else max(terms.before_s, terms.after_s) + _RING_SPARE_S
