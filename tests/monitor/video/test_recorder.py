"""Clips: whole files or none, every size, every moment."""

from pathlib import Path

import av
import numpy as np
import pytest

from monitor.core.errors import OutputError
from monitor.plaza.frame_code import draw_frame_number, read_frame_number
from monitor.video.recorder import ClipRecorder


def picture(width: int = 640, height: int = 360, number: int = 0) -> np.ndarray:
    image = np.full((height, width, 3), 120, dtype=np.uint8)
    draw_frame_number(image, number)
    return image


def decode(path: Path) -> list[tuple[float, np.ndarray]]:
    with av.open(str(path)) as container:
        return [
            (float(frame.pts * frame.time_base), frame.to_ndarray(format="rgb24"))
            for frame in container.decode(video=0)
        ]


def test_every_frame_comes_back_in_order(tmp_path: Path) -> None:
    """What is written is played: all frames, in order, at their moments."""
    path = tmp_path / "clip.mp4"

    with ClipRecorder(path, rate_hz=10) as recorder:
        for number in range(15):
            recorder.write(picture(number=number), number / 10)
    frames = decode(path)

    assert [read_frame_number(image) for _, image in frames] == list(range(15))
    assert [moment for moment, _ in frames] == pytest.approx([k / 10 for k in range(15)])


@pytest.mark.parametrize(("width", "height"), [(1, 1), (641, 360), (640, 361), (17, 33)])
def test_odd_sizes_lose_nothing(tmp_path: Path, width: int, height: int) -> None:
    """An odd side gets one more row or column; every pixel is there."""
    path = tmp_path / "clip.mp4"
    image = np.zeros((height, width, 3), dtype=np.uint8)
    image[:, -1] = 250

    with ClipRecorder(path, rate_hz=5) as recorder:
        recorder.write(image, 0.0)
    _, shown = decode(path)[0]

    assert shown.shape == (height + height % 2, width + width % 2, 3)
    assert shown[: max(1, height - 1), width - 1].mean() > 200


def test_times_need_not_be_even(tmp_path: Path) -> None:
    """Frames of a stream that stutters keep their moments; one from the past comes right after."""
    path = tmp_path / "clip.mp4"

    with ClipRecorder(path, rate_hz=10) as recorder:
        for moment in (0.0, 0.31, 0.35, 0.2, 2.0):
            recorder.write(picture(), moment)
    moments = [moment for moment, _ in decode(path)]

    assert moments == pytest.approx([0.0, 0.31, 0.35, 0.35, 2.0], abs=0.001)
    assert moments == sorted(set(moments))


def test_a_change_of_size_is_survived(tmp_path: Path) -> None:
    """A stream that changes its size is brought to the first size."""
    path = tmp_path / "clip.mp4"

    with ClipRecorder(path, rate_hz=10) as recorder:
        recorder.write(picture(640, 360), 0.0)
        recorder.write(picture(320, 200), 0.1)

    assert {image.shape for _, image in decode(path)} == {(360, 640, 3)}


def test_the_name_appears_when_the_file_is_whole(tmp_path: Path) -> None:
    """While it is being written, an older clip of the name stays as it is."""
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"older")

    with ClipRecorder(path, rate_hz=10) as recorder:
        recorder.write(picture(), 0.0)

        assert path.read_bytes() == b"older"

    assert len(decode(path)) == 1
    assert [one.name for one in tmp_path.iterdir()] == ["clip.mp4"]


def record_until_interrupted(path: Path) -> None:
    with ClipRecorder(path, rate_hz=10) as recorder:
        recorder.write(picture(), 0.0)
        recorder.write(picture(), 0.1)
        raise KeyboardInterrupt


def test_what_was_written_is_kept_after_an_interruption(tmp_path: Path) -> None:
    """Ctrl-C in the middle leaves a clip that can be played."""
    path = tmp_path / "clip.mp4"

    with pytest.raises(KeyboardInterrupt):
        record_until_interrupted(path)

    assert len(decode(path)) == 2


def test_nothing_written_leaves_nothing(tmp_path: Path) -> None:
    """A clip without frames is no file, and no rest of one."""
    with ClipRecorder(tmp_path / "clip.mp4", rate_hz=10):
        pass

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["missing/clip.mp4", "."])
def test_an_impossible_place_is_refused_at_once(tmp_path: Path, place: str) -> None:
    """A path that cannot be written is told before any work is done."""
    with pytest.raises(OutputError, match=r"clip\.mp4|folder"):
        ClipRecorder(tmp_path / place, rate_hz=10)


def test_a_folder_that_went_away_is_told(tmp_path: Path) -> None:
    """If the file cannot be given its name, the error says which file."""
    folder = tmp_path / "clips"
    folder.mkdir()
    recorder = ClipRecorder(folder / "clip.mp4", rate_hz=10)
    recorder.write(picture(), 0.0)
    for one in folder.iterdir():
        one.unlink()
    folder.rmdir()

    with pytest.raises(OutputError, match=r"clip\.mp4"):
        recorder.close()


def test_closing_twice_is_harmless(tmp_path: Path) -> None:
    """The second call does nothing."""
    path = tmp_path / "clip.mp4"
    recorder = ClipRecorder(path, rate_hz=10)
    recorder.write(picture(), 0.0)
    recorder.close()
    size = path.stat().st_size

    recorder.close()

    assert path.stat().st_size == size


def test_a_rate_of_nothing_is_refused(tmp_path: Path) -> None:
    """A rate must be positive."""
    with pytest.raises(ValueError, match="rate"):
        ClipRecorder(tmp_path / "clip.mp4", rate_hz=0)
