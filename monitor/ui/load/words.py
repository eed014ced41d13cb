"""The load of alarms in words, as pure functions."""

from monitor.alarms.alarm_load import (
    ACCEPTABLE_PER_HOUR,
    CHATTER_ALARMS,
    FLOOD_ALARMS,
    MANAGEABLE_PER_HOUR,
    AlarmCount,
    AlarmLoad,
)
from monitor.ui.alarms.entries import priority_words
from monitor.ui.language import translate, written
from monitor.ui.text import age_text


def verdict_words(load: AlarmLoad) -> str:
    """Say whether one person can answer so many alarms."""
    if load.per_hour > MANAGEABLE_PER_HOUR:
        return _tr("More than one person can answer")
    if load.busiest_hour > MANAGEABLE_PER_HOUR:
        return _tr("On average well answered, but not in the worst hour")
    if load.per_hour > ACCEPTABLE_PER_HOUR:
        return _tr("As much as one person can just answer")
    return _tr("Can well be answered by one person")


def rows_of(load: AlarmLoad) -> list[tuple[str, str]]:
    """Give the numbers of a load, each with its name."""
    per_hour = _tr("{mean} on average, {most} in the worst hour").format(
        mean=written(load.per_hour, ".1f"), most=load.busiest_hour
    )
    priorities = ", ".join(
        _tr("{number} of {priority} priority").format(
            number=number, priority=priority_words(priority)
        )
        for priority, number in load.by_priority
        if number
    )
    return [
        (_tr("New alarms"), written(load.rang)),
        (_tr("An hour"), per_hour),
        (_tr("Priorities"), priorities or _tr("none")),
        (_tr("Acknowledged"), _answer_words(load)),
        (_tr("Never acknowledged"), written(load.unacknowledged)),
        (_tr("Shelved"), written(load.shelved)),
        (_tr("Floods"), _flood_words(load)),
    ]


def alarm_note(one: AlarmCount) -> str:
    """Say what is wrong with an alarm; empty where nothing is."""
    if not one.chatters:
        return ""
    return _tr("chatters: {times} times within a minute; make its dead band larger").format(
        times=CHATTER_ALARMS
    )


def _answer_words(load: AlarmLoad) -> str:
    if load.acknowledge_median_s is None:
        return _tr("none was")
    median = age_text(load.acknowledge_median_s)
    if load.acknowledge_p95_s is None:
        return _tr("after {median}").format(median=median)
    return _tr("half within {median}, 95 % within {most}").format(
        median=median, most=age_text(load.acknowledge_p95_s)
    )


def _flood_words(load: AlarmLoad) -> str:
    if not load.floods:
        return _tr("none (more than {alarms} in 10 minutes)").format(alarms=FLOOD_ALARMS)
    most = max(one.alarms for one in load.floods)
    return _tr("{floods}, the largest of {most} alarms").format(floods=len(load.floods), most=most)


def _tr(text: str) -> str:
    return translate("Load", text)
