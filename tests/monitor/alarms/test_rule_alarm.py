"""The alarm machine: every transition by hand, and its laws over random histories."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alarms.condition import measured, sight_of
from monitor.alarms.machine import SHELVE_MAX_S, RuleAlarm
from monitor.core.alarm import AlarmState
from monitor.core.interval import probability_at_least
from monitor.core.reading import Quality, Reading
from monitor.core.rule import Level, Rule

NOON = datetime(2030, 5, 1, 12, tzinfo=UTC)
NORMAL, UNACKNOWLEDGED, ACKNOWLEDGED, RETURNED, SHELVED, SUPPRESSED = AlarmState
LIMIT = Rule(100.0, dead_band=10.0, on_delay_s=10.0, off_delay_s=15.0)


class Watched:
    """An alarm with a clock that the test moves, and the journal of what it said."""

    def __init__(self, limit=LIMIT):
        self.alarm = RuleAlarm("Gate 1", limit, NOON)
        self.now_s = 0.0
        self.wall = NOON
        self.journal = []

    def see(self, count, *, after_s=1.0, quality=Quality.GOOD, variance=None):
        """Let time pass and step with a reading; count None: without one."""
        self.now_s += after_s
        self.wall += timedelta(seconds=after_s)
        reading = None
        if count is not None:
            reading = Reading(
                "Gate 1", self.wall, self.now_s, count, None, None, variance, count, quality
            )
        rule = self.alarm.status.rule
        events = self.alarm.step(
            None if reading is None else measured(reading, rule),
            sight=sight_of(rule, quality),
            now_s=self.now_s,
            now_utc=self.wall,
            reason=quality.value,
        )
        self.journal.extend(events)
        return self.alarm.status.state

    def see_for(self, seconds, count, **how):
        """Step once a second."""
        for _ in range(seconds):
            self.see(count, **how)
        return self.alarm.status.state

    def acknowledge(self, who="Ada", note=""):
        """Acknowledge now."""
        events = self.alarm.acknowledge(who, note, now_s=self.now_s, now_utc=self.wall)
        self.journal.extend(events)
        return events

    def shelve(self, minutes=15.0, who="Ada", reason="works at the gate"):
        """Put the alarm aside now."""
        events = self.alarm.shelve(
            who, duration_s=60 * minutes, reason=reason, now_s=self.now_s, now_utc=self.wall
        )
        self.journal.extend(events)
        return events

    def unshelve(self, who="Ada"):
        """Bring it back now."""
        events = self.alarm.unshelve(who, now_utc=self.wall)
        self.journal.extend(events)
        return events


def ringing(limit=LIMIT):
    """An alarm that rings."""
    watched = Watched(limit)
    watched.see(120.0)
    watched.see(120.0, after_s=limit.on_delay_s)
    assert watched.alarm.status.state is UNACKNOWLEDGED
    return watched


def test_starts_suppressed_and_normal_with_the_first_count():
    """Before the first count nobody can say that all is well."""
    watched = Watched()

    assert watched.alarm.status.state is SUPPRESSED
    assert watched.see(None, quality=Quality.GOOD) is SUPPRESSED
    assert watched.see(20.0) is NORMAL
    assert [(one.before, one.after) for one in watched.journal] == [(SUPPRESSED, NORMAL)]


def test_rings_only_after_the_on_delay():
    """Ten seconds at the limit, not nine."""
    watched = Watched()
    watched.see(100.0)

    assert watched.see(100.0, after_s=9.9) is NORMAL
    assert watched.see(None, after_s=0.1) is UNACKNOWLEDGED
    assert watched.alarm.status.is_ringing


def test_a_break_in_the_on_delay_starts_it_again():
    """A crowd that thins out below the dead band in between is no alarm."""
    watched = Watched()
    watched.see_for(9, 110.0)
    watched.see(89.9)

    assert watched.see_for(10, 110.0) is NORMAL
    assert watched.see(110.0) is UNACKNOWLEDGED


def test_the_dead_band_does_not_break_the_on_delay():
    """The condition ends below the dead band, not below the limit."""
    watched = Watched()
    watched.see(100.0)

    assert watched.see_for(10, 90.0) is UNACKNOWLEDGED


def test_returns_only_after_the_off_delay():
    """Fifteen seconds below the dead band, not fourteen; unacknowledged it stays to be seen."""
    watched = ringing()
    watched.see(89.0)

    assert watched.see(89.0, after_s=14.9) is UNACKNOWLEDGED
    assert watched.see(89.0, after_s=0.1) is RETURNED
    assert not watched.alarm.status.is_ringing


def test_acknowledged_alarm_returns_to_normal():
    """Who knows of an alarm need not be told that it is over."""
    watched = ringing()
    watched.acknowledge()
    watched.see(89.0)

    assert watched.see(89.0, after_s=15.0) is NORMAL


def test_rings_again_after_it_returned():
    """A second crowd rings again although nobody acknowledged the first."""
    watched = ringing()
    watched.see_for(16, 80.0)
    assert watched.alarm.status.state is RETURNED

    assert watched.see_for(11, 120.0) is UNACKNOWLEDGED


def test_rings_again_after_it_was_acknowledged_and_over():
    """An acknowledgement is for one crowd, not for the next."""
    watched = ringing()
    watched.acknowledge()
    watched.see_for(16, 80.0)
    assert watched.alarm.status.state is NORMAL

    assert watched.see_for(11, 120.0) is UNACKNOWLEDGED


def test_acknowledging_what_returned_ends_it():
    """Seen and over is normal."""
    watched = ringing()
    watched.see_for(16, 80.0)
    watched.acknowledge()

    assert watched.alarm.status.state is NORMAL


def test_journal_of_an_acknowledgement_names_the_person():
    """Who, when, what they wrote, and the count they saw."""
    watched = ringing()

    (event,) = watched.acknowledge("Ada", "stewards sent")

    assert (event.before, event.after) == (UNACKNOWLEDGED, ACKNOWLEDGED)
    assert (event.camera, event.who, event.note) == ("Gate 1", "Ada", "stewards sent")
    assert (event.at_utc, event.value, event.limit) == (watched.wall, 120.0, 100.0)


def test_acknowledging_twice_is_acknowledging_once():
    """The second of two people at the key changes nothing and writes nothing."""
    watched = ringing()
    watched.acknowledge("Ada")
    before = watched.alarm.status

    assert watched.acknowledge("Bob") == ()
    assert watched.alarm.status == before


def test_acknowledgement_needs_a_name():
    """A journal without a name is none."""
    watched = ringing()

    with pytest.raises(ValueError, match="name"):
        watched.acknowledge("  ")

    assert watched.alarm.status.state is UNACKNOWLEDGED


@pytest.mark.parametrize("quality", [Quality.STALE, Quality.LOST])
def test_lost_pictures_suppress_what_is_normal_and_nothing_else(quality):
    """Normal cannot be claimed without pictures; what is active stays, and goes on ringing."""
    normal, rings, known, returned = Watched(), ringing(), ringing(), ringing()
    normal.see(20.0)
    known.acknowledge()
    returned.see_for(16, 20.0)

    states = [one.see_for(600, None, quality=quality) for one in (normal, rings, known, returned)]

    assert states == [SUPPRESSED, UNACKNOWLEDGED, ACKNOWLEDGED, RETURNED]
    assert rings.alarm.status.is_ringing


DOUBTFUL = [Quality.DEGRADED, Quality.OUT_OF_DISTRIBUTION]


@pytest.mark.parametrize("quality", DOUBTFUL)
def test_doubtful_pictures_may_ring(quality):
    """A bad picture is worth more than none."""
    watched = Watched()

    assert watched.see_for(11, 120.0, quality=quality) is UNACKNOWLEDGED


@pytest.mark.parametrize("quality", DOUBTFUL)
def test_doubtful_pictures_never_calm(quality):
    """A crowd that seems gone in a torn picture may still be there."""
    watched, halfway = ringing(), ringing()
    halfway.see_for(14, 50.0)

    assert watched.see_for(600, 0.0, quality=quality) is UNACKNOWLEDGED
    assert halfway.see_for(600, 0.0, quality=quality) is UNACKNOWLEDGED
    assert watched.see_for(15, 50.0) is UNACKNOWLEDGED
    assert watched.see(50.0) is RETURNED


def test_a_moved_camera_still_counts_the_whole_picture():
    """Where people stand is no longer known; how many there are is."""
    watched = ringing()

    assert watched.see_for(16, 50.0, quality=Quality.UNCALIBRATED) is RETURNED


def test_off_delay_starts_again_after_lost_pictures():
    """Time without pictures calms no alarm, nor does what was seen before it."""
    watched = ringing()
    watched.see_for(14, 50.0)
    watched.see_for(60, None, quality=Quality.LOST)

    assert watched.see_for(15, 50.0) is UNACKNOWLEDGED
    assert watched.see(50.0) is RETURNED


def test_bad_connection_cannot_keep_a_full_place_quiet():
    """The on-delay adds up over the seconds with pictures."""
    watched = Watched()
    for _ in range(5):
        watched.see_for(3, 120.0)
        watched.see_for(5, None, quality=Quality.STALE)

    assert watched.see_for(3, 120.0) is UNACKNOWLEDGED


def test_time_without_pictures_counts_for_no_delay():
    """One count at the limit, an hour of darkness, another count: that is not an hour."""
    watched = Watched()
    watched.see(120.0)
    watched.see_for(2, None, quality=Quality.LOST, after_s=1800.0)

    assert watched.see(120.0) is NORMAL


def test_pictures_back_but_no_count_yet_stays_suppressed():
    """A stream that is live again is not yet a count."""
    watched = Watched()
    watched.see(20.0)
    watched.see(None, quality=Quality.LOST)

    assert watched.see(None, quality=Quality.GOOD) is SUPPRESSED
    assert watched.see(20.0) is NORMAL


def test_without_delays_the_first_count_rings():
    """Zero seconds means at once, straight from suppressed."""
    watched = Watched(Rule(100.0, on_delay_s=0.0, off_delay_s=0.0))

    assert watched.see(100.0) is UNACKNOWLEDGED
    assert watched.see(89.0) is RETURNED
    assert len(watched.journal) == 2


@pytest.mark.parametrize(
    ("count", "confidence", "rings"),
    [
        pytest.param(100.0, 0.6, False, id="at the limit it is even odds"),
        pytest.param(100.0, 0.5, True, id="even odds are enough if asked for"),
        pytest.param(116.0, 0.95, False, id="1.6 deviations above are not 95 %"),
        pytest.param(117.0, 0.95, True, id="1.7 deviations above are"),
        pytest.param(92.0, 0.2, True, id="a cautious limit rings below the limit"),
    ],
)
def test_confidence_decides_by_probability(count, confidence, rings):
    """Standard deviation 10: the 95 % point of a normal lies 1.645 deviations out."""
    watched = Watched(Rule(100.0, on_delay_s=0.0, confidence=confidence))

    state = watched.see(count, variance=100.0)

    assert (state is UNACKNOWLEDGED) is rings


def test_confidence_without_variance_falls_back_to_the_count():
    """A model that cannot say how sure it is must not switch the alarm off."""
    watched = Watched(Rule(100.0, on_delay_s=0.0, confidence=0.99))

    assert watched.see(100.0, variance=None) is UNACKNOWLEDGED


def test_alarm_that_asked_for_confidence_returns_by_the_count():
    """Growing doubt does not end an alarm; the count below the dead band does."""
    watched = Watched(Rule(100.0, on_delay_s=0.0, off_delay_s=0.0, confidence=0.95))
    watched.see(125.0, variance=100.0)

    assert watched.see(95.0, variance=2500.0) is UNACKNOWLEDGED
    assert watched.see(89.0, variance=100.0) is RETURNED


def test_changed_limit_is_journalled_and_judged_by():
    """A new limit counts from the next reading; who changed it is on record."""
    watched = Watched()
    watched.see(60.0)
    lower = Rule(50.0, on_delay_s=0.0)

    (event,) = watched.alarm.change_rule(lower, "Ada", now_utc=watched.wall)

    assert (event.before, event.after, event.who, event.limit) == (NORMAL, NORMAL, "Ada", 50.0)
    assert event.note == "limit changed from 100 to 50"
    assert watched.alarm.status.rule == lower
    assert watched.see(60.0) is UNACKNOWLEDGED
    assert watched.alarm.change_rule(lower, "Ada", now_utc=watched.wall) == ()


def test_changed_delay_is_journalled_as_such():
    """The journal does not speak of a limit that stayed."""
    watched = Watched()

    (event,) = watched.alarm.change_rule(Rule(100.0, on_delay_s=1.0), "Ada", now_utc=NOON)

    assert event.note == "settings of limit 100 changed"


@pytest.mark.parametrize(
    ("do", "note"),
    [
        pytest.param(lambda one: one.see(20.0), "pictures are being counted", id="normal"),
        pytest.param(
            lambda one: one.see_for(12, 120.0), "at 100 or more for 10 s", id="unacknowledged"
        ),
        pytest.param(
            lambda one: (one.see(20.0), one.see(None, quality=Quality.STALE)),
            "no count to judge by: stale",
            id="suppressed",
        ),
        pytest.param(
            lambda one: (one.see_for(12, 120.0), one.see_for(16, 20.0)),
            "below 90 for 15 s",
            id="returned",
        ),
    ],
)
def test_journal_says_why(do, note):
    """The last entry gives the program's reason in words."""
    watched = Watched()

    do(watched)

    assert watched.journal[-1].note == note


