"""What the alarm strip says, and the strip as a widget."""

from dataclasses import replace
from datetime import UTC

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QPalette
from PyQt6.QtWidgets import QLabel

from monitor.core.alarm import AlarmState
from monitor.core.reading import Quality
from monitor.core.rule import Priority, Rule, stream_rule
from monitor.engine.area import AreaSnapshot
from monitor.engine.health import Health, StreamState
from monitor.ui.alarm_strip import AlarmStrip, StripKind, StripView, kind_of, strip_of
from tests.rigs.snapshots import snapshot_of, status_of

RINGING = StripView(
    StripKind.RINGING, "Gate 1", "Gate 1: 131 people, limit 120", "and 1 more", "Gate 1/limit"
)
CALM = StripView(StripKind.CALM, "Gate 1", "Gate 1: below the limit of 120", "")


@pytest.fixture
def strip(qtbot, dark):
    """A strip that is on the screen."""
    widget = AlarmStrip(dark, has_many_cameras=True)
    qtbot.addWidget(widget)
    widget.show()
    return widget


def told(strip):
    """Collect what the strip signals."""
    heard = []
    strip.acknowledged.connect(lambda *what: heard.append(what))
    return heard


def test_it_is_always_there_and_as_high(strip):
    """Nothing below it moves when an alarm comes."""
    heights = []
    for view in (CALM, RINGING, CALM):
        strip.show_view(view)
        heights.append((strip.isVisible(), strip.height()))

    assert len(set(heights)) == 1
    assert heights[0][0]


def test_it_says_everything(strip):
    """Headline, sentence, and how many more."""
    strip.show_view(RINGING)

    assert strip.words == "ALARM Gate 1: 131 people, limit 120 and 1 more"


def test_the_button_acknowledges_with_the_note(strip, qtbot):
    """What was typed goes into the journal, once."""
    strip.show_view(RINGING)
    heard = told(strip)

    qtbot.keyClicks(strip.note, "  stewards sent ")
    qtbot.mouseClick(strip.button, Qt.MouseButton.LeftButton)
    strip.acknowledge()

    assert heard == [("Gate 1/limit", "stewards sent"), ("Gate 1/limit", "")]


def test_enter_in_the_note_acknowledges(strip, qtbot):
    """Hands stay on the keyboard."""
    strip.show_view(RINGING)
    heard = told(strip)

    qtbot.keyClicks(strip.note, "seen")
    qtbot.keyClick(strip.note, Qt.Key.Key_Return)

    assert heard == [("Gate 1/limit", "seen")]


def test_without_an_alarm_there_is_nothing_to_acknowledge(strip):
    """The key does nothing, the button is away."""
    strip.show_view(CALM)
    heard = told(strip)

    strip.acknowledge()

    assert heard == []
    assert not strip.button.isVisible()


def test_a_note_for_one_alarm_is_not_put_to_another(strip, qtbot):
    """The camera in the strip may change while somebody types."""
    strip.show_view(RINGING)
    qtbot.keyClicks(strip.note, "seen")

    strip.show_view(
        StripView(StripKind.RINGING, "Gate 2", "Gate 2: 300 people", "", "Gate 2/limit")
    )

    assert strip.note.text() == ""


def test_a_note_survives_a_new_count_of_the_same_alarm(strip, qtbot):
    """The number changes twice a second; what is typed stays."""
    strip.show_view(RINGING)
    qtbot.keyClicks(strip.note, "seen")

    strip.show_view(
        StripView(StripKind.RINGING, "Gate 1", "Gate 1: 140 people", "", "Gate 1/limit")
    )

    assert strip.note.text() == "seen"


def test_ringing_is_red_in_both_halves_of_its_blinking(strip, dark):
    """The bell that can be seen."""
    strip.show_view(RINGING)
    colours = []
    for is_lit in (True, False):
        strip.set_lit(is_lit)
        colours.append(strip.palette().color(QPalette.ColorRole.Window).name())

    assert colours == [dark.alarm, dark.alarm_dim]


def test_camera_of_the_alarm_can_be_shown(strip, qtbot):
    """From the strip to the picture."""
    strip.show_view(RINGING)

    with qtbot.waitSignal(strip.camera_wanted) as wanted:
        strip._show.click()

    assert wanted.args == ["Gate 1"]


