"""Decoding: what is damaged says so, what cannot be decoded is survived."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import av
import pytest

from monitor.video.decoding import (
    DamageGate,
    DecodeMeter,
    ErrorBudget,
    decode,
    use_live_threads,
)
from tests.rigs.encoded import encode_units, numbered_pictures, read_number, write_video


def test_all_is_well_until_something_is_not() -> None:
    """Without damage, no frame is damaged, key frame or not."""
    gate = DamageGate()

    judged = [gate.judge(is_key=number == 0, is_corrupt=False) for number in range(3)]

    assert judged == [False] * 3
    assert gate.errors == 0


def test_damage_lasts_until_the_next_key_frame() -> None:
    """Frames are built on those before; only a whole key frame stands alone."""
    gate = DamageGate()
    gate.note_damage()

    judged = [
        gate.judge(is_key=False, is_corrupt=False),
        gate.judge(is_key=True, is_corrupt=True),
        gate.judge(is_key=False, is_corrupt=False),
        gate.judge(is_key=True, is_corrupt=False),
        gate.judge(is_key=False, is_corrupt=False),
    ]

    assert judged == [True, True, True, False, False]
    assert gate.errors == 2


def test_streams_without_key_frames_heal_in_time() -> None:
    """A camera that refreshes in stripes sends no key frame; after 250 frames all is fresh."""
    gate = DamageGate()
    gate.note_damage()

    judged = [gate.judge(is_key=False, is_corrupt=False) for _ in range(260)]

    assert judged == [True] * 250 + [False] * 10


@dataclass
class Packets:
    """Stands for a container and its stream: hands packets to a real decoder."""

    units: Iterable[bytes]
    codec_context: av.CodecContext = field(
        default_factory=lambda: av.CodecContext.create("h264", "r")
    )
    corrupt: frozenset[int] = frozenset()
    index: int = 0

    def demux(self) -> Iterator[Any]:
        """Give the packets one by one."""
        for number, unit in enumerate(self.units):
            yield Unit(self.codec_context, unit, number in self.corrupt)


@dataclass
class Unit:
    """Stands for a packet; the decoder behind it is real."""

    decoder: av.CodecContext
    data: bytes
    is_corrupt: bool
    stream_index: int = 0

    def __bytes__(self) -> bytes:
        return self.data

    def decode(self) -> list[Any]:
        """Decode one access unit."""
        return self.decoder.decode(av.Packet(self.data))


def test_a_corrupt_packet_taints_its_group() -> None:
    """From a packet marked corrupt to the next key frame, every frame is marked."""
    packets = Packets(encode_units(numbered_pictures(20), rate_hz=10), corrupt=frozenset({4}))

    frames = list(decode(packets, packets, DamageGate(), Event()))

    assert [is_damaged for _, is_damaged in frames] == [False] * 4 + [True] * 6 + [False] * 10
    assert [read_number(frame.to_ndarray(format="rgb24")) for frame, _ in frames] == list(range(20))


def test_a_lost_picture_is_noticed_and_survived() -> None:
    """Half a key frame: the decoder paints over it, and the frames built on it are marked."""
    units = encode_units(numbered_pictures(30, (640, 480)), rate_hz=10)
    last_slice = units[10].rindex(b"\0\0\1")
    units[10] = units[10][:last_slice]
    packets = Packets(units)
    packets.codec_context.thread_count = 1

    frames = [one for one in decode(packets, packets, DamageGate(), Event()) if one[0]]

    damaged = {frame.pts or number for number, (frame, bad) in enumerate(frames) if bad}
    assert damaged == set(range(10, 20))


def test_corrupt_packets_are_counted_one_by_one() -> None:
    """Two of twenty, each once, and none is told twice."""
    packets = Packets(encode_units(numbered_pictures(20), rate_hz=10), corrupt=frozenset({3, 7}))
    meter = DecodeMeter()

    list(decode(packets, packets, DamageGate(), Event(), meter))
    taken = meter.take()

    assert taken.packets_corrupt == 2
    assert taken.seconds > 0
    assert meter.take() == DecodeMeter()


def test_a_packet_of_rubbish_is_counted_not_fatal() -> None:
    """The rubbish gives no frame; the stream goes on, marked until its next key frame."""
    units = encode_units(numbered_pictures(20), rate_hz=10)
    units.insert(5, b"\0\0\0\1\x65" + b"\xff" * 40)
    gate, packets, meter = DamageGate(), Packets(units), DecodeMeter()

    frames = list(decode(packets, packets, gate, Event(), meter))
    taken = meter.take()

    assert gate.errors >= 1
    assert taken.packets_corrupt >= 1
    whole = [
        read_number(frame.to_ndarray(format="rgb24"))
        for frame, is_damaged in frames
        if frame is not None and not is_damaged
    ]
    assert whole == [*range(5), *range(10, 20)]


def test_stopping_ends_between_two_packets() -> None:
    """After a stop, no further packet is decoded."""
    stop = Event()
    packets = Packets(encode_units(numbered_pictures(5), rate_hz=10))
    frames = decode(packets, packets, DamageGate(), stop)
    next(frames)

    stop.set()

    assert list(frames) == []


def test_frames_of_a_file_are_whole(tmp_path: Path) -> None:
    """With PyAV's own container, frames carry their numbers and none is damaged."""
    path = write_video(tmp_path / "a.mp4", numbered_pictures(12))
    with av.open(str(path)) as container:
        frames = list(decode(container, container.streams.video[0], DamageGate(), Event()))
        numbers = [
            read_number(frame.to_ndarray(format="rgb24"))
            for frame, _ in frames
            if frame is not None
        ]

    assert numbers == list(range(12))
    assert not any(is_damaged for _, is_damaged in frames)