steps = st.lists(
    st.tuples(
        st.sampled_from(["see", "see", "see", "tick", "acknowledge", "shelve", "unshelve"]),
        st.floats(0, 200),
        st.floats(0, 20),
        st.sampled_from(
            [Quality.GOOD, Quality.GOOD, Quality.DEGRADED, Quality.STALE, Quality.LOST]
        ),
    ),
    max_size=60,
)

ALLOWED = {
    (SUPPRESSED, NORMAL),
    (SUPPRESSED, UNACKNOWLEDGED),
    (NORMAL, SUPPRESSED),
    (NORMAL, UNACKNOWLEDGED),
    (UNACKNOWLEDGED, ACKNOWLEDGED),
    (UNACKNOWLEDGED, RETURNED),
    (ACKNOWLEDGED, NORMAL),
    (RETURNED, NORMAL),
    (RETURNED, UNACKNOWLEDGED),
    (ACKNOWLEDGED, UNACKNOWLEDGED),
    (NORMAL, SHELVED),
    (UNACKNOWLEDGED, SHELVED),
    (ACKNOWLEDGED, SHELVED),
    (RETURNED, SHELVED),
    (SUPPRESSED, SHELVED),
    (SHELVED, NORMAL),
    (SHELVED, UNACKNOWLEDGED),
    (SHELVED, SUPPRESSED),
}
RULES = st.builds(
    Rule,
    limit=st.just(100.0),
    level=st.sampled_from(Level),
    dead_band=st.sampled_from([0.0, 10.0]),
    on_delay_s=st.sampled_from([0.0, 10.0]),
    off_delay_s=st.sampled_from([0.0, 15.0]),
    is_latching=st.booleans(),
    realarm_after_s=st.sampled_from([0.0, 60.0]),
)


