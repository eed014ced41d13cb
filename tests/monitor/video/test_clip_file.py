"""Real encoded films through the real reader into clips, and what a player shows of them."""

import io
from dataclasses import replace
from itertools import pairwise
from threading import Event

import av
import pytest

from monitor.core.clock import SystemClock
from monitor.core.errors import NotAStreamError
from monitor.video.clip import ClipCut, ClipFile, ClipSpan, clip_file, cut_clip
from monitor.video.open import open_source
from monitor.video.packets import Kept, PacketRing, RingBounds
from tests.rigs.clips import Shown, look_into, write_film
from tests.rigs.clock import ManualClock
from tests.rigs.encoded import encode_units, numbered_pictures, transport_stream
from tests.rigs.rtsp import serving_units

ROOM = RingBounds(seconds=1000, bytes_max=10**9)
RATE_HZ = 25
BEGAN_S = 1000.0


def played(address: object, *, rate_hz: int = RATE_HZ) -> Kept:
    """Read a film to its end, a picture each period of the clock."""
    clock, ring = ManualClock(BEGAN_S), PacketRing(ROOM)
    source = open_source(str(address), pace=False, clock=clock, tap=ring)
    for _ in source.frames(Event()):
        clock.advance(1 / rate_hz)
    return ring.kept()


def clip_at(
    kept: Kept, alarm_s: float, *, before_s: float, after_s: float
) -> tuple[ClipCut, ClipFile]:
    """Make the clip of an alarm some seconds after the film began."""
    cut = cut_clip(kept, ClipSpan(BEGAN_S + alarm_s, before_s, after_s))
    assert isinstance(cut, ClipCut), cut
    return cut, clip_file(cut)


def assert_plays(shown: Shown) -> None:
    """A player begins at once, shows one picture after the other, and leaves none out."""
    assert shown.is_key_first
    assert shown.numbers == list(range(shown.numbers[0], shown.numbers[0] + len(shown.numbers)))
    assert all(before < after for before, after in pairwise(shown.times_s))
    assert all(before < after for before, after in pairwise(shown.decoded_ticks))


@pytest.mark.parametrize(
    ("name", "codec", "is_open", "suffix", "tag"),
    [
        ("a.mp4", "h264", False, ".mp4", "avc1"),
        ("a.mkv", "h264", True, ".mp4", "avc1"),
        ("a.ts", "h264", True, ".mp4", "avc1"),
        ("a.mp4", "h265", False, ".mp4", "hvc1"),
        ("a.ts", "h265", True, ".mp4", "hvc1"),
        ("a.avi", "mjpeg", False, ".mkv", ""),
    ],
    ids=["h264 mp4", "h264 mkv open", "h264 ts open", "h265 mp4", "h265 ts open", "mjpeg avi"],
)
def test_a_clip_shows_the_pictures_of_the_stream(tmp_path, name, codec, is_open, suffix, tag):
    """Some seconds around an alarm at 2.4 s, B-frames and open groups among them.

    Ten pictures make a group, and a reader decodes some pictures ahead of the clock: the clip may
    begin a group and a few pictures early, never late.
    """
    film = write_film(tmp_path / name, numbered_pictures(110), codec=codec, is_open=is_open)
    kept = played(film)

    cut, made = clip_at(kept, 2.4, before_s=1.6, after_s=1.0)

    shown = look_into(made.content)
    assert_plays(shown)
    assert (made.suffix, made.size_wh) == (suffix, (320, 240))
    assert shown.tag.strip("\0") == tag
    assert len(shown.numbers) == len(cut.packets)
    assert cut.remarks == ()
    assert -1.6 - 10 / RATE_HZ - 0.2 <= cut.begins_s <= -1.6
    assert 1.0 - 2 / RATE_HZ <= cut.ends_s <= 1.0 + 4 / RATE_HZ
    # The number of a picture is its place among the times at which the stream shows them.
    order = sorted(one.pts for run in kept.runs for one in run.packets)
    assert shown.numbers == sorted(order.index(one.pts) for one in cut.packets)
    steps = [after - before for before, after in pairwise(shown.times_s)]
    assert steps == pytest.approx([1 / RATE_HZ] * len(steps), abs=1e-3)


def test_not_a_bit_of_a_picture_is_changed(tmp_path):
    """The clip's pictures are the stream's own, value for value."""
    film = write_film(tmp_path / "a.mp4", numbered_pictures(60))
    with av.open(str(film)) as container:
        wanted = {
            n: frame.to_ndarray(format="rgb24").tobytes()
            for n, frame in enumerate(container.decode(video=0))
        }

    _, made = clip_at(played(film), 1.2, before_s=0.4, after_s=0.6)

    numbers = look_into(made.content).numbers
    with av.open(io.BytesIO(made.content)) as container:
        found = [one.to_ndarray(format="rgb24").tobytes() for one in container.decode(video=0)]
    assert len(found) > 20
    assert found == [wanted[number] for number in numbers]


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_a_camera_that_sets_its_clock_is_shown_without_a_gap(tmp_path, codec):
    """Forty pictures, the stamps jump an hour back, forty more."""
    pictures = numbered_pictures(80)
    film = tmp_path / "a.ts"
    film.write_bytes(
        transport_stream(pictures[:40], codec=codec, rate_hz=20, begin_s=4000)
        + transport_stream(pictures[40:], codec=codec, rate_hz=20, begin_s=400)
    )

    _, made = clip_at(played(film, rate_hz=20), 2.0, before_s=1.5, after_s=1.5)

    shown = look_into(made.content)
    assert_plays(shown)
    assert shown.numbers[0] < 40 < shown.numbers[-1]
    steps = [after - before for before, after in pairwise(shown.times_s)]
    # At the jump the time of arrival goes on, which a decoder that reads ahead shifts a little.
    assert max(steps) < 0.3
    assert shown.times_s[-1] == pytest.approx((len(shown.numbers) - 1) / 20, abs=0.3)


