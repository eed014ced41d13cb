"""What a ring of packets holds: never more than it may, and never what cannot be decoded."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from monitor.video.packets import (
    RECORD_BYTES,
    EncodedPacket,
    Kept,
    PacketBacklog,
    PacketRing,
    Refusal,
    RingBounds,
    StreamFormat,
    hand_on,
)

FORM = StreamFormat("h264", Fraction(1, 90_000))
OTHER = StreamFormat("h264", Fraction(1, 90_000), sequence=b"larger")


def packet(at_s: float, *, is_key: bool = False, size: int = 100) -> EncodedPacket:
    """A packet whose bytes nobody reads."""
    return EncodedPacket(bytes(size), is_key, None, at_s)


def filled(ring: PacketRing, keys: str, *, size: int = 100) -> PacketRing:
    """Add a packet each second: K for a key picture, any other letter for one that is none."""
    ring.begin(FORM)
    for second, letter in enumerate(keys):
        ring.add(packet(float(second), is_key=letter == "K", size=size))
    return ring


def seconds(kept: Kept) -> list[list[int]]:
    """When the packets of each run came."""
    return [[round(one.arrived_s) for one in run.packets] for run in kept.runs]


steps = st.lists(
    st.one_of(
        st.tuples(st.floats(0, 3), st.booleans(), st.integers(0, 5000), st.just("packet")),
        st.tuples(st.just(0.0), st.just(False), st.just(0), st.sampled_from(["begin", "change"])),
    ),
    max_size=80,
)


@given(steps, st.floats(0.1, 20), st.integers(1, 20_000))
def test_the_ring_never_exceeds_its_bounds(steps, seconds_most, bytes_max):
    """For packets of any size at any time: bytes, seconds, a key first, in order, no gap in it."""
    ring = PacketRing(RingBounds(seconds_most, bytes_max))
    ring.begin(FORM)
    now_s, sent, breaks = 0.0, [], {0}
    for wait_s, is_key, size, what in steps:
        if what != "packet":
            ring.begin(OTHER if what == "change" else FORM)
            breaks.add(len(sent))
            continue
        now_s += wait_s
        sent.append(packet(now_s, is_key=is_key, size=size))
        ring.add(sent[-1])

        runs = ring.kept().runs
        held = [one for run in runs for one in run.packets]
        assert sum(len(one.data) + RECORD_BYTES for one in held) <= bytes_max
        assert not held or now_s - held[0].arrived_s <= seconds_most
        places = {id(one): place for place, one in enumerate(sent)}
        for run in runs:
            where = [places[id(one)] for one in run.packets]
            assert run.packets[0].is_key
            assert where == list(range(where[0], where[-1] + 1))
            assert not breaks.intersection(where[1:])
        assert [places[id(one)] for one in held] == sorted(places[id(one)] for one in held)


@given(st.lists(st.booleans(), min_size=1, max_size=60), st.integers(5, 20))
def test_nothing_is_let_go_before_its_time(keys, seconds_most):
    """With room enough every group stays whose first picture is young enough."""
    ring = PacketRing(RingBounds(seconds_most, 10**9))
    ring.begin(FORM)
    for second, is_key in enumerate(keys):
        ring.add(packet(float(second), is_key=is_key))
    newest = len(keys) - 1

    held = [one for run in seconds(ring.kept()) for one in run]

    starts = [place for place, is_key in enumerate(keys) if is_key]
    groups = [
        range(start, min([later for later in starts if later > start], default=len(keys)))
        for start in starts
    ]
    # A group that grew longer than the ring was let go as a whole, with all that came after.
    wanted = [place for group in groups if group[0] >= newest - seconds_most for place in group]
    assert held == wanted


def test_what_cannot_be_decoded_is_never_kept():
    """A connection begins in the middle of a group; so does what follows a lost one."""
    ring = filled(PacketRing(RingBounds(100, 10**6)), "..K..")
    ring.begin(FORM)
    for second, is_key in ((5, False), (6, False), (7, True), (8, False)):
        ring.add(packet(second, is_key=is_key))

    assert seconds(ring.kept()) == [[2, 3, 4], [7, 8]]


def test_whole_groups_go_and_it_is_told_when_memory_was_short():
    """Four packets of 356 bytes fit; the first group goes as a whole."""
    ring = filled(PacketRing(RingBounds(100, 4 * (100 + RECORD_BYTES))), "K.K.K")

    assert seconds(ring.kept()) == [[2, 3, 4]]
    assert ring.kept().crowded_out_s == 1.0


def test_a_group_without_an_end_is_let_go_and_the_next_one_kept():
    """Some cameras send a key picture once a minute: memory comes first."""
    ring = filled(PacketRing(RingBounds(5, 10**6)), "K.......K..")

    assert seconds(ring.kept()) == [[8, 9, 10]]


def test_a_closed_ring_holds_nothing_and_forgets_at_once():
    """Somebody forbids pictures: what was kept is gone, and what comes is not kept."""
    ring = filled(PacketRing(RingBounds(100, 10**6)), "K..")
    ring.bound(None)
    ring.add(packet(3, is_key=True))
    assert not ring.is_open
    assert ring.kept() == Kept()

    ring.bound(RingBounds(100, 10**6))
    ring.add(packet(4))
    ring.add(packet(5, is_key=True))

    assert seconds(ring.kept()) == [[5]]


def test_narrower_bounds_hold_at_once():
    """A person makes the memory smaller while the stream hangs."""
    ring = filled(PacketRing(RingBounds(100, 10**6)), "K.K.")
    ring.bound(RingBounds(100, 2 * (100 + RECORD_BYTES)))

    assert seconds(ring.kept()) == [[2, 3]]


def test_a_stream_that_cannot_be_kept_says_why():
    """Until another one begins."""
    ring = filled(PacketRing(RingBounds(100, 10**6)), "K..")
    ring.refuse("raw pictures")
    assert ring.kept() == Kept((), "raw pictures")

    ring.begin(FORM)

    assert ring.kept().why_not == ""


def test_what_comes_through_a_backlog_is_what_went_in():
    """Formats, packets and refusals, in order, in as many pieces as it is taken in."""
    backlog, far, near = PacketBacklog(10**6, is_open=True), PacketRing(), PacketRing()
    for ring in (far, near):
        ring.bound(RingBounds(100, 10**6))
    for second, letter in enumerate("K..bK.b.K"):
        for tap in (backlog, near):
            if letter == "b":
                tap.begin(OTHER)
            else:
                tap.add(packet(second, is_key=letter == "K"))
        if second % 2:
            hand_on(backlog.take(), far)
    hand_on(backlog.take(), far)
    assert seconds(far.kept()) == seconds(near.kept()) != []

    backlog.refuse("raw pictures")
    assert backlog.take() == (Refusal("raw pictures"),)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 2000)), max_size=50))
def test_a_backlog_that_overflows_never_brings_what_cannot_be_decoded(packets):
    """What follows the hole begins with a key picture again; memory stays bounded."""
    backlog, ring = PacketBacklog(4000, is_open=True), PacketRing(RingBounds(10**6, 10**9))
    backlog.begin(FORM)
    sent = []
    for second, (is_key, size) in enumerate(packets):
        sent.append(packet(float(second), is_key=is_key, size=size))
        backlog.add(sent[-1])
    news = backlog.take()
    hand_on(news, ring)

    assert sum(one.size_bytes for one in news if isinstance(one, EncodedPacket)) <= 4000
    for run in ring.kept().runs:
        where = [sent.index(one) for one in run.packets]
        assert run.packets[0].is_key
        assert where == list(range(where[0], where[-1] + 1))
