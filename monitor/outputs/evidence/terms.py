"""What a site wants to be kept, as the keeper works with it."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from monitor.core.alarm import AlarmEvent
from monitor.core.privacy import Privacy
from monitor.core.rule import Measure, Priority
from monitor.outputs.evidence.clips import ClipTerms
from monitor.outputs.evidence.folder import Keeping
from monitor.settings.outputs import EvidenceSettings, PrivacySettings

_GB = 1e9
_MINUTE_S = 60.0
_MIB = 1 << 20


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
    clip: ClipTerms | None = None
    """How much video is kept; None: none."""

    def wants(self, event: AlarmEvent) -> bool:
        """Say whether a pack is kept of what happened."""
        if not event.is_new_alarm or event.priority not in self.priorities:
            return False
        return self.keeps_stream_alarms or event.measure is not Measure.STREAM


def terms_of(evidence: EvidenceSettings, privacy: PrivacySettings) -> KeepingTerms:
    """Give the terms of a site.

    Args:
        evidence: What is kept.
        privacy: What may be stored of pictures.

    Returns:
        The terms.
    """
    return KeepingTerms(
        folder=Path(evidence.folder),
        priorities=frozenset(evidence.priorities),
        keeps_stream_alarms=evidence.stream_alarms,
        before_s=_MINUTE_S * evidence.before_min,
        after_s=_MINUTE_S * evidence.after_min,
        keeping=Keeping(
            keep_for=timedelta(days=evidence.keep_days),
            bytes_max=round(_GB * evidence.max_gb),
            free_bytes_min=round(_GB * evidence.min_free_gb),
        ),
        privacy=privacy.pictures,
        clip=_clip(evidence),
    )


def _clip(evidence: EvidenceSettings) -> ClipTerms | None:
    if not evidence.clip:
        return None
    return ClipTerms(
        evidence.clip_before_s, evidence.clip_after_s, round(_MIB * evidence.clip_max_mib)
    )
