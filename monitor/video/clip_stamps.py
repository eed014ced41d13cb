"""When each packet of a clip is shown and decoded, whatever the camera's clock did."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from monitor.video.packets import EncodedPacket

TICKS_HZ = 90_000
"""The clock of MPEG: divides by every usual frame rate."""
REORDERED_AT_MOST_S = 1.0
"""Seconds by which pictures come late that others, shown after them, are built on."""

_PERIOD_S = 0.04  # between pictures of which the stream does not say it
_AHEAD_AT_MOST_S = 2.0  # stamps that run further ahead of the clock have jumped


def stamps_of(
    packets: Sequence[EncodedPacket], restarts: Sequence[int], time_base_s: float
) -> Iterator[tuple[int, int]]:
    """Say when each packet is shown and decoded, whatever the camera's clock did.

    The stream's own stamps hold the order in which pictures are shown and their exact spacing.
    Where they jump (a camera that sets its clock, a connection that begins anew, a film that begins
    again) the time of arrival goes on instead. The time of decoding is worked out of the times of
    showing: the sorted ones, as much earlier as the picture that comes latest needs.

    Args:
        packets: In the order in which they are decoded.
        restarts: Places in it at which another connection begins.
        time_base_s: Seconds for one step of the packets' stamps.

    Yields:
        Ticks for showing and decoding. Of the former none is there twice, and 0 is the first;
        the latter always grow, and no packet is shown before it is decoded.
    """
    shown_s = _shown_s(packets, frozenset(restarts), time_base_s)
    order = sorted(range(len(packets)), key=lambda place: (shown_s[place], place))
    ticks = [0] * len(packets)
    former: int | None = None
    for place in order:
        tick = round((shown_s[place] - shown_s[order[0]]) * TICKS_HZ)
        former = tick if former is None else max(tick, former + 1)
        ticks[place] = former
    growing = sorted(ticks)
    late = max((due - tick for due, tick in zip(growing, ticks, strict=True)), default=0)
    for tick, due in zip(ticks, growing, strict=True):
        yield tick, due - late


def _shown_s(
    packets: Sequence[EncodedPacket], restarts: frozenset[int], time_base_s: float
) -> list[float]:
    """Give when each packet is shown, seconds from any zero, without the jumps of a clock."""
    shown: list[float] = []
    for first, last in _stretches(packets, restarts, time_base_s):
        part = packets[first:last]
        own = _filled([None if one.pts is None else one.pts * time_base_s for one in part])
        own = own or [one.arrived_s for one in part]
        begin_s = 0.0
        if shown:
            passed_s = part[0].arrived_s - packets[first - 1].arrived_s
            begin_s = max(shown) + max(passed_s, _PERIOD_S)
        lowest = min(own)
        shown += [begin_s + one - lowest for one in own]
    return shown


def _filled(told_s: Sequence[float | None]) -> list[float]:
    """Give stamps with those that are missing put in; empty where all are."""
    # RTSP gives none to the first picture of a connection: it stands one period before the next.
    known = sorted(one for one in told_s if one is not None)
    if not known:
        return []
    steps = sorted(after - before for before, after in pairwise(known)) or [_PERIOD_S]
    period_s = steps[len(steps) // 2] or _PERIOD_S
    first = next(place for place, one in enumerate(told_s) if one is not None)
    filled: list[float] = []
    newest_s = (told_s[first] or 0.0) - (first + 1) * period_s
    for stamp_s in told_s:
        filled.append(newest_s + period_s if stamp_s is None else stamp_s)
        newest_s = max(newest_s, filled[-1])
    return filled


def _stretches(
    packets: Sequence[EncodedPacket], restarts: frozenset[int], time_base_s: float
) -> Iterator[tuple[int, int]]:
    """Give the places between which the stamps do not jump: first, and one past the last."""
    begin = 0
    newest_s: float | None = None
    for place, packet in enumerate(packets):
        stamp_s = None if packet.pts is None else packet.pts * time_base_s
        has_jumped = place in restarts and place > 0
        if stamp_s is not None and newest_s is not None:
            passed_s = packet.arrived_s - packets[place - 1].arrived_s
            is_back = stamp_s < newest_s - REORDERED_AT_MOST_S
            has_jumped |= is_back or stamp_s > newest_s + passed_s + _AHEAD_AT_MOST_S
        if has_jumped:
            yield begin, place
            begin, newest_s = place, None
        if stamp_s is not None:
            newest_s = stamp_s if newest_s is None else max(newest_s, stamp_s)
    if packets:
        yield begin, len(packets)
