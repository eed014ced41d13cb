"""The units that an H.264 or H.265 stream is made of, whichever way they are laid out.

Network streams put a start code before each unit (Annex B of the standards); MP4 files and RTMP put
its length there instead, and keep the parameter sets apart, in a configuration record.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

START_CODE = b"\0\0\0\1"
"""What stands before each unit of Annex B."""

_HEVC_HEAD_BYTES = 23  # of the configuration record, ISO/IEC 14496-15, 8.3.3.1


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a container says of a stream before its first packet."""

    length_bytes: int
    """Bytes of the length before each unit; 0: start codes stand there."""
    units: tuple[bytes, ...]
    """The parameter sets, without lengths and start codes."""


def read_configuration(codec: str, extradata: bytes | None) -> Configuration:
    """Read what a container says of a stream.

    Args:
        codec: `h264` or `hevc`; of others nothing is read.
        extradata: As FFmpeg gives it; None: the container says nothing.

    Returns:
        How packets are laid out, and the parameter sets as far as they can be read.
    """
    if not extradata or codec not in {"h264", "hevc"}:
        return Configuration(0, ())
    if extradata.startswith((b"\0\0\0\1", b"\0\0\1")):
        return Configuration(0, tuple(units(extradata, 0)))
    place, read = (4, _avc_units) if codec == "h264" else (21, _hevc_units)
    if len(extradata) <= place:
        return Configuration(0, ())
    found: list[bytes] = []
    with suppress(IndexError):  # what it says up to where it ends too early is true
        found.extend(read(extradata))
    return Configuration((extradata[place] & 3) + 1, tuple(found))


def units(data: bytes, length_bytes: int) -> Iterator[bytes]:
    """Give the units of a packet.

    Args:
        data: One or more units.
        length_bytes: Bytes of the length before each; 0: start codes stand there.

    Yields:
        The units, without lengths and start codes.
    """
    if length_bytes:
        place = 0
        while place + length_bytes < len(data):
            size = int.from_bytes(data[place : place + length_bytes], "big")
            place += length_bytes
            if unit := data[place : place + size]:
                yield unit
            place += size
        return
    begin = data.find(b"\0\0\1")
    while begin >= 0:
        end = data.find(b"\0\0\1", begin + 3)
        # No unit ends in a zero: those belong to the next start code.
        unit = data[begin + 3 : end if end >= 0 else len(data)].rstrip(b"\0")
        if unit:
            yield unit
        begin = end


def joined(parts: Iterable[bytes]) -> bytes:
    """Give units as one piece of Annex B, a start code before each."""
    return b"".join(START_CODE + one for one in parts)


def _avc_units(data: bytes) -> Iterator[bytes]:
    """Give the parameter sets of H.264's configuration record (ISO/IEC 14496-15, 5.3.3.1)."""
    place = 5
    for mask in (0x1F, 0xFF):
        count = data[place] & mask
        place += 1
        for _ in range(count):
            size = int.from_bytes(data[place : place + 2], "big")
            yield data[place + 2 : place + 2 + size]
            place += 2 + size


def _hevc_units(data: bytes) -> Iterator[bytes]:
    """Give the parameter sets of H.265's configuration record (ISO/IEC 14496-15, 8.3.3.1)."""
    place = _HEVC_HEAD_BYTES
    for _ in range(data[place - 1]):
        count = int.from_bytes(data[place + 1 : place + 3], "big")
        place += 3
        for _ in range(count):
            size = int.from_bytes(data[place : place + 2], "big")
            yield data[place + 2 : place + 2 + size]
            place += 2 + size
