"""Copies packets out of a stream while it is read, where somebody wants to keep them.

It runs on the thread that reads, for every packet: a copy of its bytes, and at key pictures a look
at the parameter sets, which tells a change of size or profile from the packet itself. A decoder
with several threads tells it some pictures late.
"""

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

import av
from av.stream import Stream
from av.video.stream import VideoStream

from monitor.core.clock import Clock
from monitor.video.packets import EncodedPacket, PacketTap, StreamFormat
from monitor.video.units import joined, read_configuration, units

KEPT_CODECS = ("h264", "hevc", "mjpeg")
"""Encodings of which packets are kept."""

_NAMES = {"h264": "H.264", "hevc": "H.265", "mjpeg": "MJPEG"}
_USUAL_TIME_BASE = Fraction(1, 90_000)
# Of H.264 the sequence counts; of H.265 every parameter set, as its MP4 takes none from packets.
_H264_SEQUENCE, _H264_LAST_PICTURE = frozenset({7}), 5  # ITU-T H.264, table 7-1
_HEVC_PARAMETERS, _HEVC_LAST_PICTURE = frozenset({32, 33, 34}), 31  # ITU-T H.265, table 7-1
_JPEG_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})  # ITU-T T.81, table B.1
_JPEG_SCAN = 0xDA


class Tapping:
    """Passes the packets of one connection on to a tap. Used by the thread that reads."""

    def __init__(self, tap: PacketTap | None, stream: VideoStream, clock: Clock) -> None:
        """Begin with a connection.

        Args:
            tap: Who takes packets in; None: nobody.
            stream: What is read; asked when the first packet is wanted.
            clock: Where time comes from.
        """
        self._tap = tap
        self._stream = stream
        self._clock = clock
        self._format: StreamFormat | None = None
        self._is_refused = False

    def see(self, packet: "av.Packet[Stream]") -> None:
        """Pass the next packet on, if it is wanted."""
        tap = self._tap
        if tap is None:
            return
        if not tap.is_open:
            self._format, self._is_refused = None, False
            return
        if self._is_refused or packet.size == 0:  # the last one only empties the decoder
            return
        data = bytes(packet)
        arrived_s = self._clock.monotonic_s()
        stream = self._format or self._begin(tap, packet)
        if stream is None:
            self._is_refused = True
            return
        is_key = packet.is_keyframe or stream.codec == "mjpeg"
        if is_key:
            stream = self._follow(tap, stream, data)
        self._format = stream
        tap.add(EncodedPacket(data, is_key, packet.pts, arrived_s))

    def _begin(self, tap: PacketTap, packet: "av.Packet[Stream]") -> StreamFormat | None:
        context = self._stream.codec_context
        if context.name not in KEPT_CODECS:
            tap.refuse(_refusal(context.name))
            return None
        found = read_configuration(context.name, context.extradata)
        stream = StreamFormat(
            context.name,
            packet.time_base or _USUAL_TIME_BASE,
            found.length_bytes,
            joined(found.units),
            _sequence(context.name, found.units),
        )
        tap.begin(stream)
        return stream

    def _follow(self, tap: PacketTap, stream: StreamFormat, data: bytes) -> StreamFormat:
        """Notice that a key picture is of another format than those before it."""
        sequence = sequence_of(stream, data)
        if not sequence or sequence == stream.sequence:
            return stream
        changed = replace(stream, sequence=sequence, parameters=b"")
        tap.begin(changed)
        return changed


def sequence_of(stream: StreamFormat, data: bytes) -> bytes:
    """Give what a key picture says of size and profile.

    Args:
        stream: How it is encoded.
        data: The packet.

    Returns:
        Bytes that differ where size or profile do; empty where the packet does not say.
    """
    if stream.codec == "mjpeg":
        return _jpeg_frame(data)
    return _sequence(stream.codec, units(data, stream.length_bytes))


def _sequence(codec: str, parts: Iterable[bytes]) -> bytes:
    wanted, last_picture = (
        (_H264_SEQUENCE, _H264_LAST_PICTURE) if codec == "h264"
        else (_HEVC_PARAMETERS, _HEVC_LAST_PICTURE)
    )  # fmt: skip
    found: list[bytes] = []
    for unit in parts:
        kind = unit[0] & 0x1F if codec == "h264" else unit[0] >> 1 & 0x3F
        if kind <= last_picture:
            break  # parameter sets come before the picture
        if kind in wanted:
            found.append(unit)
    return b"".join(sorted(set(found)))


def _jpeg_frame(data: bytes) -> bytes:
    """Give the header of a JPEG's frame without its quantisation: sides and layout of colors."""
    place = 2
    while place + 4 <= len(data) and data[place] == 0xFF:
        marker, size = data[place + 1], int.from_bytes(data[place + 2 : place + 4], "big")
        if marker in _JPEG_FRAMES:
            return data[place + 1 : place + 2 + size]
        if marker == _JPEG_SCAN:
            break
        place += 2 + size
    return b""


def _refusal(codec: str) -> str:
    if codec == "rawvideo":
        return "its camera gives raw pictures: there is no encoded video that could be kept"
    names = ", ".join(_NAMES.values())
    return f"the stream is encoded as {codec}; clips are kept of {names}"
