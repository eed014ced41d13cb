"""What passes through a tap is what the stream is made of, and only while somebody wants it."""

from fractions import Fraction
from threading import Event

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.video.open import open_source
from monitor.video.packets import EncodedPacket, PacketBacklog, PacketRing, RingBounds, StreamFormat
from monitor.video.tapping import sequence_of
from monitor.video.units import joined, read_configuration
from tests.rigs.clips import write_film
from tests.rigs.clock import ManualClock
from tests.rigs.encoded import encode_units, numbered_pictures

ROOM = RingBounds(seconds=1000, bytes_max=10**9)
ANY = Fraction(1, 90_000)


def read(address, tap, *, at_frame=lambda _index: None):
    """Read a source to its end; every frame takes 40 ms."""
    clock = ManualClock()
    for frame in open_source(str(address), pace=False, clock=clock, tap=tap).frames(Event()):
        clock.advance(0.04)
        at_frame(frame.index)


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mp4", "h264"), ("a.ts", "h265"), ("a.avi", "mjpeg"), ("a.mkv", "h264")]
)
def test_every_packet_comes_through_as_the_demuxer_gives_it(tmp_path, name, codec):
    """Bytes, key pictures and stamps, in order, against a second look at the file."""
    film = write_film(tmp_path / name, numbered_pictures(30), codec=codec)
    with av.open(str(film)) as container:
        packets = [one for one in container.demux(video=0) if one.size]
        wanted = [(bytes(one), one.is_keyframe, one.pts) for one in packets]
        time_base = packets[0].time_base

    tap = PacketBacklog(10**9, is_open=True)
    read(film, tap)

    news = tap.take()
    forms = [one for one in news if isinstance(one, StreamFormat)]
    came = [one for one in news if isinstance(one, EncodedPacket)]
    assert {one.time_base for one in forms} == {time_base}
    assert [(one.data, one.is_key, one.pts) for one in came] == wanted
    assert [one.arrived_s for one in came] == sorted(one.arrived_s for one in came)


def test_a_closed_tap_is_left_alone_and_an_opened_one_begins_at_a_key_picture(tmp_path):
    """Somebody asks for clips while a stream runs: it goes on, and is kept from then on."""
    film = write_film(tmp_path / "a.mp4", numbered_pictures(120), b_frames=0)
    ring = PacketRing()

    def open_in_mid_group(index):
        if index == 14:
            assert ring.kept().runs == ()
            ring.bound(ROOM)

    read(film, ring, at_frame=open_in_mid_group)

    (run,) = ring.kept().runs
    assert run.packets[0].is_key
    assert len(run.packets) % 10 == 0  # whole groups of ten from a key picture on
    assert len(run.packets) >= 30


def test_raw_pictures_are_refused_with_the_reason(tmp_path):
    """Some webcams give nothing else."""
    with av.open(str(tmp_path / "raw.nut"), "w") as container:
        stream = container.add_stream("rawvideo", rate=25)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for picture in numbered_pictures(3):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            container.mux(stream.encode(frame))
    ring = PacketRing(ROOM)
    read(tmp_path / "raw.nut", ring)

    assert ring.kept().runs == ()
    assert "raw pictures" in ring.kept().why_not


def test_other_encodings_are_refused_by_name(tmp_path):
    """A file of the nineties."""
    with av.open(str(tmp_path / "old.avi"), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for picture in numbered_pictures(3):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    ring = PacketRing(ROOM)
    read(tmp_path / "old.avi", ring)

    told = "the stream is encoded as mpeg4; clips are kept of H.264, H.265, MJPEG"
    assert ring.kept().why_not == told


def test_sources_without_video_say_so():
    """A drawn scene, and pictures one by one, have no packets."""
    ring = PacketRing(ROOM)
    open_source("synthetic:plaza?people=3", pace=False, clock=ManualClock(), tap=ring)

    assert "no encoded video" in ring.kept().why_not


@given(
    st.sampled_from(["h264", "hevc", "mjpeg"]),
    st.integers(0, 4),
    st.one_of(
        st.binary(max_size=200),
        st.lists(
            st.sampled_from([b"\0\0\1", b"\0\0\0\1", b"\1", b"\xff", b"\xff\xc0\0", b"g", b"B\1"]),
            max_size=40,
        ).map(b"".join),
    ),
)
def test_no_packet_can_end_the_reading(codec, length_bytes, data):
    """Whatever a camera sends: it is looked at on the thread that keeps its pictures coming."""
    configuration = read_configuration(codec, data)
    form = StreamFormat(codec, ANY, length_bytes, joined(configuration.units))

    assert isinstance(sequence_of(form, data), bytes)


@pytest.mark.parametrize("codec", ["h264", "h265", "mjpeg"])
def test_only_another_size_counts_as_another_format(codec):
    """Told by a key picture itself: equal for all of one stream, different for another size."""
    form = StreamFormat("hevc" if codec == "h265" else codec, ANY)
    small, large = (
        encode_units(numbered_pictures(20, size), rate_hz=25, codec=codec)
        for size in ((320, 240), (400, 256))
    )
    sequences = {sequence_of(form, unit) for unit in (small[0], small[10], large[0], large[10])}

    assert len(sequences) == 2
    assert b"" not in sequences
    assert sequence_of(form, small[0]) == sequence_of(form, small[10])
    assert sequence_of(form, b"") == sequence_of(form, b"\xff") == b""
