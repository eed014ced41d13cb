"""Which of the kept packets make a clip, and what a person has to know of it.

Pure arithmetic on what a ring held. Nothing is encoded anew: a clip begins with a key picture, so
it begins up to one group of pictures earlier than asked for, and it holds what the camera sent.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from monitor.video.clip_stamps import REORDERED_AT_MOST_S, stamps_of
from monitor.video.packet_ring import Kept, Run
from monitor.video.packets import EncodedPacket, StreamFormat

_REORDERED_AT_MOST = 16  # pictures, ITU-T H.264 and H.265
_HOLE_S = 2.0  # a longer silence is told
_SHORT_S = 1.0  # less than this missing at an end is not worth a word


@dataclass(frozen=True, slots=True)
class ClipSpan:
    """What a clip shall show."""

    at_s: float
    """The alarm, monotonic clock."""
    before_s: float
    after_s: float


@dataclass(frozen=True, slots=True)
class ClipCut:
    """Packets of one format that make a clip."""

    format: StreamFormat
    packets: tuple[EncodedPacket, ...]
    """In the order in which they are decoded; the first is a key picture."""
    stamps: tuple[tuple[int, int], ...]
    """When each is shown and decoded, ticks from the beginning; the latter always grow."""
    begins_s: float
    """Arrival of the first packet, seconds from the alarm; negative: before it."""
    ends_s: float
    """Arrival of the last one."""
    remarks: tuple[str, ...]
    """What a person has to know of it, sentences; empty: it is as it was asked for."""

    @property
    def size_bytes(self) -> int:
        """Memory that its packets take."""
        return sum(one.size_bytes for one in self.packets)


def cut_clip(kept: Kept, span: ClipSpan) -> ClipCut | str:
    """Choose the packets of a clip.

    Args:
        kept: What the ring held when the last picture of the clip should have come.
        span: What the clip shall show.

    Returns:
        The clip; where there can be none, the sentence that says why.
    """
    if kept.why_not:
        return kept.why_not
    begin_s, end_s = span.at_s - span.before_s, span.at_s + span.after_s
    runs = [one for one in kept.runs if one.packets[0].arrived_s <= end_s]
    if not runs:
        return _nothing_kept(kept, begin_s)
    chosen = max(bisect_right([one.packets[0].arrived_s for one in runs], span.at_s) - 1, 0)
    if runs[chosen].packets[-1].arrived_s < begin_s:
        return "no video came in the time that the clip should show"
    first, last = _of_one_format(runs, chosen)
    packets, restarts = _joined(runs[first : last + 1], begin_s, end_s)
    begins_s, ends_s = packets[0].arrived_s - span.at_s, packets[-1].arrived_s - span.at_s
    is_changed = (
        first > 0 and runs[first - 1].packets[-1].arrived_s >= begin_s,
        last + 1 < len(runs),
    )
    form = runs[chosen].format
    return ClipCut(
        form,
        packets,
        tuple(stamps_of(packets, restarts, float(form.time_base))),
        begins_s,
        ends_s,
        (
            *_beginning(begins_s, span, kept, is_changed=is_changed[0]),
            *_holes(packets, span.at_s),
            *_ending(ends_s, span, is_changed=is_changed[1]),
        ),
    )


def _of_one_format(runs: Sequence[Run], chosen: int) -> tuple[int, int]:
    """Give the first and the last of the runs around one that have its format."""
    first = last = chosen
    while first > 0 and runs[first - 1].format == runs[chosen].format:
        first -= 1
    while last + 1 < len(runs) and runs[last + 1].format == runs[chosen].format:
        last += 1
    return first, last


def _joined(
    runs: Sequence[Run], begin_s: float, end_s: float
) -> tuple[tuple[EncodedPacket, ...], tuple[int, ...]]:
    """Give the packets from the last key picture at the beginning on, and where runs begin."""
    packets = [one for run in runs for one in run.packets]
    lengths = accumulate((len(run.packets) for run in runs), initial=0)
    restarts = frozenset(lengths)
    keys = [place for place, one in enumerate(packets) if one.is_key]
    start = max((place for place in keys if packets[place].arrived_s <= begin_s), default=0)
    second = next((place for place in keys if place > start), len(packets))
    reordered = round(REORDERED_AT_MOST_S / runs[0].format.time_base)
    wanted: list[EncodedPacket] = []
    places: list[int] = []
    for place in range(start, len(packets)):
        packet = packets[place]
        if place in restarts:
            places.append(len(wanted))
        is_late = packet.arrived_s > end_s and place > start
        if is_late and not _fills(packet, wanted, reordered):
            break
        if not (start < place < second and _leads(packet, packets[start])):
            wanted.append(packet)
    return tuple(wanted), tuple(places)


def _fills(packet: EncodedPacket, before: Sequence[EncodedPacket], reordered: int) -> bool:
    """Whether a picture is shown between those before it: without it there would be a gap."""
    shown = [one.pts for one in before[-_REORDERED_AT_MOST:] if one.pts is not None]
    if packet.pts is None or packet.is_key or not shown:
        return False
    return max(shown) - reordered < packet.pts < max(shown)


def _leads(packet: EncodedPacket, key: EncodedPacket) -> bool:
    """Whether a picture is shown before the first key picture: it is built on what is not there."""
    # ITU-T H.265, leading pictures: they come before a random access picture in output order and
    # may be built on pictures before it; none that is shown after it is built on them.
    if packet.pts is None or key.pts is None:
        return False
    return key.pts - packet.pts > 0


def _nothing_kept(kept: Kept, begin_s: float) -> str:
    if kept.crowded_out_s is not None and kept.crowded_out_s >= begin_s:
        return "what was kept of the stream took more than [evidence] clip_max_mib"
    return "no video was kept: none came, or no key picture among it"


def _beginning(begins_s: float, span: ClipSpan, kept: Kept, *, is_changed: bool) -> Iterator[str]:
    missing_s = begins_s + span.before_s
    if is_changed:
        yield f"begins {-begins_s:.1f} s before the alarm: size or codec of the stream changed then"
    elif missing_s > _SHORT_S:
        is_crowded = (
            kept.crowded_out_s is not None and kept.crowded_out_s >= span.at_s - span.before_s
        )
        why = (
            "earlier packets took more than [evidence] clip_max_mib"
            if is_crowded
            else "no key picture of this connection is older"
        )
        yield f"begins {_away(begins_s)}: {why}"


def _ending(ends_s: float, span: ClipSpan, *, is_changed: bool) -> Iterator[str]:
    if is_changed:
        yield f"ends {_away(ends_s)}: size or codec of the stream changed then"
    elif span.after_s - ends_s > _SHORT_S:
        yield f"ends {_away(ends_s)}: nothing came after"


def _holes(packets: Sequence[EncodedPacket], at_s: float) -> Iterator[str]:
    for former, packet in pairwise(packets):
        gap_s = packet.arrived_s - former.arrived_s
        if gap_s > _HOLE_S:
            yield f"nothing came for {gap_s:.1f} s from {_away(former.arrived_s - at_s)} on"


def _away(seconds: float) -> str:
    return f"{abs(seconds):.1f} s {'before' if seconds < 0 else 'after'} the alarm"