def play(history, rule=LIMIT, jumps_s=()):
    """Run a random history and give the journal and the state after each step."""
    watched = Watched(rule)
    states = [watched.alarm.status.state]
    for (kind, count, after_s, quality), jump_s in itertools.zip_longest(history, jumps_s):
        if jump_s is not None:
            watched.wall = NOON + timedelta(seconds=jump_s)
        if kind == "acknowledge":
            watched.acknowledge()
        elif kind == "shelve":
            watched.shelve(minutes=1 + after_s / 10)
        elif kind == "unshelve":
            watched.unshelve()
        else:
            blind = quality in {Quality.STALE, Quality.LOST}
            shown = count if kind == "see" and not blind else None
            watched.see(shown, after_s=after_s, quality=quality)
        states.append(watched.alarm.status.state)
    return watched, states


@given(steps, RULES)
def test_every_change_of_state_is_in_the_journal_once(history, rule):
    """The journal, and nothing but it, tells every state that the alarm was in."""
    watched, states = play(history, rule)

    seen = [(a, b) for a, b in itertools.pairwise(states) if a is not b]
    told = [(one.before, one.after) for one in watched.journal if one.before is not one.after]

    assert told == seen
    assert set(seen) <= ALLOWED
    assert all(
        (a, b) == (SHELVED, SHELVED) for a, b in ((e.before, e.after) for e in watched.journal)
        if a is b
    )  # fmt: skip


