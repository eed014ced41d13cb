"""Video files: every frame once and in order, at their own pace or as fast as possible."""

from pathlib import Path
from threading import Event

import av
import numpy as np
import pytest

from monitor.core.errors import NotAStreamError
from monitor.video.address import FileAddress
from monitor.video.file import FileSource
from tests.rigs.clock import ManualClock, WaitingMovesTime
from tests.rigs.encoded import encode_units, numbered_pictures, read_number, write_video


def source_of(
    path: Path, *, clock: ManualClock, pace: bool = False, loop: bool = False
) -> FileSource:
    """Make a source of a file."""
    return FileSource(FileAddress(str(path), path, loop), pace=pace, clock=clock)


def test_every_frame_comes_once(tmp_path: Path) -> None:
    """As many frames as were written, in order, each at its own time, none damaged."""
    path = write_video(tmp_path / "a.mp4", numbered_pictures(30), rate_hz=25)
    clock = ManualClock(7.0)
    source = source_of(path, clock=clock)

    frames = list(source.frames(Event()))

    assert [read_number(frame.picture.to_rgb()) for frame in frames] == list(range(30))
    assert [frame.index for frame in frames] == list(range(30))
    assert [frame.time_s for frame in frames] == pytest.approx([n / 25 for n in range(30)])
    assert {(frame.captured_s, frame.is_damaged, frame.truth_count) for frame in frames} == {
        (7.0, False, None)
    }
    assert not source.is_live
    assert source.label == str(path)


def test_in_the_window_a_file_takes_its_time(tmp_path: Path) -> None:
    """At 5 Hz a frame comes every 0.2 s of the clock."""
    path = write_video(tmp_path / "a.mp4", numbered_pictures(5), rate_hz=5)
    clock = ManualClock(0.0)

    frames = list(source_of(path, clock=clock, pace=True).frames(WaitingMovesTime(clock)))

    assert [frame.captured_s for frame in frames] == pytest.approx([0, 0.2, 0.4, 0.6, 0.8])


def test_a_looped_file_goes_on(tmp_path: Path) -> None:
    """The second round begins one frame after the first ended, and numbers go on."""
    path = write_video(tmp_path / "a.mp4", numbered_pictures(3), rate_hz=25)
    clock, stop = ManualClock(), Event()
    seen = []

    for frame in source_of(path, clock=clock, loop=True).frames(stop):
        seen.append((frame.index, read_number(frame.picture.to_rgb()), round(frame.time_s, 3)))
        if frame.index == 5:
            stop.set()

    assert seen == [
        (0, 0, 0.0),
        (1, 1, 0.04),
        (2, 2, 0.08),
        (3, 0, 0.12),
        (4, 1, 0.16),
        (5, 2, 0.2),
    ]


def test_a_change_of_size_is_just_another_size(tmp_path: Path) -> None:
    """A camera that was set to another resolution mid-stream: each frame has its own size."""
    sizes = ((320, 240), (640, 480))
    units = [
        unit for size in sizes for unit in encode_units(numbered_pictures(5, size), rate_hz=10)
    ]
    path = tmp_path / "a.h264"
    path.write_bytes(b"".join(units))

    frames = list(source_of(path, clock=ManualClock()).frames(Event()))

    assert [frame.picture.size_hw for frame in frames] == [(240, 320)] * 5 + [(480, 640)] * 5
    assert [read_number(frame.picture.to_rgb()) for frame in frames] == [*range(5), *range(5)]
    assert [frame.picture.to_rgb().shape[:2] for frame in frames[4:6]] == [(240, 320), (480, 640)]


def test_a_cut_off_file_gives_what_it_has(tmp_path: Path) -> None:
    """A recording that was interrupted is played to where it ends."""
    path = tmp_path / "a.h264"
    data = b"".join(encode_units(numbered_pictures(20), rate_hz=10))
    path.write_bytes(data[: len(data) // 2])

    frames = list(source_of(path, clock=ManualClock()).frames(Event()))

    assert 5 <= len(frames) < 20
    assert [read_number(frame.picture.to_rgb()) for frame in frames[:5]] == list(range(5))


@pytest.mark.parametrize("data", [b"", b"This is a letter, not a film.\n" * 100])
def test_what_is_no_video_is_refused(tmp_path: Path, data: bytes) -> None:
    """An empty file and a text are no video; the complaint names the file, with no more below."""
    path = tmp_path / "letter.mp4"
    path.write_bytes(data)

    with pytest.raises(NotAStreamError, match=r"letter\.mp4") as caught:
        list(source_of(path, clock=ManualClock()).frames(Event()))

    assert caught.value.__context__ is None


@pytest.mark.parametrize("is_looped", [False, True])
def test_a_film_of_which_nothing_can_be_decoded_is_refused(tmp_path: Path, is_looped: bool) -> None:
    """Its head is whole and its pictures are zeros, as after a disk error: it is no film."""
    path = write_video(tmp_path / "zeros.mp4", numbered_pictures(5))
    data = bytearray(path.read_bytes())
    start, end = data.index(b"mdat") + 4, data.index(b"moov") - 4
    data[start:end] = bytes(end - start)
    path.write_bytes(data)

    with pytest.raises(NotAStreamError, match="no picture that can be decoded"):
        list(source_of(path, clock=ManualClock(), loop=is_looped).frames(Event()))


def test_a_sound_file_holds_no_video(tmp_path: Path) -> None:
    """A song is a file that can be opened and still shows nothing."""
    path = tmp_path / "song.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        tone = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        tone.sample_rate = 8000
        container.mux(stream.encode(tone))

    with pytest.raises(NotAStreamError, match="no video"):
        list(source_of(path, clock=ManualClock()).frames(Event()))


def test_stopping_closes_the_file(tmp_path: Path) -> None:
    """After a stop no further frame comes, even from a loop without an end."""
    path = write_video(tmp_path / "a.mp4", numbered_pictures(10))
    stop = Event()
    frames = source_of(path, clock=ManualClock(), loop=True).frames(stop)
    next(frames)

    stop.set()

    assert len(list(frames)) <= 1


def test_a_title_in_another_alphabet_is_no_obstacle(tmp_path: Path) -> None:
    """Titles of films are in whatever encoding their makers used; nobody reads them here."""
    path = write_video(tmp_path / "a.mkv", numbered_pictures(3))
    written = path.read_bytes()
    assert b"Lavf" in written, "the case needs a text that can be broken"
    path.write_bytes(written.replace(b"Lavf", b"\xb2\xb3vf"))

    frames = list(source_of(path, clock=ManualClock()).frames(Event()))

    assert [read_number(frame.picture.to_rgb()) for frame in frames] == [0, 1, 2]


def test_video_of_an_unknown_kind_is_told(tmp_path: Path) -> None:
    """The film says that its video is of a kind that no decoder here knows."""
    path = write_video(tmp_path / "a.mkv", numbered_pictures(3))
    path.write_bytes(path.read_bytes().replace(b"V_MPEG4/ISO/AVC", b"V_NOBODY/KNOWS!"))

    with pytest.raises(NotAStreamError, match="cannot be decoded"):
        list(source_of(path, clock=ManualClock()).frames(Event()))
