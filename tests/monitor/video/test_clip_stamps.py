"""When packets are shown and decoded: for every stream, whatever its clock does."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.video.clip import TICKS_HZ, stamps_of
from monitor.video.packets import EncodedPacket


def packet(at_s: float, pts_s: float | None = None, *, is_key: bool = False) -> EncodedPacket:
    """A packet that nobody decodes."""
    return EncodedPacket(b"", is_key, None if pts_s is None else round(1000 * pts_s), at_s)


def ticks(values: list[float]) -> list[int]:
    """Seconds as ticks."""
    return [round(value * TICKS_HZ) for value in values]


def test_pictures_that_come_out_of_order_are_shown_in_order():
    """I P B B: sent 0 3 1 2, shown 0 1 2 3; the first two must be decoded two pictures early."""
    sent = [packet(n / 10, pts / 10, is_key=n == 0) for n, pts in enumerate([0, 3, 1, 2])]

    stamps = list(stamps_of(sent, (), 0.001))

    assert [shown for shown, _ in stamps] == ticks([0.0, 0.3, 0.1, 0.2])
    assert [due for _, due in stamps] == ticks([-0.1, 0.0, 0.1, 0.2])


@pytest.mark.parametrize("jump_s", [-5000.0, -9000.0, 3600.0, 1e6, -2.0, 5.0])
def test_a_clock_that_jumps_leaves_no_trace(jump_s):
    """One second is passed at 10 Hz; the camera sets its clock in the middle."""
    sent = [
        packet(n / 10, 9000 + n / 10 + (jump_s if n >= 5 else 0), is_key=n == 0) for n in range(11)
    ]

    stamps = list(stamps_of(sent, (), 0.001))

    assert [shown for shown, _ in stamps] == pytest.approx(
        ticks([n / 10 for n in range(11)]), abs=1
    )


def test_a_burst_after_a_stalled_network_keeps_the_spacing_of_the_camera():
    """Nothing for three seconds, then all at once: no picture was missed, and none is moved."""
    sent = [packet(n / 10 if n < 5 else 3.5, n / 10, is_key=n == 0) for n in range(40)]

    assert [shown for shown, _ in stamps_of(sent, (), 0.001)] == ticks([n / 10 for n in range(40)])


def test_a_connection_that_came_back_goes_on_where_time_is():
    """Its stamps begin anew, which a jump backwards of less than a second would hide."""
    sent = [packet(n / 10, n / 10, is_key=n == 0) for n in range(5)]
    sent += [packet(4 + n / 10, n / 10, is_key=n == 0) for n in range(5)]

    stamps = [shown for shown, _ in stamps_of(sent, (0, 5), 0.001)]

    assert stamps == ticks([0.0, 0.1, 0.2, 0.3, 0.4, 4.0, 4.1, 4.2, 4.3, 4.4])


@pytest.mark.parametrize("missing", [{0}, {0, 1}, {4}, {0, 5, 10}])
def test_a_stamp_that_is_missing_is_put_in(missing):
    """RTSP gives none to its first picture; the network delays every other one."""
    sent = [
        packet(n / 10 + 0.07 * (n % 2), None if n in missing else 5 + n / 10, is_key=n == 0)
        for n in range(11)
    ]

    stamps = [shown for shown, _ in stamps_of(sent, (), 0.001)]

    assert stamps == pytest.approx(ticks([n / 10 for n in range(11)]), abs=1)


def test_a_stream_without_stamps_is_shown_as_it_came():
    """The time of arrival is all that there is."""
    sent = [packet(n * n / 10, is_key=True) for n in range(5)]

    assert [shown for shown, _ in stamps_of(sent, (), 0.001)] == ticks(
        [n * n / 10 for n in range(5)]
    )


streams = st.lists(
    st.tuples(
        st.floats(0, 3),
        st.one_of(st.none(), st.floats(-1e5, 1e5), st.floats(0, 1)),
        st.sampled_from(["", "", "", "restart"]),
    ),
    min_size=1,
    max_size=60,
)


@given(streams)
def test_whatever_comes_a_player_can_play_it(stream):
    """Decoding times grow, showing times differ, and nothing is shown before it is decoded."""
    now_s, sent, restarts = 0.0, [], []
    for place, (wait_s, pts_s, what) in enumerate(stream):
        now_s += wait_s
        if what:
            restarts.append(place)
        sent.append(packet(now_s, pts_s, is_key=place == 0))

    stamps = list(stamps_of(sent, restarts, 0.001))

    assert len(stamps) == len(sent)
    assert all(due < after for (_, due), (_, after) in pairwise(stamps))
    assert all(due <= shown for shown, due in stamps)
    shown = sorted(shown for shown, _ in stamps)
    assert shown[0] == 0
    assert len(set(shown)) == len(shown)
