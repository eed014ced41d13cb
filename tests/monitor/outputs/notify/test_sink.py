"""Messages to a real server, which may be away, refuse, or hang."""

import logging

import pytest

from monitor.core.alarm import AlarmState
from monitor.core.errors import OutputError
from monitor.core.rule import Priority
from monitor.core.secret import Secret
from monitor.outputs.notify.plan import Terms
from monitor.outputs.notify.sink import NotifySink, Target, apprise_sender
from monitor.outputs.outbox import Pace
from tests.rigs.clock import ManualClock
from tests.rigs.history import read_of, ring_of
from tests.rigs.states import state_of
from tests.rigs.waiting import wait_until
from tests.rigs.webhook import running_webhook

# Apprise still looks for a module that Python 3.13 has not.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

SOON = Pace(flush_s=0.001, retry_s=0.01, retry_max_s=0.05)
PASSWORD = "S3cretWord"
TOKEN = "T0KEN"
LIMIT_S = 20.0


@pytest.fixture
def hook():
    with running_webhook() as hook:
        yield hook


def target_of(hook, **terms):
    name = terms.pop("name", "duty")
    address = Secret(hook.url(user="crowd", password=PASSWORD))
    return Target(Terms(name, **terms), lambda: apprise_sender(name, address))


@pytest.fixture
def start_sink():
    """Make sinks that are ended with the test."""
    made = []

    def make(*targets, clock=None):
        sink = NotifySink(targets, clock=clock or ManualClock(), pace=SOON)
        sink.start()
        made.append(sink)
        return sink

    yield make
    for sink in made:
        sink.stop(LIMIT_S)


def test_an_alarm_reaches_a_person_in_plain_words(hook, start_sink):
    """Camera, count, interval, limit."""
    sink = start_sink(target_of(hook))

    sink.show([state_of()])
    sink.on_reading(read_of(1, count=131.0, low=120.0, high=140.0))
    sink.on_event(ring_of(0))
    wait_until(lambda: hook.posted, "a message", within_s=LIMIT_S)

    (posted,) = hook.posted
    assert posted["title"] == "MEDIUM alarm: Gate 1, limit"
    assert "131 people, 90 % sure between 120 and 140" in posted["message"]
    wait_until(lambda: sink.health[0][1].written == 1, "it is counted")


def test_who_answers_in_time_spares_the_next(hook, start_sink):
    """Two targets: the second is called after a minute, only for what nobody answered."""
    clock = ManualClock()
    sink = start_sink(
        target_of(hook, name="duty"), target_of(hook, name="on call", after_s=60.0), clock=clock
    )
    sink.on_event(ring_of(0, alarm_id="Gate 1/a"))
    sink.on_event(ring_of(0, alarm_id="Gate 1/b"))
    clock.advance(30.0)
    sink.on_event(
        ring_of(30, alarm_id="Gate 1/a", before=AlarmState.UNACKNOWLEDGED,
                after=AlarmState.ACKNOWLEDGED, who="Ada")
    )  # fmt: skip
    sink.show([])
    clock.advance(30.0)
    sink.show([])
    wait_until(lambda: len(hook.posted) == 3, "three messages", within_s=LIMIT_S)

    unanswered = [one["title"] for one in hook.posted if "UNANSWERED" in one["title"]]
    assert unanswered == ["UNANSWERED MEDIUM alarm: Gate 1, b"]


def test_a_server_that_refuses_is_asked_again(hook, start_sink, caplog):
    """The failure is seen meanwhile, the message arrives once, and no secret is told."""
    hook.status = 503
    sink = start_sink(target_of(hook))
    with caplog.at_level(logging.DEBUG):
        sink.on_event(ring_of(0))
        wait_until(lambda: sink.health[0][1].is_failing, "it is noticed", within_s=LIMIT_S)
        failing = sink.health[0][1]
        hook.status = 200
        wait_until(lambda: sink.health[0][1].written == 1, "it is sent", within_s=LIMIT_S)

    assert len(hook.posted) == 1
    assert not sink.health[0][1].is_failing
    assert "duty" in failing.message
    for text in (caplog.text, str(failing), repr(sink.health)):
        assert PASSWORD not in text
        assert TOKEN not in text


def test_a_server_that_hangs_holds_up_nobody_else(hook, start_sink):
    """Neither the other target nor who puts alarms in."""
    with running_webhook() as other:
        hook.gate.clear()
        sink = start_sink(target_of(hook, name="hangs"), target_of(other, name="works"))
        for index in range(10):
            sink.on_event(ring_of(index, alarm_id=f"Gate {index}/limit"))
        wait_until(lambda: len(other.posted) == 10, "the other is told", within_s=LIMIT_S)
        health = dict(sink.health)
        hook.gate.set()

    assert health["hangs"].waiting == 10


def test_what_is_left_out_is_counted(hook, start_sink):
    """Five alarms, two messages, three lost, all of it in the status."""
    sink = start_sink(target_of(hook, per_hour=2, priorities=frozenset({Priority.MEDIUM})))

    for index in range(5):
        sink.on_event(ring_of(index, alarm_id=f"Gate {index}/limit"))
    wait_until(lambda: sink.health[0][1].written == 2, "two messages", within_s=LIMIT_S)

    assert sink.health[0][1].lost == 3


def test_an_address_that_cannot_be_read_is_told_without_it(caplog):
    """Whoever mistypes an address may have typed a password."""
    with caplog.at_level(logging.DEBUG), pytest.raises(OutputError, match="duty") as caught:
        apprise_sender("duty", Secret(f"nonsense://u:{PASSWORD}@host"))

    assert PASSWORD not in f"{caught.value!r} {caught.value.__cause__!r} {caplog.text}"


def test_a_wrong_address_is_told_before_the_first_alarm(start_sink):
    """Nobody wants to learn at night that the telephone was never connected."""

    def open_sender():
        raise OutputError("[notify] duty: the environment variable DUTY_URL is not set")

    sink = start_sink(Target(Terms("duty"), open_sender))
    wait_until(lambda: sink.health[0][1].is_failing, "it is noticed", within_s=LIMIT_S)

    assert "DUTY_URL" in sink.health[0][1].message


def test_nobody_answers_there(start_sink, caplog):
    """A port on which nothing listens: a state, without the address."""
    with running_webhook() as hook:
        target = target_of(hook)
    with caplog.at_level(logging.DEBUG):
        sink = start_sink(target)
        sink.on_event(ring_of(0))
        wait_until(lambda: sink.health[0][1].is_failing, "it is noticed", within_s=LIMIT_S)

    assert TOKEN not in caplog.text
    assert PASSWORD not in caplog.text
