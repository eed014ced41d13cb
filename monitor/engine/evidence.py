"""Evidence of a running engine's alarms: where the keeper looks, how the journal is told.

What is kept can change while all runs, with the site file.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from monitor.core.alarm import AlarmEvent
from monitor.core.clock import Clock
from monitor.core.reading import Reading
from monitor.core.series import camera_of
from monitor.engine.engine import Engine
from monitor.engine.sources import PacketRings
from monitor.outputs.evidence.clips import why_no_clip
from monitor.outputs.evidence.facts import ModelFacts
from monitor.outputs.evidence.keeper import EvidenceKeeper
from monitor.outputs.evidence.scene import Scene
from monitor.outputs.evidence.terms import KeepingTerms, terms_of
from monitor.outputs.outbox import OutboxHealth
from monitor.outputs.state import CameraState
from monitor.settings import SiteSettings


class Evidence:
    """Keeps evidence of an engine's alarms, as the site of now wants it.

    A keeper is made when a site first asks for one. Every method is for any thread, `start`,
    `exchange` and `stop` for one at a time.
    """

    def __init__(
        self,
        engine: Engine,
        site: SiteSettings,
        *,
        clock: Clock,
        model: Callable[[], ModelFacts],
        rings: PacketRings | None = None,
        journal: Callable[[AlarmEvent], None] | None = None,
    ) -> None:
        """Prepare; nothing is kept before `start`.

        Args:
            engine: Whose alarms are kept.
            site: What a person wants to be kept.
            clock: The engine's own.
            model: Says what counts now.
            rings: Where the engine's cameras leave their video; None: nowhere.
            journal: Takes notes down once the engine was stopped and delivers none any more.
        """
        self._engine = engine
        self._clock = clock
        self._model = model
        self._rings = rings or PacketRings()
        self._journal = journal
        self._is_started = False
        self._keeper: EvidenceKeeper | None = None
        self._terms: KeepingTerms | None = None
        self.exchange(site)

    @property
    def is_wanted(self) -> bool:
        """Whether the site of now keeps any."""
        return self._terms is not None

    @property
    def health(self) -> OutboxHealth | None:
        """How writing is going now; None where none is kept."""
        keeper = self._keeper
        return None if keeper is None or not self.is_wanted else keeper.health

    def start(self) -> None:
        """Start writing in the background; once."""
        self._is_started = True
        if self._keeper is not None:
            self._keeper.start()

    def stop(self, timeout_s: float) -> bool:
        """Close packs with what came so far, write what waits, and end; False: it takes longer."""
        keeper = self._keeper
        return keeper is None or keeper.stop(timeout_s)

    def exchange(self, site: SiteSettings) -> None:
        """Keep what another site wants from the next alarm on.

        Video that may not be kept any more is let go at once.

        Args:
            site: What is wanted now.
        """
        self._terms = None if site.evidence is None else terms_of(site.evidence, site.privacy)
        terms = self._terms
        is_filmed = terms is not None and terms.clip is not None and not why_no_clip(terms.privacy)
        self._rings.bound(terms.clip.bounds if is_filmed and terms and terms.clip else None)
        if self._keeper is not None:
            self._keeper.use(terms)
        elif terms is not None:
            self._keeper = self._new_keeper(terms)
            if self._is_started:
                self._keeper.start()

    def on_reading(self, reading: Reading) -> None:
        """Remember a reading for the packs."""
        if self._keeper is not None:
            self._keeper.on_reading(reading)

    def on_event(self, event: AlarmEvent) -> None:
        """Keep what is known when an alarm begins to ring."""
        if self._keeper is not None:
            self._keeper.on_event(event)

    def show(self, states: Sequence[CameraState]) -> None:
        """Add to packs what came meanwhile; to be called now and then, with the cameras of now."""
        self._rings.keep_only({camera_of(one.name) for one in states})
        if self._keeper is not None:
            self._keeper.show(states)

    def _new_keeper(self, terms: KeepingTerms) -> EvidenceKeeper:
        engine = self._engine
        scene = Scene(engine.snapshots, engine.areas, self._members_of, self._rings.ring_of)
        return EvidenceKeeper(
            terms, scene, clock=self._clock, on_kept=self._note, model=self._model
        )

    def _members_of(self, area: str) -> Sequence[str]:
        found = [one for one in self._engine.area_settings() if one.name == area]
        names = [member.camera for one in found for member in one.member]
        return tuple(dict.fromkeys(names))

    def _note(self, event: AlarmEvent, text: str) -> None:
        at_utc = self._clock.utc()
        entry = replace(event, before=event.after, at_utc=at_utc, who="", note=text)
        if self._journal is None or self._engine.status().is_running:
            self._engine.publish_event(entry)
        else:
            self._journal(entry)
