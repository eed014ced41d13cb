"""What a site wants to be kept, as the keeper works with it."""

from datetime import timedelta
from pathlib import Path

from monitor.evidence.folder import Keeping
from monitor.evidence.keeper import KeepingTerms
from monitor.settings.evidence import EvidenceSettings, PrivacySettings

_GB = 1e9
_MINUTE_S = 60.0


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
    )
