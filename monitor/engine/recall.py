"""Alarms that were put aside before a restart stay aside for the rest of their time.

Whoever shelved an alarm for a drill does not sit there to do so again when the program is updated.
What is still to be shelved stands in the alarm journal; nothing else is kept for it.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from threading import Thread

from monitor.alarms.machine import SHELVE_MAX_S
from monitor.core.alarm import AlarmEvent, AlarmState
from monitor.core.clock import Clock
from monitor.core.errors import MonitorError
from monitor.engine.engine import Engine
from monitor.outputs.history.history import History

logger = logging.getLogger(__name__)

_AGAIN = " (as before the restart)"


def standing_shelvings(events: Sequence[AlarmEvent], now_utc: datetime) -> tuple[AlarmEvent, ...]:
    """Find what is still put aside.

    Args:
        events: The journal of the last hours, in the order of writing.
        now_utc: Time of day.

    Returns:
        The newest entry that put each alarm aside whose time is not over.
    """
    standing: dict[str, AlarmEvent] = {}
    for one in events:
        if one.after is not AlarmState.SHELVED:
            if one.before is not one.after:  # a note, as on evidence, changes nothing
                standing.pop(one.alarm_id, None)
        elif one.until_utc is not None:
            standing[one.alarm_id] = one
    return tuple(one for one in standing.values() if one.until_utc and one.until_utc > now_utc)


def recall_shelvings(engine: Engine, history: History, clock: Clock) -> None:
    """Put the alarms aside again that were aside when the program ended; waits for the disk.

    What cannot be looked up rings: that is the safe side.

    Args:
        engine: Which has just been made.
        history: Whose journal knows.
        clock: The engine's own.
    """
    now_utc = clock.utc()
    start = now_utc - timedelta(seconds=SHELVE_MAX_S)
    try:
        events = history.events_between(start, now_utc + timedelta(seconds=1))
    except MonitorError as error:
        logger.warning("What was shelved before the restart rings again: %s", error)
        return
    for one in standing_shelvings(events, now_utc):
        assert one.until_utc is not None, "it stands"
        left_s = (one.until_utc - now_utc).total_seconds()
        reason = one.note.partition(": ")[2].removesuffix(_AGAIN) or "no reason was kept"
        try:
            engine.shelve(
                one.alarm_id,
                one.who or "somebody",
                duration_s=min(left_s, SHELVE_MAX_S),
                reason=f"{reason}{_AGAIN}",
            )
        except KeyError:  # its rule or camera was taken away meanwhile
            logger.info("Alarm %s was shelved and is no longer there", one.alarm_id)


def recall_thread(engine: Engine, history: History, clock: Clock) -> Thread:
    """Give a thread that does so, so that a database that is away holds up no start."""
    return Thread(
        target=lambda: recall_shelvings(engine, history, clock), name="crowd-recall", daemon=True
    )
