"""What was put aside before a restart stays aside, on a real history and real engines."""

from datetime import timedelta

import pytest

from monitor.alarms.machine import SHELVE_MAX_S
from monitor.core.alarm import AlarmState
from monitor.engine.engine import Engine
from monitor.engine.outputs import Outputs
from monitor.engine.recall import recall_shelvings, standing_shelvings
from monitor.outputs.history.history import History
from monitor.settings import SiteSettings
from monitor.settings.outputs import parse_address
from tests.rigs.counters import FixedCounter
from tests.rigs.history import NOON, SOON, StoppedClock, ring_of
from tests.rigs.waiting import wait_until

SHELVED, RINGS = AlarmState.SHELVED, AlarmState.UNACKNOWLEDGED
SITE = SiteSettings.model_validate(
    {
        "camera": [
            {
                "name": "Gate 1",
                "source": "synthetic:plaza?people=1",
                "limit": {"high": 20},
                "rule": [{"name": "second", "limit": 30}],
            }
        ]
    }
)


def shelving(at_s=0.0, *, for_s=3600.0, alarm_id="Gate 1/limit", **changes):
    until = NOON + timedelta(seconds=at_s + for_s)
    values = {"after": SHELVED, "who": "Ada", "note": "for 60 min: a drill", "until_utc": until}
    return ring_of(at_s, alarm_id=alarm_id, **(values | changes))


def after(seconds):
    return NOON + timedelta(seconds=seconds)


def test_the_newest_shelving_of_each_alarm_stands():
    """Put aside twice, the second time for less; another alarm beside it."""
    first, second = shelving(0, for_s=7200), shelving(60, for_s=600, before=SHELVED)
    other = shelving(30, alarm_id="Gate 1/second")

    assert standing_shelvings([first, other, second], after(100)) == (second, other)


@pytest.mark.parametrize(
    ("events", "stands"),
    [
        ([], False),
        ([shelving()], True),
        ([shelving(for_s=100.0)], False),
        ([shelving(), ring_of(10, before=SHELVED, after=AlarmState.NORMAL)], False),
        ([shelving(), ring_of(10, before=SHELVED, after=SHELVED, note="limit changed")], True),
        ([shelving(), ring_of(10, alarm_id="Gate 1/second")], True),
        ([shelving(), ring_of(11, before=RINGS, note="evidence clip: of its beginning")], True),
        ([shelving(until_utc=None)], False),
    ],
    ids=["nothing", "stands", "over", "back", "rule-changed", "another-rang", "noted", "old-file"],
)
def test_what_happened_since_counts(events, stands):
    """A hundred seconds later."""
    assert bool(standing_shelvings(events, after(100))) is stands


def engine_with(history, clock):
    engine = Engine(SITE.camera, FixedCounter(1.0), clock=clock)
    outputs = Outputs(engine, SITE, history=history, clock=clock)
    return engine, outputs


def statuses_of(engine):
    return {one.alarm_id: one for one in engine.snapshots()[0].alarms}


def test_a_shelved_alarm_survives_two_restarts(tmp_path):
    """With who, why, and until when; and the third start is after its time."""
    clock, address = StoppedClock(), parse_address(f"sqlite:///{tmp_path}/history.sqlite", {})
    seen = []
    for start_s in (0.0, 1000.0, 2000.0, 4000.0):
        clock.now_s = start_s
        engine, outputs = engine_with(History(address, clock=clock, pace=SOON), clock)
        outputs.start()
        if not seen:
            engine.shelve("Gate 1/limit", "Ada", duration_s=3600, reason="a drill: north")
        elif start_s < 3600:
            wait_until(
                lambda engine=engine: statuses_of(engine)["Gate 1/limit"].state is SHELVED,
                "it is shelved again",
            )
        seen.append(statuses_of(engine))
        assert engine.stop(10)
        assert outputs.stop(10)

    for statuses in seen[:3]:
        limit = statuses["Gate 1/limit"]
        assert (limit.state, limit.shelved_by) == (SHELVED, "Ada")
        assert limit.shelved_until_utc == after(3600)
        assert statuses["Gate 1/second"].state is not SHELVED
    assert seen[2]["Gate 1/limit"].shelved_reason == "a drill: north (as before the restart)"
    assert seen[3]["Gate 1/limit"].state is not SHELVED


def test_the_longest_time_is_found_again(tmp_path):
    """A shift that has just begun."""
    clock = StoppedClock()
    history = History(parse_address(f"sqlite:///{tmp_path}/h.sqlite", {}), clock=clock, pace=SOON)
    history.start()
    history.on_event(shelving(0, for_s=SHELVE_MAX_S))
    wait_until(lambda: history.health.written == 1, "it is written")
    clock.now_s = SHELVE_MAX_S - 60
    engine = Engine(SITE.camera, FixedCounter(1.0), clock=clock)

    recall_shelvings(engine, history, clock)

    assert statuses_of(engine)["Gate 1/limit"].shelved_until_utc == after(SHELVE_MAX_S)
    assert history.stop(10)


def test_an_alarm_that_is_gone_and_a_history_that_is_away_harm_nothing(tmp_path, caplog):
    """What cannot be looked up rings; it is told."""
    clock = StoppedClock()
    engine = Engine(SITE.camera, FixedCounter(1.0), clock=clock)
    gone = History(parse_address(f"sqlite:///{tmp_path}/h.sqlite", {}), clock=clock, pace=SOON)
    gone.start()
    gone.on_event(shelving(alarm_id="Gate 7/limit"))
    wait_until(lambda: gone.health.written == 1, "it is written")
    away = History(parse_address(f"sqlite:///{tmp_path}/no/such/folder/x", {}), clock=clock)
    (tmp_path / "no").write_text("in the way")

    recall_shelvings(engine, gone, clock)
    recall_shelvings(engine, away, clock)

    assert "rings again" in caplog.text
    assert all(one.state is not SHELVED for one in statuses_of(engine).values())
    assert gone.stop(10)
