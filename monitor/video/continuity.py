"""Notices pictures that were lost whole on the way: nothing else does for H.264.

When a packet of a picture is missing, the decoder says so. When a whole picture is missing it says
nothing: it builds the next ones on the wrong picture and calls them good, until the next key
picture. But reference pictures are numbered, and a missing number gives the loss away.
"""

from dataclasses import dataclass

from monitor.video.units import read_configuration, units

_SLICE, _KEY_SLICE, _SEQUENCE, _PICTURE = 1, 5, 7, 8  # kinds of unit, ITU-T H.264 table 7-1
_CHROMA_PROFILES = frozenset({44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244})
_HEAD_BYTES = 64  # what is read of a slice stands in its first bytes


class PictureNumbers:
    """Follows the numbers of an H.264 stream's reference pictures. Used by one thread.

    Source:
        ITU-T H.264 (08/2021), 7.3.2.1, 7.3.2.2 and 7.3.3 for the fields, 7.4.3 for the rule.
        Operation 5, which begins the numbers anew without a key picture, is not followed: encoders
        of cameras do not use it, and it would only mark pictures as damaged until the next key.
    """

    def __init__(self, parameters: bytes | None) -> None:
        """Begin.

        Args:
            parameters: The stream's parameter sets as the container gives them (`extradata`).
        """
        self._sequences: dict[int, _Sequence] = {}
        self._sequence_of: dict[int, int] = {}
        self._previous: int | None = None
        self._length_bytes = 0
        if parameters:
            self._read_parameters(parameters)

    def misses_picture(self, packet: bytes) -> bool:
        """Take in the next picture.

        Args:
            packet: One access unit.

        Returns:
            Whether a picture that this one or a later one is built on never came. False where
            the packet cannot be read: the decoder complains of that.
        """
        try:
            for unit in units(packet, self._length_bytes):
                kind = unit[0] & 0x1F
                if kind in (_SLICE, _KEY_SLICE):
                    return self._follow(unit, is_key=kind == _KEY_SLICE)
                self._learn(unit, kind)
        except (IndexError, ValueError):
            return False
        return False

    def _read_parameters(self, parameters: bytes) -> None:
        try:
            found = read_configuration("h264", parameters)
            self._length_bytes = found.length_bytes
            for unit in found.units:
                self._learn(unit, unit[0] & 0x1F)
        except (IndexError, ValueError):
            return

    def _learn(self, unit: bytes, kind: int) -> None:
        if kind == _SEQUENCE:
            number, sequence = _read_sequence(_Bits(_payload(unit)))
            self._sequences[number] = sequence
        elif kind == _PICTURE:
            bits = _Bits(_payload(unit))
            self._sequence_of[bits.unsigned()] = bits.unsigned()

    def _follow(self, unit: bytes, *, is_key: bool) -> bool:
        bits = _Bits(_payload(unit[:_HEAD_BYTES]))
        bits.unsigned()  # first macro-block
        bits.unsigned()  # kind of slice
        sequence = self._sequences.get(self._sequence_of.get(bits.unsigned(), -1))
        if sequence is None or sequence.may_skip_numbers:
            self._previous = None
            return False
        if sequence.has_separate_planes:
            bits.take(2)
        number = bits.take(sequence.number_bits)
        previous, is_reference = self._previous, bool(unit[0] & 0x60)
        if is_reference or is_key:
            self._previous = number
        if is_key or previous is None:
            return False
        return number not in (previous, (previous + 1) % (1 << sequence.number_bits))


@dataclass(frozen=True, slots=True)
class _Sequence:
    """What of a sequence parameter set is needed."""

    number_bits: int
    has_separate_planes: bool
    may_skip_numbers: bool
    """Whether the encoder leaves numbers out on purpose (temporal layers)."""


class _Bits:
    """Reads bits, highest first."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def take(self, count: int) -> int:
        if count > self._left:
            raise ValueError("the unit is too short")
        self._left -= count
        return self._value >> self._left & ((1 << count) - 1)

    def unsigned(self) -> int:
        """Read an Exp-Golomb number: n zeros, a one, n bits."""
        zeros = 0
        while not self.take(1):
            zeros += 1
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        number = self.unsigned()
        return (number + 1) // 2 if number % 2 else -(number // 2)


def _read_sequence(bits: _Bits) -> tuple[int, _Sequence]:
    profile = bits.take(8)
    bits.take(16)  # constraints and level
    number = bits.unsigned()
    has_separate_planes = False
    if profile in _CHROMA_PROFILES:
        has_separate_planes = _skip_chroma(bits)
    number_bits = bits.unsigned() + 4
    order = bits.unsigned()
    if order == 0:
        bits.unsigned()
    elif order == 1:
        bits.take(1)
        bits.signed()
        bits.signed()
        for _ in range(bits.unsigned()):
            bits.signed()
    bits.unsigned()  # number of reference pictures
    return number, _Sequence(number_bits, has_separate_planes, bool(bits.take(1)))


def _skip_chroma(bits: _Bits) -> bool:
    """Skip what only some profiles have; says whether colors are coded apart."""
    chroma = bits.unsigned()
    is_apart = chroma == 3 and bool(bits.take(1))
    bits.unsigned()  # depth of luma
    bits.unsigned()  # depth of chroma
    bits.take(1)
    if bits.take(1):
        for place in range(12 if chroma == 3 else 8):
            if bits.take(1):
                _skip_scaling_list(bits, 16 if place < 6 else 64)
    return is_apart


def _skip_scaling_list(bits: _Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.signed()) % 256
        last = following or last


def _payload(unit: bytes) -> bytes:
    """Give what is in a unit, without the bytes that keep start codes out of it."""
    return unit[1:].replace(b"\0\0\3", b"\0\0")