@given(steps, RULES)
def test_only_a_count_a_person_or_the_shelfs_end_moves_an_alarm(history, rule):
    """No step without trustworthy pictures leaves a state, but normal that cannot be claimed."""
    watched, states = play(history, rule)

    for before, after, (kind, _, _, quality) in zip(states, states[1:], history, strict=False):
        if kind in {"see", "tick"} and quality in {Quality.STALE, Quality.LOST}:
            assert after is before or before is SHELVED or (before, after) == (NORMAL, SUPPRESSED)
    assert watched.alarm.status.state is states[-1]


@given(steps, RULES)
def test_a_latching_alarm_rings_until_somebody_knows(history, rule):
    """It leaves the ringing state by a person alone."""
    latching = replace(rule, is_latching=True)

    _, states = play(history, latching)

    for before, after, (kind, *_) in zip(states, states[1:], history, strict=False):
        if before is UNACKNOWLEDGED and after is not UNACKNOWLEDGED:
            assert (kind, after) in {("acknowledge", ACKNOWLEDGED), ("shelve", SHELVED)}


@given(steps, RULES, st.lists(st.floats(-1e7, 1e7), min_size=60, max_size=60))
def test_jumps_of_the_wall_clock_change_no_state(history, rule, jumps_s):
    """A corrected or broken time of day moves no alarm, and no shelved one comes back early."""
    _, steady = play(history, rule)

    _, states = play(history, rule, jumps_s[: len(history)])

    assert states == steady