def test_a_long_sentence_does_not_widen_the_window(strip):
    """Names of cameras may be long; the whole stands there, on two lines, and where one points."""
    strip.show_view(RINGING)
    before = strip.minimumSizeHint().width()

    long = replace(RINGING, sentence="Northern gate at the river, lower level: " * 4)
    strip.show_view(long)

    assert strip.minimumSizeHint().width() == before
    assert long.sentence in strip.words
    assert strip.findChild(QLabel, "sentence").toolTip() == long.sentence


LOST = {
    "quality": Quality.LOST,
    "health": Health(StreamState.UNREACHABLE, "It does not answer."),
}


def camera(name, state=None, since_s=0.0, **changes):
    alarm = None if state is None else status_of(state, since_s=since_s)
    return snapshot_of(name, alarm=alarm, **changes)


@pytest.mark.parametrize(
    ("snapshot", "kind"),
    [
        (camera("a", AlarmState.UNACKNOWLEDGED), StripKind.RINGING),
        (camera("a", AlarmState.UNACKNOWLEDGED, **LOST), StripKind.RINGING),
        (camera("a", AlarmState.RETURNED_UNACKNOWLEDGED), StripKind.RETURNED),
        (camera("a", AlarmState.ACKNOWLEDGED), StripKind.ACKNOWLEDGED),
        (camera("a", AlarmState.SUPPRESSED), StripKind.NO_COUNT),
        (camera("a", AlarmState.NORMAL), StripKind.CALM),
        (camera("a", **LOST), StripKind.NO_COUNT),
        (camera("a"), StripKind.NO_LIMIT),
    ],
)
def test_urgency_of_one_camera(snapshot, kind):
    """An alarm stays one without pictures; a camera that is lost is told, limit or not."""
    assert kind_of(snapshot) is kind


def test_the_most_urgent_camera_is_shown():
    """What rings goes before what is over, known, lost, or calm."""
    states = [
        camera("calm", AlarmState.NORMAL),
        camera("lost", **LOST),
        camera("known", AlarmState.ACKNOWLEDGED),
        camera("over", AlarmState.RETURNED_UNACKNOWLEDGED),
        camera("rings", AlarmState.UNACKNOWLEDGED),
    ]

    shown = []
    while states:
        shown.append(strip_of(states, UTC).camera)
        states.pop()

    assert shown == ["rings", "over", "known", "lost", "calm"]


def test_of_two_that_ring_the_older_is_shown_with_the_number_of_others():
    """First come, first served; the other is not hidden."""
    view = strip_of(
        [
            camera("late", AlarmState.UNACKNOWLEDGED, since_s=9.0),
            camera("early", AlarmState.UNACKNOWLEDGED, since_s=1.0),
            camera("calm", AlarmState.NORMAL),
        ],
        UTC,
    )

    assert view == StripView(
        StripKind.RINGING,
        "early",
        "early: 131 people, limit 120, since 12:00:01",
        "and 1 more",
        "Gate 1/limit",
    )
    assert view.needs_person


def test_a_lost_camera_says_why_and_that_its_limit_sleeps():
    """No count is no calm."""
    view = strip_of([camera("Gate 1", AlarmState.SUPPRESSED, **LOST)], UTC)

    assert view.sentence == "Gate 1: It does not answer. The limit cannot be evaluated."
    assert not view.needs_person


def test_an_alarm_whose_camera_is_lost_says_that_its_number_is_old():
    """It rings on, but nobody takes the number for one of now."""
    view = strip_of([camera("Gate 1", AlarmState.UNACKNOWLEDGED, **LOST)], UTC)

    assert view.sentence == "Gate 1: 131 people, limit 120, since 12:00:00, no current count"
    assert view.needs_person


def test_calm_is_said_once_for_all():
    """Nine cameras need no nine sentences."""
    many = strip_of([camera(name, AlarmState.NORMAL) for name in "abc"], UTC)
    one = strip_of([camera("a", AlarmState.NORMAL)], UTC)

    assert (many.camera, many.sentence) == ("", "3 cameras are below their limits.")
    assert one.sentence == "a: below the limit of 120"


def test_without_limits_the_strip_says_so():
    """Silence because nothing was set must not look like calm."""
    assert strip_of([camera("a"), camera("b")], UTC).kind is StripKind.NO_LIMIT


