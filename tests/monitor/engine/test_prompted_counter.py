"""Several things before one camera: one look at the picture, a count of its own for each."""

from threading import Event

import pytest

from monitor.core.alarm import AlarmEvent, AlarmState
from monitor.core.errors import ModelError
from monitor.core.reading import Quality, Reading
from monitor.core.rule import Rule
from monitor.engine.camera import Camera
from monitor.engine.counting import Counting
from monitor.engine.journal import Journal
from monitor.engine.prompted_counter import check_countable, count_things, make_ready, usual_things
from monitor.settings import CameraSettings
from tests.rigs.clock import ManualClock
from tests.rigs.counters import FixedCounter, NamedCounter
from tests.rigs.sources import gray_frame


class Gate:
    """One camera that is fed and counted by hand."""

    def __init__(self, counter: FixedCounter | NamedCounter, **settings: object) -> None:
        self.clock = ManualClock()
        self.readings: list[Reading] = []
        self.events: list[AlarmEvent] = []
        bell = Event()
        self.camera = Camera(
            CameraSettings.model_validate({"name": "Gate", "source": "x"} | settings),
            label="x",
            clock=self.clock,
            bell=bell,
            journal=Journal(self.readings.append, self.events.append),
            usual=usual_things(counter),
        )
        self.counting = Counting([self.camera], counter, clock=self.clock, bell=bell)

    def count(self, times: int = 1) -> None:
        """Give the camera pictures and have them counted, one a second."""
        for index in range(times):
            self.clock.advance(1.0)
            now_s = self.clock.monotonic_s()
            self.camera.receive(gray_frame(index, captured_s=now_s, truth=12))
            assert self.counting.count_one()

    @property
    def counts(self) -> dict[str, float]:
        """The newest count of each series."""
        shown = self.camera.snapshots()
        counts = {one.name: one.reading.count for one in shown if one.reading is not None}
        return {name: round(count, 3) for name, count in counts.items()}


def test_one_look_gives_every_thing_a_count_of_its_own() -> None:
    """People go by the camera's name, as ever; others by that and their own."""
    counter = NamedCounter(people=12, bicycles=3)
    gate = Gate(counter, count=["people", "bicycles"])

    gate.count()

    assert gate.counts == {"Gate": 12, "Gate · bicycles": 3}
    assert counter.looks == [("people", "bicycles")]
    assert [(one.camera, one.counts) for one in gate.readings] == [
        ("Gate", "people"),
        ("Gate · bicycles", "bicycles"),
    ]
    assert [one.truth for one in gate.readings] == [12, None], "the truth is of people"


def test_without_being_asked_the_counter_decides() -> None:
    """A model of suitcases counts suitcases, and calls them so."""
    gate = Gate(NamedCounter(suitcases=4, people=12))

    gate.count()

    assert gate.counts == {"Gate · suitcases": 4}


def test_another_thing_begins_anew() -> None:
    """No reading of people in the series of bicycles; what stood of the alarm is closed."""
    gate = Gate(NamedCounter(people=12, bicycles=3), limit={"high": 10, "on_delay_s": 0})
    gate.count(3)
    assert gate.camera.snapshot().alarms[0].state is AlarmState.UNACKNOWLEDGED

    gate.camera.ask(["bicycles"], "Ann")

    (shown,) = gate.camera.snapshots()
    assert (shown.name, shown.reading, shown.quality) == ("Gate · bicycles", None, Quality.LOST)
    assert shown.rules == (), "a limit on people is none on bicycles"
    last = gate.events[-1]
    assert (last.alarm_id, last.after, last.who) == ("Gate/limit", AlarmState.NORMAL, "Ann")
    gate.count(2)
    assert gate.camera.snapshot().reading.smoothed == pytest.approx(3)  # no trace of the twelve


