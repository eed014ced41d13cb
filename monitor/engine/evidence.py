"""Evidence of a running engine's alarms: where the keeper looks, and how the journal is told."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from monitor.clock import Clock
from monitor.engine.engine import Engine
from monitor.evidence.facts import ModelFacts
from monitor.evidence.keeper import EvidenceKeeper, Scene
from monitor.evidence.terms import terms_of
from monitor.records.alarm import AlarmEvent
from monitor.settings import SiteSettings


def evidence_keeper(
    engine: Engine, site: SiteSettings, *, clock: Clock, model: Callable[[], ModelFacts]
) -> EvidenceKeeper | None:
    """Make what keeps evidence of an engine's alarms.

    Args:
        engine: Whose alarms are kept.
        site: What a person wants to be kept.
        clock: The engine's own.
        model: Says what counts now.

    Returns:
        The keeper; None where the site keeps none.
    """
    if site.evidence is None:
        return None

    def members_of(area: str) -> Sequence[str]:
        found = [one for one in engine.area_settings() if one.name == area]
        names = [member.camera for one in found for member in one.member]
        return tuple(dict.fromkeys(names))

    def note(event: AlarmEvent, text: str) -> None:
        entry = replace(event, before=event.after, at_utc=clock.utc(), who="", note=text)
        engine.publish_event(entry)

    terms = terms_of(site.evidence, site.privacy)
    scene = Scene(engine.snapshots, engine.areas, members_of)
    return EvidenceKeeper(terms, scene, clock=clock, on_kept=note, model=model)