@pytest.mark.parametrize(
    ("size_wh", "threads"), [((640, 480), 1), ((1920, 1080), 1), ((2560, 1440), 3)]
)
def test_live_pictures_are_never_decoded_in_slices(
    tmp_path: Path, size_wh: tuple[int, int], threads: int
) -> None:
    """Large pictures get more threads, each for a whole picture."""
    path = write_video(tmp_path / "a.mp4", numbered_pictures(1, size_wh))
    with av.open(str(path)) as container:
        stream = container.streams.video[0]

        use_live_threads(stream)

        assert stream.thread_type.name == "FRAME"
        assert stream.codec_context.thread_count == threads


@pytest.mark.parametrize("thread_type", ["FRAME", "AUTO"])
def test_threads_do_not_hide_damage(thread_type: str) -> None:
    """The ways of threading that are used report a missing slice; slice threads would not."""
    units = encode_units(numbered_pictures(20, (640, 480)), rate_hz=10)
    units[10] = units[10][: units[10].rindex(b"\0\0\1")]
    packets = Packets(units)
    packets.codec_context.thread_type = thread_type
    packets.codec_context.thread_count = 1 if thread_type == "FRAME" else 0

    frames = [*decode(packets, packets, DamageGate(), Event())]

    assert any(is_damaged for _, is_damaged in frames)


@pytest.mark.parametrize("lost", [{13}, {13, 14}, {12, 15}], ids=["one", "two", "twice"])
def test_pictures_that_never_came_taint_those_built_on_them(lost: set[int]) -> None:
    """The decoder says nothing of a picture lost whole; those after it are marked all the same."""
    units = encode_units(numbered_pictures(30), rate_hz=10)
    packets = Packets([unit for number, unit in enumerate(units) if number not in lost])
    packets.codec_context.thread_count = 1

    judged = [
        is_damaged for frame, is_damaged in decode(packets, packets, DamageGate(), Event()) if frame
    ]

    assert judged == [min(lost) < number < 20 for number in range(30) if number not in lost]


def test_errors_are_forgiven_in_time() -> None:
    """Three in ten seconds are allowed: the fourth is too many, unless the first is long ago."""
    quick, slow = ErrorBudget(3, 10.0), ErrorBudget(3, 10.0)

    assert [quick.is_spent(moment_s) for moment_s in (0, 1, 2, 10)] == [False, False, False, True]
    assert not any(slow.is_spent(moment_s) for moment_s in range(0, 100, 4))
