"""Lost pictures: a missing number gives them away, whatever the encoder's ways are."""

from fractions import Fraction

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.video.decoding import PictureNumbers
from tests.rigs.encoded import numbered_pictures

KEY_EVERY = 12
PICTURES = 30

WAYS = {
    "plain": {"preset": "ultrafast", "x264-params": "bframes=0"},
    "b-frames": {"preset": "medium", "x264-params": "bframes=3:b-pyramid=normal"},
    "interlaced": {"preset": "fast", "x264-params": "bframes=0:interlaced=1"},
    "baseline": {"preset": "fast", "profile": "baseline"},
    "slices": {"preset": "ultrafast", "x264-params": "bframes=0:slices=4"},
}


def encode(way: str, *, is_global: bool = False) -> tuple[list[bytes], bytes | None]:
    """Encode pictures in one of the ways; gives access units and what stands before them."""
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = 320, 240, "yuv420p"
    encoder.framerate, encoder.time_base = Fraction(10), Fraction(1, 10)
    options = dict(WAYS[way])
    more = f"keyint={KEY_EVERY}:min-keyint={KEY_EVERY}:scenecut=0:log-level=none"
    options["x264-params"] = ":".join(filter(None, (options.get("x264-params"), more)))
    encoder.options = options
    if is_global:
        encoder.flags |= av.codec.context.Flags.global_header
    units: list[bytes] = []
    for number, picture in enumerate(numbered_pictures(PICTURES)):
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts, frame.time_base = number, Fraction(1, 10)
        units += [bytes(packet) for packet in encoder.encode(frame)]
    units += [bytes(packet) for packet in encoder.encode(None)]
    return units, encoder.extradata


def first_slice(unit: bytes) -> int:
    """Find the first byte of the first slice of an access unit, by hand."""
    place = unit.find(b"\0\0\1")
    while unit[place + 3] & 0x1F not in (1, 5):
        place = unit.find(b"\0\0\1", place + 3)
    return unit[place + 3]


@pytest.mark.parametrize("way", WAYS)
def test_every_lost_picture_that_others_need_is_noticed(way: str) -> None:
    """One picture after the other is left out: noticed where a later one is built on it."""
    units, _ = encode(way)

    for lost in range(1, PICTURES - 1):
        numbers = PictureNumbers(None)
        misses = [
            place
            for place, unit in enumerate(units)
            if place != lost and numbers.misses_picture(unit)
        ]

        is_needed = bool(first_slice(units[lost]) & 0x60)
        next_is_key = first_slice(units[lost + 1]) & 0x1F == 5
        assert bool(misses) == (is_needed and not next_is_key), f"picture {lost}"
        assert all(place > lost for place in misses)


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_noticed_where_nothing_is_lost(way: str) -> None:
    """No false alarm, from the first picture to the last."""
    units, _ = encode(way)
    numbers = PictureNumbers(None)

    assert not any(numbers.misses_picture(unit) for unit in units)


def test_parameters_may_come_before_the_stream() -> None:
    """As in RTSP's description: the pictures alone do not say how they are numbered."""
    units, parameters = encode("plain", is_global=True)
    del units[5]

    told, untold = PictureNumbers(parameters), PictureNumbers(None)

    assert [n for n, unit in enumerate(units) if told.misses_picture(unit)] == [5]
    assert not any(untold.misses_picture(unit) for unit in units)


def test_lengths_may_stand_in_place_of_start_codes(tmp_path) -> None:
    """As in MP4 and RTMP."""
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as film:
        stream = film.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        stream.options = {"preset": "ultrafast", "bf": "0", "g": "50"}
        for picture in numbered_pictures(10):
            film.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        film.mux(stream.encode(None))
    with av.open(str(path)) as film:
        parameters = film.streams.video[0].codec_context.extradata
        packets = [bytes(packet) for packet in film.demux() if packet.size]
    whole, broken = PictureNumbers(parameters), PictureNumbers(parameters)

    assert not any(whole.misses_picture(packet) for packet in packets)
    del packets[4]
    assert [n for n, packet in enumerate(packets) if broken.misses_picture(packet)] == [4]


@given(st.binary(max_size=200), st.lists(st.binary(max_size=200), max_size=4))
def test_rubbish_is_read_without_complaint(parameters: bytes, packets: list[bytes]) -> None:
    """Complaining of it is the decoder's business."""
    numbers = PictureNumbers(parameters)

    for packet in packets:
        numbers.misses_picture(b"\0\0\1\x67" + packet)
        numbers.misses_picture(packet)
