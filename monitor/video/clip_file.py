"""A clip as a file that every player opens, made of packets as they came: nothing is encoded anew.

H.264 and H.265 go into MP4, which phones, browsers and office machines play; MJPEG goes into
Matroska, as few players look for it in an MP4.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import av
from av.stream import Stream

from monitor.core.errors import NotAStreamError
from monitor.video.clip_cut import ClipCut
from monitor.video.clip_stamps import TICKS_HZ
from monitor.video.packets import EncodedPacket, StreamFormat
from monitor.video.units import joined, units

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
