"""A clip as a file that every player opens, made of packets as they came: nothing is encoded anew.

H.264 and H.265 go into MP4, which phones, browsers and office machines play; MJPEG goes into
Matroska, as few players look for it in an MP4.

Which of the kept packets make a clip is arithmetic on what a ring held: a clip begins with a key
picture, so it begins up to one group of pictures earlier than asked for, and it holds what the
camera sent. Its time stamps rise whatever the camera's clock did.
"""

import io
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise

import av
from av.stream import Stream

from monitor.core.errors import NotAStreamError
from monitor.video.packets import EncodedPacket, Kept, Run, StreamFormat
from monitor.video.units import joined, units

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


_MP4, _MATROSKA = ("mp4", ".mp4"), ("matroska", ".mkv")
_BOXES = {"h264": _MP4, "hevc": _MP4, "mjpeg": _MATROSKA}
_TIME_BASE = Fraction(1, TICKS_HZ)
_USUAL_TICKS = TICKS_HZ // 25  # how long the last picture stands, where it is the only one


@dataclass(frozen=True, slots=True)
class ClipFile:
    """A clip."""

    suffix: str
    """What its name ends in: .mp4 or .mkv."""
    content: bytes
    size_wh: tuple[int, int]
    """Width and height of its pictures, as they are encoded."""


def clip_file(cut: ClipCut) -> ClipFile:
    """Put packets into a file.

    Args:
        cut: What makes the clip.

    Returns:
        The file.

    Raises:
        NotAStreamError: If what came can be put into no file: its parameter sets never came, or
            it is damaged.
    """
    form = cut.format
    box, suffix = _BOXES[form.codec]
    datas = [_plain(form, one) for one in cut.packets]
    # The muxer reads sizes and profile from the first packet, so it must hold the parameter sets.
    datas[0] = form.parameters + datas[0]
    content = io.BytesIO()
    try:
        with (
            av.open(io.BytesIO(datas[0]), format=form.codec) as first,
            av.open(content, "w", format=box) as container,
        ):
            template = first.streams.video[0]
            size_wh = template.codec_context.width, template.codec_context.height
            if not all(size_wh):
                raise NotAStreamError("its first key picture cannot be read")
            stream = container.add_stream_from_template(template, opaque=True)
            if form.codec == "hevc":
                stream.codec_context.codec_tag = "hvc1"  # Apple's players know no other
            for packet in _packets(cut, datas):
                packet.stream = stream
                container.mux_one(packet)
    except (av.FFmpegError, IndexError, ValueError) as error:
        words = getattr(error, "strerror", None) or type(error).__name__
        failure = NotAStreamError(f"its packets cannot be put into a file ({words})")
    else:
        return ClipFile(suffix, content.getvalue(), size_wh)
    raise failure


def _packets(cut: ClipCut, datas: list[bytes]) -> "Iterator[av.Packet[Stream]]":
    decoded = [due for _, due in cut.stamps]
    lasts = [after - due for due, after in pairwise(decoded)]
    lasts.append(sorted(lasts)[len(lasts) // 2] if lasts else _USUAL_TICKS)
    rows = zip(cut.packets, datas, cut.stamps, lasts, strict=True)
    for kept, data, (shown, due), ticks in rows:
        packet = av.Packet(data)
        packet.time_base = _TIME_BASE
        packet.pts, packet.dts, packet.duration = shown, due, ticks
        packet.is_keyframe = kept.is_key
        yield packet


def _plain(form: StreamFormat, packet: EncodedPacket) -> bytes:
    """Give a packet with start codes, whichever way its stream lays units out."""
    if form.codec == "mjpeg" or not form.length_bytes:
        return packet.data
    return joined(units(packet.data, form.length_bytes))
