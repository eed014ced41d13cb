"""Delivery: slow and broken receivers harm nobody else, and what they miss is counted."""

import logging
from dataclasses import replace
from datetime import UTC, datetime
from threading import Event, Thread

import pytest

from monitor.core.alarm import AlarmEvent, AlarmState
from monitor.core.errors import StoreError
from monitor.core.reading import Quality, Reading
from monitor.engine import delivery as delivery_module
from monitor.engine.delivery import Delivery, Subscriber
from tests.rigs.load import scaled_s

NOW = datetime(2026, 1, 1, tzinfo=UTC)
READING = Reading("a", NOW, 0.0, 0.0, None, None, None, 0.0, Quality.GOOD)
EVENT = AlarmEvent("a", NOW, AlarmState.NORMAL, AlarmState.UNACKNOWLEDGED, 9.0, 5.0)


def reading(number: int) -> Reading:
    """Make a reading that can be told from others."""
    return replace(READING, count=float(number))


def deliver_all(delivery: Delivery) -> None:
    """Deliver what waits, on this thread."""
    delivery.close()
    delivery.run()


def test_readings_come_in_order() -> None:
    """All that was put comes out, first in, first out."""
    got: list[float] = []
    delivery = Delivery(Subscriber("store", on_reading=lambda one: got.append(one.count)))

    for number in range(5):
        delivery.put_reading(reading(number))
    deliver_all(delivery)

    assert got == [0, 1, 2, 3, 4]
    assert (delivery.status.delivered, delivery.status.waiting, delivery.status.dropped) == (
        5,
        0,
        0,
    )


def test_alarm_events_go_first() -> None:
    """An alarm does not stand in line behind an hour of readings."""
    got: list[str] = []
    delivery = Delivery(
        Subscriber("sink", lambda _: got.append("reading"), lambda _: got.append("event"))
    )

    delivery.put_reading(READING)
    delivery.put_event(EVENT)
    deliver_all(delivery)

    assert got == ["event", "reading"]


def test_the_oldest_readings_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A receiver that hangs costs bounded memory; alarm events are not pushed out by readings."""
    monkeypatch.setattr(delivery_module, "READINGS_KEPT", 3)
    monkeypatch.setattr(delivery_module, "EVENTS_KEPT", 2)
    counts: list[float] = []
    events: list[AlarmEvent] = []
    delivery = Delivery(Subscriber("sink", lambda one: counts.append(one.count), events.append))

    delivery.put_event(EVENT)
    for number in range(10):
        delivery.put_reading(reading(number))
    delivery.put_event(replace(EVENT, note="2"))
    delivery.put_event(replace(EVENT, note="3"))
    dropped = delivery.status.dropped
    deliver_all(delivery)

    assert counts == [7, 8, 9]
    assert [event.note for event in events] == ["2", "3"]
    assert dropped == 7 + 1


def test_what_nobody_wants_is_not_kept() -> None:
    """A receiver of readings gets no events, and nothing waits for it."""
    delivery = Delivery(Subscriber("store", on_reading=lambda _: None))

    delivery.put_event(EVENT)

    assert delivery.status.waiting == 0


@pytest.mark.parametrize(
    ("error", "message"),
    [(StoreError("the disk is full"), "the disk is full"), (KeyError("x"), "KeyError: 'x'")],
    ids=["expected", "unexpected"],
)
def test_a_failing_receiver_is_asked_again(
    error: Exception, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Each failure is counted, one is logged, and the next delivery that works clears it."""
    is_broken = Event()
    is_broken.set()
    got: list[Reading] = []

    def receive(one: Reading) -> None:
        if is_broken.is_set():
            raise error
        got.append(one)

    delivery = Delivery(Subscriber("store", on_reading=receive))
    thread = Thread(target=delivery.run)
    for number in range(3):
        delivery.put_reading(reading(number))

    with caplog.at_level(logging.WARNING):
        deliver_all(delivery)
    failed = delivery.status
    is_broken.clear()
    delivery.put_reading(reading(3))
    thread.start()
    thread.join(scaled_s(10))

    assert (failed.failures, failed.delivered, failed.message) == (3, 0, message)
    assert len(caplog.records) == 1
    assert got == [reading(3)]
    assert delivery.status.message == ""


def test_putting_never_waits_for_the_receiver() -> None:
    """While a receiver hangs in a call, a thousand readings are taken at once."""
    has_begun, gate = Event(), Event()

    def hang(_: Reading) -> None:
        has_begun.set()
        gate.wait(scaled_s(30))

    delivery = Delivery(Subscriber("sink", on_reading=hang))
    thread = Thread(target=delivery.run)
    thread.start()
    delivery.put_reading(READING)
    has_begun.wait(scaled_s(10))

    for number in range(1000):
        delivery.put_reading(reading(number))
    waiting = delivery.status.waiting
    gate.set()
    delivery.close()
    thread.join(scaled_s(10))

    assert waiting == 1000
    assert delivery.status.delivered == 1001
    assert not thread.is_alive()