def test_of_two_that_ring_the_graver_is_shown():
    """A high priority goes before an older alarm of low priority, of one camera or of two."""
    grave = status_of(
        AlarmState.UNACKNOWLEDGED, since_s=9.0, alarm_id="b/crush", rule=rule(Priority.HIGH)
    )
    old = status_of(AlarmState.UNACKNOWLEDGED, since_s=1.0, rule=rule(Priority.LOW))

    one = strip_of([snapshot_of("b", alarms=(old, grave))], UTC)
    two = strip_of([snapshot_of("a", alarms=(old,)), snapshot_of("b", alarms=(grave,))], UTC)

    assert (one.alarm_id, one.others) == ("b/crush", "and 1 more")
    assert (two.alarm_id, two.camera) == ("b/crush", "b")


def test_a_camera_that_rings_because_it_is_lost_says_why():
    """Not seconds over a limit, but what is wrong."""
    alarm = status_of(AlarmState.UNACKNOWLEDGED, alarm_id="a/stream", rule=stream_rule())

    view = strip_of([snapshot_of("a", alarms=(alarm,), **LOST)], UTC)

    assert view.kind is StripKind.RINGING
    assert view.sentence == "a: It does not answer. No count since 12:00:00"


def test_what_is_shelved_does_not_call():
    """Somebody has put it aside."""
    view = strip_of([camera("a", AlarmState.SHELVED)], UTC)

    assert view.kind is StripKind.CALM


def rule(priority):
    return Rule(120.0, priority=priority)


def area(state=None, *, rule=None, quality=Quality.GOOD, since_s=0.0):
    """An area of two cameras, with an alarm in a state."""
    alarms = ()
    if state is not None:
        own = {} if rule is None else {"rule": rule}
        alarms = (status_of(state, since_s=since_s, alarm_id="Square/limit", **own),)
    return AreaSnapshot("Square", None, quality, alarms)


def test_an_area_that_rings_goes_before_calm_cameras():
    """It has no picture to show, but somebody must know."""
    view = strip_of(
        [camera("calm", AlarmState.NORMAL)], UTC, areas=[area(AlarmState.UNACKNOWLEDGED)]
    )

    assert view == StripView(
        StripKind.RINGING,
        "",
        "Square: 131 people, limit 120, since 12:00:00",
        "",
        "Square/limit",
    )
    assert view.needs_person


def test_a_camera_and_an_area_that_ring_are_two():
    """The older first."""
    view = strip_of(
        [camera("late", AlarmState.UNACKNOWLEDGED, since_s=9.0)],
        UTC,
        areas=[area(AlarmState.UNACKNOWLEDGED, since_s=1.0)],
    )

    assert (view.sentence.split(":")[0], view.others) == ("Square", "and 1 more")


def test_an_area_that_cannot_be_counted_says_why():
    """One of its cameras is missing; which, that camera's own alarm says."""
    view = strip_of(
        [camera("a", AlarmState.NORMAL)],
        UTC,
        areas=[area(AlarmState.UNACKNOWLEDGED, rule=stream_rule(), quality=Quality.LOST)],
    )

    assert view.sentence == (
        "Square: one of its cameras cannot be counted. No count since 12:00:00"
    )


@pytest.mark.parametrize(
    ("areas", "kind", "sentence"),
    [
        ([area()], StripKind.NO_LIMIT, "Set a limit"),
        ([area(AlarmState.NORMAL)], StripKind.CALM, "Square"),
        ([area(AlarmState.NORMAL)] * 2, StripKind.CALM, "2 cameras and areas are below"),
    ],
    ids=["none", "one", "two"],
)
def test_a_limit_on_an_area_is_a_limit(areas, kind, sentence):
    """A site whose only limits are on areas has limits; an area without any changes nothing."""
    view = strip_of([camera("a")], UTC, areas=areas)

    assert (view.kind, view.sentence.startswith(sentence)) == (kind, True)


def test_a_camera_that_has_moved_says_so():
    """Its stream lives and is counted; what is wrong is where its zones lie."""
    status = status_of(AlarmState.UNACKNOWLEDGED, rule=stream_rule())
    moved = snapshot_of("Gate", alarm=status, quality=Quality.UNCALIBRATED)
    area_moved = area(AlarmState.UNACKNOWLEDGED, rule=stream_rule(), quality=Quality.UNCALIBRATED)

    sentences = [
        strip_of([moved], UTC).sentence,
        strip_of([camera("calm", AlarmState.NORMAL)], UTC, areas=[area_moved]).sentence,
    ]

    for sentence, name in zip(sentences, ("Gate", "Square"), strict=True):
        assert sentence.startswith(f"{name}: The camera has moved")
        assert sentence.endswith("Since 12:00:00")