def test_rules_come_back_with_their_thing() -> None:
    """Whoever looks for bicycles for a minute does not lose the limit on people."""
    gate = Gate(NamedCounter(people=12, bicycles=3), limit={"high": 500})
    gate.camera.alarms_by_name["Gate"].change_rules([Rule(400)], "Ann")

    gate.camera.ask(["bicycles"], "Ann")
    gate.camera.ask(["people", "bicycles"], "Ann")

    shown = {one.name: one.rules for one in gate.camera.snapshots()}
    assert shown == {"Gate": (Rule(400),), "Gate · bicycles": ()}


def test_what_stays_goes_on() -> None:
    """People are still counted: their curve and their alarm notice nothing."""
    gate = Gate(NamedCounter(people=12, bicycles=3), limit={"high": 10, "on_delay_s": 0})
    gate.count(3)
    events = len(gate.events)

    gate.camera.ask(["bicycles", "people"], "Ann")

    people = gate.camera.snapshots()[1]
    assert people.reading is gate.readings[-1]
    assert people.alarms[0].state is AlarmState.UNACKNOWLEDGED
    assert len(gate.events) == events


@pytest.mark.parametrize("things", [["people", "bicycles"], ["bicycles", "people"], ["bicycles"]])
def test_a_lost_stream_rings_once(things: list[str]) -> None:
    """However many things are counted, and whatever was counted before."""
    gate = Gate(NamedCounter(people=12, bicycles=3))
    gate.count()
    gate.camera.ask(things, "Ann")
    gate.count()

    for _ in range(60):
        gate.clock.advance(1.0)
        gate.camera.tick()

    ringing = [one for one in gate.events if one.is_new_alarm]
    assert [one.rule_name for one in ringing] == ["stream"]


def test_a_rule_watches_the_thing_that_it_names() -> None:
    """Twelve people reach no limit of five bicycles."""
    rules = [
        {"name": "bikes", "limit": 2, "count": "bicycles", "on_delay_s": 0},
        {"name": "full", "limit": 11, "on_delay_s": 0},
        {"name": "asleep", "limit": 1, "count": "dogs", "on_delay_s": 0},
    ]
    gate = Gate(NamedCounter(people=12, bicycles=3), count=["people", "bicycles"], rule=rules)

    gate.count(3)

    ringing = {one.alarm_id: one.unit for one in gate.events if one.is_new_alarm}
    assert ringing == {"Gate/full": "people", "Gate · bicycles/bikes": "bicycles"}


def test_zones_and_ground_hold_as_they_can() -> None:
    """Zones are the camera's; people per m² are of people."""
    half = {"name": "left", "polygon": [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]}
    ground = {"rectangle": [[0.3, 0.5], [0.7, 0.5], [0.9, 0.9], [0.1, 0.9]], "sides_m": [5, 8]}
    gate = Gate(
        NamedCounter(people=12, bicycles=3),
        count=["people", "bicycles"], zone=[half], ground=ground,
    )  # fmt: skip

    gate.count()

    people, bicycles = gate.readings
    assert [people.zones[0].count, bicycles.zones[0].count] == pytest.approx([6, 1.5], rel=0.01)
    assert [one.ground is not None for one in gate.camera.snapshots()] == [True, False]


def test_what_cannot_be_counted_is_told_and_no_number_is_made() -> None:
    """As after a change of the site file: the reason stands at the camera."""
    gate = Gate(NamedCounter(people=12), count=["dragons"])

    gate.count()

    assert gate.counts == {}
    assert "cannot be asked for dragons" in gate.camera.snapshot().health.message


def test_a_counter_of_people_refuses_other_things() -> None:
    """Made ready, asked, or checked for a whole site: the same sentence."""
    counter = FixedCounter(5)
    image = gray_frame(0, captured_s=0.0).picture.to_rgb()

    assert [one.count for (one,) in count_things(counter, [image, image], ["people"])] == [5, 5]
    with pytest.raises(ModelError, match="counts people only, not bicycles"):
        make_ready(counter, ["bicycles"])
    with pytest.raises(ModelError, match=r"camera B: .*bicycles; camera C: .*dogs"):
        check_countable({"A": (), "B": ("bicycles",), "C": ("dogs",)}, counter)
