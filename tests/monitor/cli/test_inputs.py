"""From inputs to frames."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from threading import Event

import pytest

from monitor.cli import inputs
from monitor.cli.inputs import Job, frames_of, plan_jobs
from monitor.core.clock import SystemClock
from monitor.core.errors import UnauthorizedError, UnreachableError
from monitor.video.frame import Frame, FrameSource
from tests.rigs.load import scaled_s
from tests.rigs.sources import ScriptedSource, gray_frame

LIVE = Job("camera", None, "rtsp://192.0.2.7/", is_endless=True, is_live=True)


def read_live(
    source: FrameSource, monkeypatch: pytest.MonkeyPatch, stop: Event | None = None
) -> Iterator[Frame]:
    monkeypatch.setattr(inputs, "open_source", lambda *_, **__: source)
    return frames_of(LIVE, stop or Event(), password=None, clock=SystemClock())


def test_kinds_are_told_apart(tmp_path: Path) -> None:
    """Pictures are jobs one by one; streams, webcams and drawn squares never end."""
    for name in ("b.png", "a.png"):
        (tmp_path / name).touch()
    (tmp_path / "v.mp4").touch()

    jobs, faults = plan_jobs(
        [str(tmp_path), str(tmp_path / "v.mp4"), f"{tmp_path / 'v.mp4'}?loop=1", "webcam:0",
         "synthetic:plaza?people=1", "rtsp://viewer:S3cret@192.0.2.7/x"]
    )  # fmt: skip

    assert faults == []
    assert [job.picture.name if job.picture else None for job in jobs[:3]] == [
        "a.png", "b.png", None,
    ]  # fmt: skip
    assert [job.is_endless for job in jobs] == [False, False, False, True, True, True, True]
    assert [job.is_live for job in jobs] == [False, False, False, False, True, False, True]
    assert "S3cret" not in jobs[-1].label


def test_every_fault_is_collected() -> None:
    """What cannot be used does not hide what can."""
    jobs, faults = plan_jobs(["nowhere.jpg", "webcam:0", "rtps://x/"])

    assert len(jobs) == 1
    assert len(faults) == 2


def test_a_live_stream_gives_its_newest_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames that came while counting are dropped: the next one is of now."""
    is_counted, goes_on, ends = Event(), Event(), Event()
    script = [
        gray_frame(0), is_counted, gray_frame(1), gray_frame(2), gray_frame(3), goes_on.set, ends,
    ]  # fmt: skip
    frames = read_live(ScriptedSource(script), monkeypatch)

    first = next(frames)
    is_counted.set()
    assert goes_on.wait(scaled_s(10))
    second = next(frames)
    ends.set()
    frames.close()

    assert (first.index, second.index) == (0, 3)


def test_a_lost_stream_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """A camera that goes away is told, not taken for the end of the work."""
    frames = read_live(ScriptedSource([gray_frame(0)]), monkeypatch)

    with pytest.raises(UnreachableError, match="ended"):
        list(frames)


def test_what_the_reader_meets_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kind of an error is kept on its way between threads."""
    frames = read_live(ScriptedSource([UnauthorizedError("camera: no")]), monkeypatch)

    with pytest.raises(UnauthorizedError, match="camera: no"):
        list(frames)


def test_taking_no_more_ends_the_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the limit is reached the source is closed and its thread is gone."""
    source = ScriptedSource([gray_frame(number) for number in range(50)])

    frames = read_live(source, monkeypatch)
    list(islice(frames, 1))
    frames.close()

    assert source.is_closed
