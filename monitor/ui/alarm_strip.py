"""The strip that shows, of all alarms, the one that needs a person most; it is always there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum

from PyQt6.QtCore import QEvent, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QPalette
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QPushButton, QWidget

from monitor.core.alarm import AlarmState, AlarmStatus
from monitor.core.reading import Quality
from monitor.core.rule import Measure, Priority
from monitor.engine.area import AreaSnapshot
from monitor.engine.snapshot import CameraSnapshot
from monitor.ui.language import translate
from monitor.ui.text import (
    alarm_sentence,
    clock_text,
    quality_explanation,
    stream_sentence,
)
from monitor.ui.theme import Theme
from monitor.ui.widgets import make_label, set_text


class StripKind(StrEnum):
    """How urgent the strip is, the most urgent first."""

    RINGING = "ALARM"
    RETURNED = "ALARM CLEARED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    NO_COUNT = "NO COUNT"
    """Nothing can be said of a camera, so nothing can ring for it."""
    CALM = "NO ALARM"
    NO_LIMIT = "NO LIMIT SET"


_KINDS = {
    AlarmState.UNACKNOWLEDGED: StripKind.RINGING,
    AlarmState.RETURNED_UNACKNOWLEDGED: StripKind.RETURNED,
    AlarmState.ACKNOWLEDGED: StripKind.ACKNOWLEDGED,
}
_WITHOUT_COUNT = frozenset({Quality.STALE, Quality.LOST})
_DOUBTFUL = frozenset({Quality.UNCALIBRATED, Quality.OUT_OF_DISTRIBUTION})
"""There is a count, but it cannot be relied on: the camera has moved, or the scene is strange."""
_URGENCY = tuple(StripKind)
_PRIORITIES = (Priority.HIGH, Priority.MEDIUM, Priority.LOW)


@dataclass(frozen=True, slots=True)
class StripView:
    """The alarm strip, in words."""

    kind: StripKind
    camera: str
    """Which camera it is about; empty where it is about all, or about an area."""
    sentence: str
    others: str
    """How many more are like it; empty where none are."""
    alarm_id: str = ""
    """Which alarm it is about; empty where it is about none."""

    @property
    def needs_person(self) -> bool:
        """Whether there is something to acknowledge."""
        return self.kind in {StripKind.RINGING, StripKind.RETURNED}


@dataclass(frozen=True, slots=True)
class _Concern:
    """One alarm of a camera or area, or a camera that none of its alarms speaks for."""

    kind: StripKind
    watched: CameraSnapshot | AreaSnapshot
    alarm: AlarmStatus | None

    @property
    def place(self) -> tuple[int, int, float]:
        """Place in the order of urgency: kind, priority, then first come, first served."""
        if self.alarm is None:
            return _URGENCY.index(self.kind), 0, 0.0
        priority = _PRIORITIES.index(self.alarm.priority)
        return _URGENCY.index(self.kind), priority, self.alarm.since_utc.timestamp()


def strip_of(
    snapshots: Sequence[CameraSnapshot],
    zone: tzinfo | None = None,
    *,
    areas: Sequence[AreaSnapshot] = (),
) -> StripView:
    """Choose what the strip shows: the most urgent alarm, of equal ones the oldest.

    Args:
        snapshots: All cameras.
        zone: Zone of the window; None: the zone of this machine.
        areas: All areas that several cameras see.

    Returns:
        What to show.
    """
    concerns = sorted(
        (
            *(one for snapshot in snapshots for one in _concerns_of(snapshot)),
            *(one for area in areas for one in _concerns_of_area(area)),
        ),
        key=lambda one: one.place,
    )
    if not snapshots:
        return StripView(StripKind.NO_LIMIT, "", _tr("There is no camera."), "")
    first = concerns[0]
    alike = sum(one.kind is first.kind for one in concerns)
    if first.kind is StripKind.NO_LIMIT:
        told = _tr("Set a limit to be alarmed when too many people are present.")
        return StripView(first.kind, "", told, "")
    if first.kind is StripKind.CALM and alike > 1:
        words = (
            _tr("{number} cameras and areas are below their limits.")
            if areas
            else _tr("{number} cameras are below their limits.")
        )
        return StripView(first.kind, "", words.format(number=alike), "")
    others = _tr("and {number} more").format(number=alike - 1) if alike > 1 else ""
    alarm_id = first.alarm.alarm_id if first.alarm is not None else ""
    # An area has no picture of its own that could be shown.
    camera = first.watched.name if isinstance(first.watched, CameraSnapshot) else ""
    return StripView(first.kind, camera, _sentence(first, zone), others, alarm_id)


def kind_of(snapshot: CameraSnapshot) -> StripKind:
    """Say how urgent one camera is."""
    return min((one.kind for one in _concerns_of(snapshot)), key=_URGENCY.index)


def _concerns_of(snapshot: CameraSnapshot) -> list[_Concern]:
    """Give the alarms of a camera that somebody should know of; none: the camera itself."""
    alarms = [one for one in snapshot.alarms if one.state in _KINDS]
    if alarms:
        return [_Concern(_KINDS[one.state], snapshot, one) for one in alarms]
    alarm = snapshot.alarm
    is_suppressed = alarm is not None and alarm.state is AlarmState.SUPPRESSED
    if is_suppressed or snapshot.quality in _WITHOUT_COUNT:
        return [_Concern(StripKind.NO_COUNT, snapshot, alarm)]
    kind = StripKind.NO_LIMIT if alarm is None else StripKind.CALM
    return [_Concern(kind, snapshot, alarm)]


def _concerns_of_area(area: AreaSnapshot) -> list[_Concern]:
    """Give the alarms of an area; where it cannot be counted, its cameras say so themselves."""
    alarms = [one for one in area.alarms if one.state in _KINDS]
    if alarms:
        return [_Concern(_KINDS[one.state], area, one) for one in alarms]
    own = [one for one in area.alarms if one.rule.measure is not Measure.STREAM]
    return [_Concern(StripKind.CALM, area, own[0])] if own else []


def _area_sentence(area: AreaSnapshot, alarm: AlarmStatus, zone: tzinfo | None) -> str:
    if alarm.rule.measure is not Measure.STREAM:
        sentence = alarm_sentence(area.name, alarm, zone)
        return _without_count(sentence) if area.quality in _WITHOUT_COUNT else sentence
    since = clock_text(alarm.since_utc, zone)
    if alarm.state is AlarmState.RETURNED_UNACKNOWLEDGED:
        return _counted_again(area.name, since)
    if area.quality in _DOUBTFUL:
        return _doubtful(area.name, area.quality, since)
    words = _tr("{area}: one of its cameras cannot be counted. No count since {since}")
    return words.format(area=area.name, since=since)


def _sentence(concern: _Concern, zone: tzinfo | None) -> str:
    snapshot, alarm = concern.watched, concern.alarm
    if isinstance(snapshot, AreaSnapshot):
        return "" if alarm is None else _area_sentence(snapshot, alarm, zone)
    if alarm is None or concern.kind is StripKind.NO_COUNT:
        told = f"{snapshot.name}: {stream_sentence(snapshot.health)}"
        return f"{told} {_tr('The limit cannot be evaluated.')}" if alarm is not None else told
    if alarm.rule.measure is Measure.STREAM:
        since = clock_text(alarm.since_utc, zone)
        if alarm.state is AlarmState.RETURNED_UNACKNOWLEDGED:
            return _counted_again(snapshot.name, since)
        if snapshot.quality in _DOUBTFUL:
            return _doubtful(snapshot.name, snapshot.quality, since)
        words = _tr("{camera}: {stream} No count since {since}")
        stream = stream_sentence(snapshot.health)
        return words.format(camera=snapshot.name, stream=stream, since=since)
    sentence = alarm_sentence(snapshot.name, alarm, zone)
    return _without_count(sentence) if snapshot.quality in _WITHOUT_COUNT else sentence


def headline_of(kind: StripKind) -> str:
    """Give the headline of the strip."""
    return {
        StripKind.RINGING: _tr("ALARM"),
        StripKind.RETURNED: _tr("ALARM CLEARED"),
        StripKind.ACKNOWLEDGED: _tr("ACKNOWLEDGED"),
        StripKind.NO_COUNT: _tr("NO COUNT"),
        StripKind.CALM: _tr("NO ALARM"),
        StripKind.NO_LIMIT: _tr("NO LIMIT SET"),
    }[kind]


def _doubtful(name: str, quality: Quality, since: str) -> str:
    words = _tr("{name}: {reason} Since {since}")
    return words.format(name=name, reason=quality_explanation(quality), since=since)


def _counted_again(name: str, since: str) -> str:
    words = _tr("{name}: could not be counted; counting again since {since}")
    return words.format(name=name, since=since)


def _without_count(sentence: str) -> str:
    return _tr("{sentence}, no current count").format(sentence=sentence)


def _tr(text: str) -> str:
    return translate("Strip", text)


_HEIGHT = 48
_SENTENCE_LEAST_PX = 160


class AlarmStrip(QFrame):
    """One alarm in words, with a button to acknowledge it.

    Signals:
        acknowledged: Somebody knows; carries the alarm's id and a note, which may be empty.
        camera_wanted: Somebody wants to see the camera of the alarm; carries its name.
    """

    acknowledged = pyqtSignal(str, str)
    camera_wanted = pyqtSignal(str)

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, *, has_many_cameras: bool = False
    ) -> None:
        super().__init__(parent)
        self._has_many_cameras = has_many_cameras
        self._theme = theme
        self._view = StripView(StripKind.NO_LIMIT, "", "", "")
        self._is_lit = True
        self._headline = make_label("headline")
        self._sentence = make_label("sentence")
        self._others = make_label("sentence")
        self._note = QLineEdit()
        self._show = QPushButton(self.tr("Show camera"))
        self._button = QPushButton(self.tr("Acknowledge  (A)"))
        self._build()
        self._set_words()

    @property
    def view(self) -> StripView:
        """What is shown."""
        return self._view

    @property
    def button(self) -> QPushButton:
        """The button to acknowledge."""
        return self._button

    @property
    def note(self) -> QLineEdit:
        """Where a note for the journal is typed."""
        return self._note

    @property
    def words(self) -> str:
        """All that is written."""
        parts = (self._headline.text(), self._sentence.text(), self._others.text())
        return " ".join(part for part in parts if part)

    def show_view(self, view: StripView) -> None:
        """Show an alarm, or that there is none."""
        if view == self._view:
            return
        if view.alarm_id != self._view.alarm_id:
            self._note.clear()  # it was meant for another alarm
        self._view = view
        self._set_words()

    def set_many_cameras(self, has_many: bool) -> None:
        """Say whether there are other cameras than the selected one."""
        self._has_many_cameras = has_many
        self._set_words()

    def set_lit(self, is_lit: bool) -> None:
        """Light or darken the strip: the bell that can be seen."""
        if is_lit != self._is_lit:
            self._is_lit = is_lit
            self._colour()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        self._colour()

    def acknowledge(self) -> None:
        """Acknowledge what is shown, with the note that was typed."""
        if self._view.needs_person:
            self.acknowledged.emit(self._view.alarm_id, self._note.text().strip())
            self._note.clear()

    def changeEvent(self, event: QEvent | None) -> None:
        """Grow with the letters."""
        super().changeEvent(event)
        if event is not None and event.type() is QEvent.Type.FontChange:
            self._fit_height()

    def _fit_height(self) -> None:
        self.setFixedHeight(max(_HEIGHT, 3 * self.fontMetrics().height()))

    def _build(self) -> None:
        self._fit_height()
        self.setAutoFillBackground(True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 0, 10, 0)
        layout.setSpacing(12)
        self._note.setObjectName("note")
        self._note.setPlaceholderText(self.tr("Note for the journal"))
        self._note.setAccessibleName(self.tr("Note for the journal"))
        self._note.setMaxLength(200)
        self._note.setFixedWidth(190)
        self._note.returnPressed.connect(self.acknowledge)
        self._button.setToolTip(self.tr("Acknowledge this alarm: key A or Space"))
        self._button.clicked.connect(self.acknowledge)
        self._show.clicked.connect(lambda: self.camera_wanted.emit(self._view.camera))
        for button in (self._show, self._button):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._sentence.setWordWrap(True)  # a long name must not widen the window
        self._sentence.setMinimumWidth(_SENTENCE_LEAST_PX)
        for widget, stretch in (
            (self._headline, 0),
            (self._sentence, 1),
            (self._others, 0),
            (self._show, 0),
            (self._note, 0),
            (self._button, 0),
        ):
            layout.addWidget(widget, stretch)

    def _set_words(self) -> None:
        view = self._view
        set_text(self._headline, headline_of(view.kind))
        set_text(self._sentence, view.sentence)
        self._sentence.setToolTip(view.sentence)
        set_text(self._others, view.others)
        for widget in (self._note, self._button):
            widget.setVisible(view.needs_person)
        is_about_one = bool(view.camera) and view.kind is not StripKind.CALM
        self._show.setVisible(self._has_many_cameras and is_about_one)
        self._colour()

    def _colour(self) -> None:
        theme = self._theme
        back, fore = theme.panel, theme.muted
        if self._view.kind is StripKind.RINGING:
            back, fore = theme.alarm if self._is_lit else theme.alarm_dim, theme.on_strong
        elif self._view.kind not in {StripKind.CALM, StripKind.NO_LIMIT}:
            back, fore = theme.panel, theme.warning
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, QColor(back))
        for label in (self._headline, self._sentence, self._others):
            palette.setColor(QPalette.ColorRole.WindowText, QColor(fore))
            label.setPalette(palette)
        self.setPalette(palette)