@given(steps, st.floats(1, 99))
def test_a_higher_limit_is_never_reached_before_a_lower_one(history, lower):
    """Of two alarms that differ in the limit alone, high-high never stands where high does not."""
    known = [one for one in history if one[0] in {"see", "tick"}]
    low = Rule(lower, dead_band=lower / 2)
    high = Rule(100.0, dead_band=50.0, level=Level.HIGH_HIGH)

    first, second = play(known, low)[1], play(known, high)[1]

    for a, b in zip(first, second, strict=True):
        assert not (b is UNACKNOWLEDGED and a is not UNACKNOWLEDGED)


@given(steps)
def test_a_low_limit_is_a_high_one_in_the_mirror(history):
    """People that are missing ring exactly as people that are too many do."""
    mirrored = [(kind, 200.0 - count, *rest) for kind, count, *rest in history]

    _, high = play(history, LIMIT)
    _, low = play(mirrored, replace(LIMIT, level=Level.LOW))

    assert low == high


@given(
    st.floats(20, 180),
    st.lists(st.floats(-0.999, 0.999), min_size=1, max_size=200),
    st.floats(0, 3),
)
def test_no_chatter_from_noise_within_half_the_dead_band(level, noise, after_s):
    """A steady crowd rings once or not at all, wherever it stands, even without delays."""
    watched = Watched(Rule(100.0, dead_band=10.0, on_delay_s=0.0, off_delay_s=0.0))

    for one in noise:
        watched.see(level + 5.0 * one, after_s=after_s)

    assert sum(one.after is UNACKNOWLEDGED for one in watched.journal) <= 1
    assert not any(one.after is RETURNED for one in watched.journal)


