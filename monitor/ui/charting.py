"""What the plot shows and where it comes from: the window's memory, or the history."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Protocol

from PyQt6.QtCore import QObject

from monitor.core.alarm import AlarmEvent
from monitor.core.rule import Measure, Rule
from monitor.core.series import thing_of
from monitor.outputs.history.queries import HistoryPoint
from monitor.ui.background import BackgroundTask, BackgroundTasks
from monitor.ui.plot import CountPlot, save_image, save_plot
from monitor.ui.session import CameraSession, CountSeries
from monitor.ui.span import LIVE_UP_TO_S, Span

_POINTS_MAX = 2000
_AGAIN_AFTER_S = 30.0
"""A long time that ends now is read again so often; it moves by less than a pixel meanwhile."""


class PastReadings(Protocol):
    """Something that remembers readings and alarms; both questions may wait for a disk."""

    def series(
        self, camera: str, zone: str | None, start: datetime, end: datetime, max_points: int
    ) -> Sequence[HistoryPoint]:
        """Give the counts of a camera over a time; raises `StoreError`."""
        ...

    def events_between(
        self, start: datetime, stop: datetime, *, camera: str | None = None
    ) -> Sequence[AlarmEvent]:
        """Give the alarm journal of a time; raises `StoreError`."""
        ...


def count_rules(rules: Sequence[Rule]) -> list[Rule]:
    """Choose the rules that a plot of people can show: those on the count of the whole picture."""
    return [one for one in rules if one.measure is Measure.COUNT and one.zone is None]


class Charting(QObject):
    """Draws the selected camera; lives on the GUI thread."""

    def __init__(
        self,
        plot: CountPlot,
        background: BackgroundTasks,
        store: PastReadings | None,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._plot = plot
        self._background = background
        self._store = store
        self._camera = ""
        self._session = CameraSession()
        self._rules: Sequence[Rule] = ()
        self._past = CountSeries(capacity=1)
        self._past_events: Sequence[AlarmEvent] = ()
        self._asked_utc: datetime | None = None

    def load(self, camera: str, session: CameraSession, now_utc: datetime) -> None:
        """Read what was counted of a camera before the window was opened."""
        if self._store is None:
            return
        start = now_utc - timedelta(seconds=LIVE_UP_TO_S)
        work = partial(_read, self._store, camera, (start, now_utc), _POINTS_MAX)
        self._background.send(
            f"past {camera}",
            BackgroundTask(work, partial(_put_in_front, session), self._plot.show_note),
        )

    def choose(self, camera: str, session: CameraSession) -> None:
        """Look at another camera."""
        self._camera, self._session = camera, session
        self._plot.name_things(thing_of(camera))
        self.forget()

    def forget(self) -> None:
        """Read the past again: another camera or another time is looked at."""
        self._past = CountSeries(capacity=1)
        self._past_events = ()
        self._asked_utc = None
        self._plot.show_note("")

    def draw(self, rules: Sequence[Rule], now_utc: datetime) -> None:
        """Draw the counts up to now, or of the time that a person chose."""
        self._rules = count_rules(rules)
        limits = [one.limit for one in self._rules]
        self._plot.show_limits(limits[0] if limits else None, limits[1:])
        span = self._plot.span
        start, stop = span.bounds(now_utc)
        is_live = span.is_live or (self._store is None and span.stop_utc is None)
        if not is_live:
            self._ask(span, now_utc)
        series = self._session.series if is_live else self._past
        bounds_s = start.timestamp(), stop.timestamp()
        self._plot.show_data(
            series.window(*bounds_s, points_max=self._plot.points_max), bounds_s[1]
        )
        self._plot.show_events([*self._past_events, *self._session.events], bounds_s[1])

    def export(self, path: Path) -> None:
        """Save what is drawn: a table as `.csv`, else a picture as `.png`."""
        data = self._plot.data
        if data is None:
            return
        if path.suffix.lower() == ".csv":
            work = partial(save_plot, path, self._camera, data)
        else:
            image = self._plot.grab().toImage()
            work = partial(save_image, path, image)
        saved = self.tr("Saved: {path}").format(path=path)
        self._background.send(
            f"export {path}",
            BackgroundTask(work, lambda _: self._plot.show_note(saved), self._plot.show_note),
        )

    def _ask(self, span: Span, now_utc: datetime) -> None:
        """Have the time read from the history, once, and again while it goes on."""
        if self._asked_utc is not None:
            is_old = (now_utc - self._asked_utc).total_seconds() > _AGAIN_AFTER_S
            if span.stop_utc is not None or not is_old:
                return
        else:
            self._plot.show_note(self.tr("Loading history …"))
        self._asked_utc = now_utc
        if self._store is None:
            self._plot.show_note(self.tr("No history: this site does not save counts"))
            return
        work = partial(
            _read, self._store, self._camera, span.bounds(now_utc), self._plot.points_max
        )
        wanted = (self._camera, span)
        self._background.send(
            "plot", BackgroundTask(work, partial(self._show_past, wanted), self._plot.show_note)
        )

    def _show_past(self, wanted: tuple[str, Span], found: object) -> None:
        if wanted != (self._camera, self._plot.span) or not isinstance(found, _Past):
            return
        self._past.add_past(found.points)
        self._past_events = found.events
        self._plot.show_note("" if found.points else self.tr("No counts in this time range"))


class _Past:
    """What was read from the history."""

    def __init__(self, points: Sequence[HistoryPoint], events: Sequence[AlarmEvent]) -> None:
        self.points = points
        self.events = events


def _read(
    store: PastReadings, camera: str, bounds: tuple[datetime, datetime], points_max: int
) -> _Past:
    return _Past(
        store.series(camera, None, *bounds, points_max),
        store.events_between(*bounds, camera=camera),
    )


def _put_in_front(session: CameraSession, found: object) -> None:
    if isinstance(found, _Past):
        session.series.add_past(found.points)
        session.events.extendleft(reversed(found.events))
