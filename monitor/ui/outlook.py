"""When a limit may be reached, looked at now and then for each camera, and in words."""

from collections.abc import Mapping, Sequence

from monitor.alarms.outlook import RuleOutlook, limit_outlook
from monitor.engine.snapshot import CameraSnapshot
from monitor.ui.session import CameraSession
from monitor.ui.speech import translate
from monitor.ui.text import value_text

_MINUTE_S = 60.0


class Outlooks:
    """The outlook of each camera; lives on the GUI thread, and takes it some 4 ms at a time."""

    def __init__(self) -> None:
        self._found: dict[str, RuleOutlook | None] = {}
        self._next = 0

    def of(self, name: str) -> RuleOutlook | None:
        """Give what was found of a camera last; None: nothing to tell."""
        return self._found.get(name)

    def look(
        self, snapshots: Sequence[CameraSnapshot], sessions: Mapping[str, CameraSession]
    ) -> None:
        """Look at the next camera in turn.

        Args:
            snapshots: All cameras now.
            sessions: What the window remembers of each.
        """
        if not snapshots:
            return
        self._next = (self._next + 1) % len(snapshots)
        snapshot = snapshots[self._next]
        session = sessions.get(snapshot.name)
        readings = () if session is None else tuple(session.recent)
        self._found[snapshot.name] = limit_outlook(readings, snapshot.rules)


def outlook_text(found: RuleOutlook | None) -> str:
    """Say when a limit may be reached.

    Args:
        found: What was found; None: nothing to tell.

    Returns:
        For example `limit 180 people in about 4 min (2 to 9)`; empty where there is nothing.
    """
    if found is None:
        return ""
    rule = found.rule
    words = (
        _tr("limit {limit} in {zone} {when}")
        if rule.zone is not None
        else _tr("limit {limit} {when}")
    )
    limit = value_text(rule.limit, rule.measure)
    return words.format(limit=limit, zone=rule.zone, when=_when(found))


def short_outlook_text(found: RuleOutlook | None) -> str:
    """Say so in a place with little room; empty where there is nothing."""
    return "" if found is None else _tr("limit {when}").format(when=_when(found))


def _when(found: RuleOutlook) -> str:
    outlook = found.outlook
    about, soonest = _minutes(outlook.in_s), _minutes(outlook.soonest_s)
    if outlook.latest_s is None:
        words = _tr("in about {about} min ({soonest} or more)")
        return words.format(about=about, soonest=soonest)
    latest = _minutes(outlook.latest_s)
    if soonest == about == latest:
        return _tr("in about {about} min").format(about=about)
    words = _tr("in about {about} min ({soonest} to {latest})")
    return words.format(about=about, soonest=soonest, latest=latest)


def _minutes(seconds: float) -> int:
    return max(1, round(seconds / _MINUTE_S))


def _tr(text: str) -> str:
    return translate("Outlook", text)