@given(
    st.lists(st.tuples(st.floats(5, 60), st.floats(0, 200)), min_size=1, max_size=8),
    st.sampled_from([1, 2, 5, 25]),
)
def test_rate_of_counting_does_not_move_an_alarm(plateaus, rate_hz):
    """A crowd in plateaus gives the same journal at every rate, to the grid of the slower one."""
    slow, fast = Watched(), Watched()
    for watched, each_s in ((slow, 1.0), (fast, 1 / rate_hz)):
        for length_s, count in plateaus:
            for _ in range(int(length_s) * round(1 / each_s)):
                watched.see(count, after_s=each_s)

    def tell(watched):
        return [(one.before, one.after) for one in watched.journal]

    assert tell(fast) == tell(slow) or _is_prefix_within_grid(fast, slow)
    for one, other in zip(fast.journal, slow.journal, strict=False):
        assert abs((one.at_utc - other.at_utc).total_seconds()) <= 1.001


def _is_prefix_within_grid(fast, slow):
    """Whether one journal only lacks a last entry that fell between the other's last two steps."""
    longer, shorter = sorted((fast.journal, slow.journal), key=len, reverse=True)
    extra = longer[len(shorter) :]
    end = max(fast.wall, slow.wall)
    return len(extra) == 1 and (end - extra[0].at_utc).total_seconds() <= 1.001


@given(st.floats(1, 200), st.floats(0.01, 400), st.floats(0.05, 0.95))
def test_confidence_never_chatters_on_a_constant_reading(count, variance, confidence):
    """Whatever is asked for, an unchanged crowd cannot both begin and end an alarm."""
    limit = Rule(100.0, on_delay_s=0.0, off_delay_s=0.0, confidence=confidence)
    watched = Watched(limit)

    states = {watched.see(count, variance=variance) for _ in range(5)}

    expected = probability_at_least(100.0, count=count, variance=variance) >= confidence
    assert states == {UNACKNOWLEDGED if expected else NORMAL}


def test_a_cautious_alarm_does_not_end_for_being_cautious():
    """Asked to ring at one chance in five it rings below the dead band, and stays on there."""
    limit = Rule(100.0, dead_band=2.0, on_delay_s=0.0, off_delay_s=0.0, confidence=0.2)
    watched = Watched(limit)

    states = {watched.see(93.0, variance=100.0) for _ in range(5)}

    assert states == {UNACKNOWLEDGED}


def test_a_clock_that_stands_or_goes_back_takes_nothing_from_a_delay():
    """Seconds that were counted stay counted; none are added."""
    watched = Watched()
    watched.see(120.0)
    watched.see(120.0, after_s=6.0)

    watched.see(120.0, after_s=-5.0)
    before = watched.see(120.0, after_s=3.9)

    assert before is NORMAL
    assert watched.see(120.0, after_s=0.2) is UNACKNOWLEDGED


def test_status_shows_the_newest_value_while_the_state_stays():
    """The strip tells how many are there now, not how many were there when it began."""
    watched = ringing()
    since = watched.alarm.status.since_utc

    watched.see(150.0)

    assert (watched.alarm.status.value, watched.alarm.status.since_utc) == (150.0, since)


