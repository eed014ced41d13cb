"""All areas of a site: changed while they are watched."""

from monitor.core.alarm import AlarmEvent
from monitor.core.rule import Measure, Priority, Rule
from monitor.engine.area import Areas
from monitor.engine.journal import Journal
from monitor.settings import AreaSettings, MemberSettings
from tests.rigs.clock import ManualClock

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
