"""Replay of a rule on the history: when it would have raised an alarm, in words and as a chart."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from PyQt6.QtCore import QCoreApplication, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from monitor.alarms.replay import BLIND_AFTER_S, PastValue, Ringing, WhatIf, replay
from monitor.core.reading import Quality
from monitor.core.rule import Measure, Rule
from monitor.outputs.history.queries import HistoryPoint
from monitor.ui.charting import PastReadings
from monitor.ui.text import age_text, clock_text, value_text
from monitor.ui.theme import Theme

TRIAL_S = 86_400.0
"""How much of the past is replayed: a day with its crowds and its night."""
_POINTS_MAX = 8640
"""A mean over ten seconds each: as fine as the delays that people set."""
_MISSED = 2.5
"""Spacings without a value that are a gap."""
_GOOD_SHARE = 0.5
_MINUTE_S = 60.0
_NEAR_S = 30.0


@dataclass(frozen=True, slots=True)
class Trial:
    """What a rule would have done, and what the one that holds would have."""

    start_utc: datetime
    stop_utc: datetime
    wanted: WhatIf
    present: WhatIf | None
    """None: there is no such rule yet."""


def can_be_tried(rule: Rule) -> bool:
    """Say whether the history knows the number that a rule is about."""
    return rule.measure is not Measure.STREAM


def past_of(points: Sequence[HistoryPoint], rule: Rule) -> list[PastValue]:
    """Take out of a history what a rule is about.

    Args:
        points: Means over short stretches, in order of time.
        rule: What is watched for.

    Returns:
        One for each point. Variances are not kept, so that a rule's confidence is ignored.
    """
    moments = [one.at_utc for one in points]
    values = []
    for place, one in enumerate(points):
        match rule.measure:
            case Measure.COUNT:
                value: float | None = one.count
            case Measure.DENSITY:
                value = one.density_mean_m2
            case Measure.PEAK_DENSITY:
                value = one.density_peak_m2
            case Measure.RATE:
                value = _rate(points, moments, place)
            case Measure.STREAM:
                value = None
        quality = Quality.GOOD if one.good_share >= _GOOD_SHARE else Quality.DEGRADED
        values.append(PastValue(one.at_utc, value, quality=quality))
    return values


def blind_after(points: Sequence[HistoryPoint]) -> float:
    """Give the time between two points beyond which there were no pictures, seconds."""
    moments = [one.at_utc.timestamp() for one in points]
    spacings = [after - before for before, after in pairwise(moments)]
    return max(BLIND_AFTER_S, _MISSED * median(spacings)) if spacings else BLIND_AFTER_S


def try_out(
    store: PastReadings, camera: str, wanted: Rule, present: Rule | None, now_utc: datetime
) -> Trial:
    """Replay the last day; may wait for a disk.

    Args:
        store: The history.
        camera: Name of the camera.
        wanted: The rule that somebody thinks of.
        present: The one that holds; None: there is none.
        now_utc: Time of day.

    Returns:
        What both would have done.

    Raises:
        StoreError: If the history cannot be read.
    """
    start = now_utc - timedelta(seconds=TRIAL_S)

    def replayed(rule: Rule) -> WhatIf:
        points = store.series(camera, rule.zone, start, now_utc, _POINTS_MAX)
        return replay(past_of(points, rule), rule, blind_after_s=blind_after(points))

    return Trial(start, now_utc, replayed(wanted), None if present is None else replayed(present))


def trial_words(trial: Trial) -> str:
    """Say what a rule would have done, beside what the one that holds would have."""
    if not trial.wanted.judged_s:
        return _tr("There is no data from the last 24 hours to replay this rule on.")
    rang_s = sum(_length_s(one, trial.stop_utc) for one in trial.wanted.ringings)
    told = _tr("In the last 24 hours it would have raised an alarm {times}").format(
        times=_times(trial.wanted)
    )
    if trial.wanted.ringings:
        told += _tr(", {time} in all").format(time=age_text(rang_s))
    told += _tr("; data covers {time}.").format(time=age_text(trial.wanted.judged_s))
    if trial.present is not None:
        told += _tr(" Current rule: {times}.").format(times=_times(trial.present))
    return told


def ringing_words(ringing: Ringing, rule: Rule) -> str:
    """Say from when to when it would have been active, and how far the value went."""
    start = clock_text(ringing.start_utc)
    end = _tr("now") if ringing.end_utc is None else clock_text(ringing.end_utc)
    worst = value_text(ringing.worst, rule.measure)
    return _tr("{start} to {end}, worst {worst}").format(start=start, end=end, worst=worst)


def _times(found: WhatIf) -> str:
    number = len(found.ringings)
    if number == 0:
        return _tr("never")
    return _tr("once") if number == 1 else _tr("{number} times").format(number=number)


def _length_s(ringing: Ringing, stop_utc: datetime) -> float:
    return ((ringing.end_utc or stop_utc) - ringing.start_utc).total_seconds()


def _rate(points: Sequence[HistoryPoint], moments: list[datetime], place: int) -> float | None:
    """Give how many people more than a minute before; None where nothing is known of then."""
    wanted = moments[place] - timedelta(seconds=_MINUTE_S)
    found = bisect_left(moments, wanted, hi=place)
    near = [one for one in (found - 1, found) if 0 <= one < place]
    if not near:
        return None
    best = min(near, key=lambda one: abs(moments[one] - wanted))
    if abs((moments[best] - wanted).total_seconds()) > _NEAR_S:
        return None
    minutes = (moments[place] - moments[best]).total_seconds() / _MINUTE_S
    return (points[place].count - points[best].count) / minutes


def _tr(text: str) -> str:
    return QCoreApplication.translate("Trial", text)


_BAR_PX = 22
_NARROWEST_PX = 2.0  # a short alarm must still be seen
_TICKS = 6


class Timeline(QWidget):
    """Ringing is a full-height block; words and times stand beside it, never color alone."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._trial: Trial | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("When it would have raised an alarm in the last 24 hours"))

    def show_trial(self, trial: Trial | None) -> None:
        """Show what a rule would have done; None: nothing is known."""
        self._trial = trial
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        self.update()

    def block(self, start_utc: datetime, end_utc: datetime | None) -> QRectF:
        """Give where a time is drawn."""
        trial = self._trial
        if trial is None:
            return QRectF()
        whole_s = (trial.stop_utc - trial.start_utc).total_seconds()

        def place(moment: datetime) -> float:
            share = (moment - trial.start_utc).total_seconds() / whole_s
            return min(1.0, max(0.0, share)) * self.width()

        left, right = place(start_utc), place(end_utc or trial.stop_utc)
        width = max(_NARROWEST_PX, right - left)
        return QRectF(min(left, self.width() - width), 0, width, _BAR_PX)

    def sizeHint(self) -> QSize:
        """A bar and the hours below it."""
        return QSize(360, _BAR_PX + self.fontMetrics().height() + 4)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the bar."""
        painter = QPainter(self)
        theme, trial = self._theme, self._trial
        painter.fillRect(QRectF(0, 0, self.width(), _BAR_PX), QColor(theme.field))
        if trial is not None:
            for one in trial.wanted.ringings:
                painter.fillRect(self.block(one.start_utc, one.end_utc), QColor(theme.alarm))
            painter.setPen(QColor(theme.muted))
            step = (trial.stop_utc - trial.start_utc) / _TICKS
            width = self.width() / _TICKS
            for tick in range(_TICKS):
                moment: datetime = trial.start_utc + tick * step
                box = QRectF(tick * width, _BAR_PX + 2, width, self.height() - _BAR_PX)
                painter.drawText(box, Qt.AlignmentFlag.AlignLeft, _hour(moment))
                painter.fillRect(QRectF(tick * width, 0, 1, _BAR_PX), QColor(theme.line))
        painter.end()


def _hour(moment: datetime) -> str:
    """Give the time of day to the nearest minute."""
    return (moment + timedelta(seconds=30)).astimezone().strftime("%H:%M")
