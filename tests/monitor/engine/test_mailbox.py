"""Mailbox: one slot, the newest wins, what was replaced is counted."""

from threading import Event, Thread

from monitor.engine.mailbox import Mailbox
from tests.rigs.load import scaled_s


def test_the_newest_wins_and_the_rest_is_counted() -> None:
    """Of three items that came while nobody took one, the last is taken and two are dropped."""
    mailbox: Mailbox[str] = Mailbox(Event())

    for number, item in enumerate("abc"):
        mailbox.put(item, now_s=float(number))

    assert mailbox.take() == "c"
    assert mailbox.dropped == 2


def test_an_item_is_taken_once() -> None:
    """No picture is counted twice."""
    mailbox: Mailbox[str] = Mailbox(Event())
    mailbox.put("a", now_s=1.0)
    mailbox.take()

    assert mailbox.take() is None
    mailbox.put("b", now_s=2.0)
    assert mailbox.dropped == 0


def test_waiting_begins_when_the_slot_was_filled() -> None:
    """A newer item does not lose its predecessor's place in the line."""
    mailbox: Mailbox[str] = Mailbox(Event())

    assert mailbox.waiting_since_s is None
    mailbox.put("a", now_s=1.0)
    mailbox.put("b", now_s=2.0)
    assert mailbox.waiting_since_s == 1.0
    mailbox.take()
    assert mailbox.waiting_since_s is None


def test_the_bell_rings_for_every_item() -> None:
    """Whoever waits on the bell of several mailboxes hears each of them."""
    bell = Event()
    first: Mailbox[str] = Mailbox(bell)
    second: Mailbox[str] = Mailbox(bell)

    first.put("a", now_s=1.0)
    assert bell.is_set()
    bell.clear()
    second.put("b", now_s=1.0)
    assert bell.is_set()


def test_no_item_is_lost_or_doubled_among_threads() -> None:
    """What one thread puts is either taken or counted as dropped, and order is kept."""
    bell = Event()
    mailbox: Mailbox[int] = Mailbox(bell)
    taken: list[int] = []
    total = 20_000

    def take_all() -> None:
        while not taken or taken[-1] != total:
            item = mailbox.take()
            if item is None:
                bell.wait(1)
                bell.clear()
            else:
                taken.append(item)

    taker = Thread(target=take_all)
    taker.start()
    for number in range(1, total + 1):
        mailbox.put(number, now_s=0.0)
    taker.join(scaled_s(20))

    assert not taker.is_alive()
    assert taken == sorted(set(taken))
    assert len(taken) + mailbox.dropped == total


def test_looking_takes_nothing() -> None:
    """The item is still there, and nothing counts as dropped."""
    mailbox: Mailbox[int] = Mailbox(Event())
    empty = mailbox.peek()
    mailbox.put(7, now_s=1.0)

    seen = mailbox.peek()

    assert empty is None
    assert (seen, mailbox.take(), mailbox.dropped) == (7, 7, 0)