def test_an_acknowledged_alarm_rings_again_if_it_stands():
    """Ten minutes after somebody knew, the crowd is still there: they are told again, by name."""
    watched = ringing(replace(LIMIT, realarm_after_s=600.0))
    watched.acknowledge()

    assert watched.see_for(599, 120.0) is ACKNOWLEDGED
    assert watched.see(120.0) is UNACKNOWLEDGED
    assert watched.journal[-1].note == "still there 600 s after it was acknowledged"


def test_no_second_ringing_where_none_is_wanted():
    """Zero seconds means never."""
    watched = ringing(replace(LIMIT, realarm_after_s=0.0))
    watched.acknowledge()

    assert watched.see_for(3000, 120.0) is ACKNOWLEDGED


def test_a_latching_alarm_rings_on_when_it_is_over():
    """It is over, but nobody has looked; the look ends it."""
    watched = ringing(replace(LIMIT, is_latching=True))

    assert watched.see_for(60, 0.0) is UNACKNOWLEDGED
    watched.acknowledge()
    assert watched.see(0.0) is NORMAL


def test_a_shelved_alarm_is_quiet_and_comes_back_by_itself():
    """For the time that was asked for, by the clock that cannot jump."""
    watched = Watched()
    watched.see(20.0)
    (event,) = watched.shelve(minutes=1, who="Ada", reason="works")
    status = watched.alarm.status

    assert (event.before, event.after, event.who) == (NORMAL, SHELVED, "Ada")
    assert event.note == "for 1 min: works"
    assert (status.shelved_by, status.shelved_reason) == ("Ada", "works")
    assert status.shelved_until_utc == watched.wall + timedelta(minutes=1)
    assert watched.see_for(59, 120.0) is SHELVED
    assert watched.see(120.0) is UNACKNOWLEDGED
    assert watched.journal[-1].note == "time of shelving is over"
    assert watched.alarm.status.shelved_until_utc is None


def test_what_came_and_went_on_the_shelf_is_not_told():
    """It was put aside for that."""
    watched = Watched()
    watched.shelve(minutes=2)
    watched.see_for(60, 120.0)
    watched.see_for(50, 20.0)

    watched.unshelve("Bob")

    assert watched.alarm.status.state is NORMAL
    assert [(one.after, one.who) for one in watched.journal] == [(SHELVED, "Ada"), (NORMAL, "Bob")]


def test_an_alarm_that_stands_rings_when_it_leaves_the_shelf():
    """Also one that somebody knew of: they put it aside."""
    watched = ringing()
    watched.acknowledge()
    watched.shelve()

    assert watched.acknowledge() == ()
    watched.unshelve()

    assert watched.alarm.status.is_ringing


def test_shelving_again_moves_its_end():
    """One entry more in the journal, and the new time counts from now."""
    watched = Watched()
    watched.see(20.0)
    watched.shelve(minutes=1)
    watched.see_for(30, 20.0)

    (event,) = watched.shelve(minutes=1, who="Bob")

    assert (event.before, event.after, event.who) == (SHELVED, SHELVED, "Bob")
    assert watched.see_for(59, 20.0) is SHELVED
    assert watched.see(20.0) is NORMAL


@pytest.mark.parametrize(
    ("minutes", "who", "reason", "message"),
    [
        (SHELVE_MAX_S / 60 + 1, "Ada", "works", "up to 8 h"),
        (0, "Ada", "works", "up to 8 h"),
        (15, " ", "works", "name"),
        (15, "Ada", " ", "reason"),
    ],
)
def test_shelving_has_a_name_a_reason_and_an_end(minutes, who, reason, message):
    """Nothing is put aside for ever, by nobody, or for nothing."""
    watched = Watched()

    with pytest.raises(ValueError, match=message):
        watched.shelve(minutes, who, reason)

    assert watched.journal == []


def test_unshelving_what_is_not_shelved_changes_nothing():
    """Two people at the key again."""
    assert Watched().unshelve() == ()