@pytest.mark.parametrize("codec", ["h264", "h265"])
@pytest.mark.parametrize(("alarm_s", "size_wh"), [(1.0, (320, 240)), (3.0, (400, 256))])
def test_a_clip_is_cut_where_the_size_changes(tmp_path, codec, alarm_s, size_wh):
    """In mid-stream, at 2 s: the clip holds the side on which the alarm is, and says so."""
    film = tmp_path / "a.ts"
    film.write_bytes(
        transport_stream(numbered_pictures(40), codec=codec, rate_hz=20, begin_s=1)
        + transport_stream(numbered_pictures(40, (400, 256)), codec=codec, rate_hz=20, begin_s=3)
    )

    cut, made = clip_at(played(film, rate_hz=20), alarm_s, before_s=2.5, after_s=1.8)

    shown = look_into(made.content)
    assert_plays(shown)
    assert (made.size_wh, shown.size_wh) == (size_wh, size_wh)
    assert len([one for one in cut.remarks if "size or codec" in one]) == 1
    edge = shown.numbers[-1] if alarm_s < 2 else shown.numbers[0]
    assert edge == (39 if alarm_s < 2 else 0)


def test_a_jpeg_of_another_size_ends_the_clip(tmp_path):
    """Every JPEG stands alone, and tells its size itself."""
    small, large = (
        encode_units(numbered_pictures(20, size), rate_hz=20, codec="mjpeg")
        for size in ((320, 240), (400, 256))
    )
    film = tmp_path / "a.mjpeg"
    film.write_bytes(b"".join([*small, *large]))

    _, made = clip_at(played(film, rate_hz=20), 0.0, before_s=0.2, after_s=2.5)

    shown = look_into(made.content)
    assert shown.numbers == list(range(20))
    assert shown.size_wh == (320, 240)


def test_a_film_in_a_loop_goes_on_in_its_clip(tmp_path):
    """Its end and its beginning: 40 pictures, played for ever."""
    film = write_film(tmp_path / "a.mp4", numbered_pictures(40), b_frames=0)
    clock, ring, stop = ManualClock(BEGAN_S), PacketRing(ROOM), Event()
    for frame in open_source(f"{film}?loop=1", pace=False, clock=clock, tap=ring).frames(stop):
        clock.advance(1 / RATE_HZ)
        if frame.index == 70:
            stop.set()

    _, made = clip_at(ring.kept(), 1.6, before_s=1.0, after_s=1.0)

    shown = look_into(made.content)
    turn = shown.numbers.index(0)
    assert shown.numbers == [*range(40 - turn, 40), *range(len(shown.numbers) - turn)]
    assert all(before < after for before, after in pairwise(shown.times_s))


@pytest.mark.parametrize(
    ("codec", "suffix"),
    [
        ("h264", ".mp4"),
        pytest.param("h265", ".mp4", marks=pytest.mark.slow),
        pytest.param("mjpeg", ".mkv", marks=pytest.mark.slow),
    ],
)
def test_a_network_camera_leaves_a_clip(tmp_path, codec, suffix):
    """Over a real RTSP server, in real time, parameter sets in the stream or beside it."""
    clock, ring, stop = SystemClock(), PacketRing(ROOM), Event()
    units = encode_units(numbered_pictures(60), rate_hz=30, codec=codec)
    with serving_units(tmp_path, units, rate_hz=30, codec=codec) as server:
        source = open_source(server.url(), pace=True, clock=clock, tap=ring)
        for frame in source.frames(stop):
            if frame.index == 45:
                stop.set()
    (run,) = ring.kept().runs
    first_s, alarm_s, last_s = (run.packets[place].arrived_s for place in (14, 32, -1))

    cut = cut_clip(ring.kept(), ClipSpan(alarm_s, alarm_s - first_s, last_s - alarm_s))
    assert isinstance(cut, ClipCut), cut
    made = clip_file(cut)

    shown = look_into(made.content)
    assert_plays(shown)
    assert made.suffix == suffix
    assert cut.begins_s <= first_s - alarm_s
    assert cut.ends_s == last_s - alarm_s
    assert len(shown.numbers) == len(cut.packets)
    assert shown.times_s[-1] == pytest.approx((len(shown.numbers) - 1) / 30, abs=0.05)


def test_packets_that_no_file_can_hold_are_refused(tmp_path):
    """Parameter sets never came, or what came is no video: one sentence, no half file."""
    film = write_film(tmp_path / "a.mp4", numbered_pictures(30))
    cut, _ = clip_at(played(film), 0.5, before_s=0.5, after_s=0.5)
    broken = replace(cut, format=replace(cut.format, parameters=b""))

    with pytest.raises(NotAStreamError):
        clip_file(broken)
