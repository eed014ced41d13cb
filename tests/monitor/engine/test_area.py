"""Areas: several cameras watched as one."""

from monitor.core.alarm import AlarmEvent
from monitor.core.reading import Quality, Reading
from monitor.core.rule import Measure, Priority, Rule
from monitor.engine.area import Areas, WatchedArea
from monitor.engine.journal import Journal
from monitor.settings import AreaSettings, MemberSettings
from tests.rigs.clock import ManualClock
from tests.rigs.snapshots import reading_of, snapshot_of

SETTINGS = AreaSettings.model_validate({
    "name": "stand",
    "member": [{"camera": "A"}, {"camera": "B"}],
    "rule": [{"name": "full", "limit": 25, "on_delay_s": 0}],
})  # fmt: skip


class Watched:
    """An area whose cameras are set by hand."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.readings: list[Reading] = []
        self.events: list[AlarmEvent] = []
        self.area = WatchedArea(
            SETTINGS,
            clock=self.clock,
            on_reading=self.readings.append,
            on_event=self.events.append,
        )

    def see(self, at_s: float, quality: Quality = Quality.GOOD, **counts: float) -> None:
        """Show counts of the cameras that were made at a moment."""
        self.clock.advance(0.5)
        shown = {
            name: snapshot_of(name, quality=quality, reading=reading_of(count, at_s=at_s))
            for name, count in counts.items()
        }
        self.area.tick(shown)


def test_it_is_counted_and_rings() -> None:
    """Ten and twenty are thirty, under the area's name and alarm id."""
    watched = Watched()

    watched.see(1.0, A=10, B=20)

    assert [(one.camera, one.count) for one in watched.readings] == [("stand", 30.0)]
    assert [one.alarm_id for one in watched.events] == ["stand/full"]
    shown = watched.area.snapshot()
    assert (shown.name, shown.quality, shown.reading) == (
        "stand",
        Quality.GOOD,
        watched.readings[0],
    )


def test_the_same_counts_are_one_reading() -> None:
    """Looking twice a second makes no readings of its own."""
    watched = Watched()

    for at_s in (1.0, 1.0, 1.0, 2.0):
        watched.see(at_s, A=10, B=20)

    assert len(watched.readings) == 2


def test_before_all_are_counted_there_is_no_count() -> None:
    """Not half of it, and not nobody."""
    watched = Watched()

    watched.see(1.0, A=10)

    assert watched.readings == []
    assert watched.area.snapshot().quality is Quality.LOST


def test_a_lost_camera_loses_the_sum_and_rings() -> None:
    """After five seconds the area's own alarm stands; the rule holds what it had."""
    watched = Watched()
    watched.see(1.0, A=10, B=20)

    for _ in range(11):
        watched.see(1.0, Quality.LOST, A=10, B=20)

    assert [(one.rule.name, one.state.value) for one in watched.area.snapshot().alarms] == [
        ("full", "unacknowledged"),
        ("stream", "unacknowledged"),
    ]
    assert watched.area.alarms.acknowledge("stand/stream", "Ann", "")


def test_other_rules_keep_the_area_and_other_members_do_not() -> None:
    """Rules change in place; a place seen by other cameras is another place."""
    watched = Watched()
    watched.see(1.0, A=10, B=20)
    rules = SETTINGS.model_copy(update={"rule": ()})
    members = SETTINGS.model_copy(update={"member": SETTINGS.member[:1]})

    assert watched.area.adjust(rules, "Ann")
    assert [one.rule.name for one in watched.area.snapshot().alarms] == ["stream"]
    assert not watched.area.adjust(members, "Ann")


STAND = AreaSettings(name="stand", member=(MemberSettings(camera="A"), MemberSettings(camera="B")))
EVERY_FIELD = Rule(
    3.5,
    name="packed",
    measure=Measure.PEAK_DENSITY,
    priority=Priority.HIGH,
    dead_band=0.25,
    on_delay_s=3.0,
    off_delay_s=7.0,
    is_latching=True,
    realarm_after_s=60.0,
    confidence=0.8,
)


def areas_of(*settings: AreaSettings) -> Areas:
    """Areas that nobody listens to."""
    events: list[AlarmEvent] = []
    journal = Journal(lambda _: None, events.append)
    return Areas(settings, clock=ManualClock(), journal=journal)


def test_the_settings_hold_the_rules_of_now() -> None:
    """Whoever changes an area's cameras loses no rule that was set since the start."""
    areas = areas_of(STAND)

    areas.alarms_by_name()["stand"].change_rules([EVERY_FIELD], "Ada")

    (settings,) = areas.settings
    assert settings.rules == (EVERY_FIELD,)
    assert settings.member == STAND.member


def test_another_way_of_combining_keeps_name_and_rules() -> None:
    """The area begins anew, with what was set."""
    areas = areas_of(STAND)
    areas.alarms_by_name()["stand"].change_rules([EVERY_FIELD], "Ada")

    areas.change([areas.settings[0].model_copy(update={"combine": "max"})], "Ada")

    assert areas.alarms_by_name()["stand"].rules == (EVERY_FIELD,)
    assert areas.settings[0].combine == "max"
