"""`crowd-monitor count`: numbers from pictures, folders and videos; one failure harms no other."""

import csv
import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import av
import cv2
import pytest
from typer.testing import Result

from tests.rigs.load import scaled_s
from tests.rigs.tiny_model import PEOPLE_PER_WHITE_BLOCK, VARIANCE_PER_WHITE_BLOCK

Call = Callable[..., Result]
MakePicture = Callable[[str, int], Path]

VIDEO_TOLERANCE = 0.35
"""People: compression makes black and white blocks a little grey."""


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_picture_is_counted(call: Call, make_picture: MakePicture) -> None:
    """Three white blocks hold six people, and the interval is that of the calibrated variance."""
    picture = make_picture("a.png", 3)
    spread = 1.6448536 * math.sqrt(4.0 * 3 * VARIANCE_PER_WHITE_BLOCK)

    result = call("count", picture, "--json")

    row = json.loads(result.stdout)
    assert result.exit_code == 0
    assert row["source"] == str(picture)
    assert (row["frame"], row["time_s"]) == (0, 0.0)
    assert row["count"] == pytest.approx(3 * PEOPLE_PER_WHITE_BLOCK, abs=1e-3)
    assert row["low"] == pytest.approx(6 - spread, abs=1e-3)
    assert row["high"] == pytest.approx(6 + spread, abs=1e-3)


def test_results_for_people(call: Call, make_picture: MakePicture) -> None:
    """Without options each picture is a line with its count and interval."""
    result = call("count", make_picture("a.png", 3), make_picture("b.png", 0))

    lines = result.stdout.splitlines()
    assert len(lines) == 2
    assert "a.png: 6.0 (" in lines[0]
    assert lines[0].endswith("people")
    assert "b.png: 0.0" in lines[1]
    assert result.stderr == ""


def test_csv_has_a_row_for_each_frame(
    call: Call, make_picture: MakePicture, video: Path, tmp_path: Path
) -> None:
    """Pictures and frames of videos, in order, unrounded, with the promised columns."""
    out = tmp_path / "counts.csv"

    result = call("count", make_picture("a.png", 5), video, "--csv", out)

    rows = rows_of(out)
    assert result.exit_code == 0
    assert out.read_text().splitlines()[0] == "source,frame,time_s,count,low,high"
    assert len(rows) == 13
    assert [int(row["frame"]) for row in rows[1:]] == list(range(12))
    assert [float(row["time_s"]) for row in rows[1:]] == pytest.approx(
        [number / 10 for number in range(12)]
    )
    for number, row in enumerate(rows[1:]):
        assert float(row["count"]) == pytest.approx(
            PEOPLE_PER_WHITE_BLOCK * number, abs=VIDEO_TOLERANCE
        )
    assert {row["source"] for row in rows[1:]} == {str(video)}


def test_without_an_interval_the_fields_are_empty(
    make_picture: MakePicture, tmp_path: Path
) -> None:
    """A model that cannot say how sure it is leaves low and high empty, not 0."""
    from typer.testing import CliRunner

    from monitor.cli.app import app
    from tests.rigs.tiny_model import write_tiny_model

    model = write_tiny_model(tmp_path / "plain.onnx", has_variance=False)
    out = tmp_path / "counts.csv"
    picture = make_picture("a.png", 1)

    CliRunner().invoke(app, ["count", str(picture), "-m", str(model), "--csv", str(out)])

    assert rows_of(out)[0]["low"] == rows_of(out)[0]["high"] == ""


def test_a_folder_is_counted_in_order(call: Call, make_picture: MakePicture) -> None:
    """Pictures of a folder come as people number them: 2 before 10."""
    first = make_picture("shots/img2.png", 1)
    make_picture("shots/img10.png", 2)

    result = call("count", first.parent, "--json")

    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [Path(row["source"]).name for row in rows] == ["img2.png", "img10.png"]
    assert [row["count"] for row in rows] == pytest.approx([2.0, 4.0], abs=1e-3)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("missing.jpg", None),
        ("empty.jpg", b""),
        ("text.png", b"this is no picture"),
        ("text.mp4", b"this is no video" * 100),
    ],
)
def test_one_failure_leaves_the_others_done(
    call: Call, make_picture: MakePicture, tmp_path: Path, name: str, content: bytes | None
) -> None:
    """What cannot be used is one clear sentence on standard error and exit code 1."""
    broken = tmp_path / name
    if content is not None:
        broken.write_bytes(content)
    first, last = make_picture("first.png", 1), make_picture("last.png", 2)

    result = call("count", first, broken, last, "--json")

    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 2
    assert len(result.stderr.splitlines()) == 1
    assert name in result.stderr
    assert "Traceback" not in result.output


def test_a_broken_picture_in_a_folder_harms_no_other(call: Call, make_picture: MakePicture) -> None:
    """Of a folder with one broken picture all others are counted."""
    good = make_picture("shots/a.png", 1)
    (good.parent / "b.png").write_bytes(b"no picture")
    make_picture("shots/c.png", 1)

    result = call("count", good.parent, "--json")

    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 2
    assert "b.png" in result.stderr


@pytest.mark.parametrize(("option", "frames"), [(("--frames", 5), 5), (("--seconds", 0.3), 3)])
def test_limits_end_a_stream(
    call: Call, tmp_path: Path, option: tuple[str, object], frames: int
) -> None:
    """A stream without end is counted as far as was asked: 10 frames are a second."""
    out = tmp_path / "counts.csv"

    result = call("count", "synthetic:plaza?people=3&seed=1", "--csv", out, *option)

    assert result.exit_code == 0
    assert len(rows_of(out)) == frames
    assert f"{frames} frames" in result.stdout


def test_limits_hold_for_each_video(call: Call, video: Path) -> None:
    """A limit on frames is for each video, not for all together."""
    result = call("count", video, video, "--frames", 2, "--json")

    assert len(result.stdout.splitlines()) == 4


def test_annotated_pictures_go_into_a_folder(
    call: Call, make_picture: MakePicture, tmp_path: Path
) -> None:
    """Each picture has an annotated one of its size; names that clash are told apart."""
    first, second = make_picture("a/gate.png", 4), make_picture("b/gate.png", 4)
    out = tmp_path / "new" / "annotated"

    result = call("count", first, second, "--overlay", out)

    assert result.exit_code == 0
    assert sorted(one.name for one in out.iterdir()) == ["gate-2.png", "gate.png"]
    drawn, original = cv2.imread(str(out / "gate.png")), cv2.imread(str(first))
    assert drawn is not None
    assert original is not None
    assert drawn.shape == original.shape
    assert (drawn != original).any()


def test_an_annotated_video_is_a_clip(call: Call, video: Path, tmp_path: Path) -> None:
    """A video becomes a clip with all its frames at their moments."""
    out = tmp_path / "annotated.mp4"

    result = call("count", video, "--overlay", out)

    assert result.exit_code == 0
    with av.open(str(out)) as container:
        moments = [float(frame.time or 0) for frame in container.decode(video=0)]
    assert moments == pytest.approx([number / 10 for number in range(12)])


def test_pictures_and_videos_share_a_folder(
    call: Call, make_picture: MakePicture, video: Path, tmp_path: Path
) -> None:
    """In a folder a video is a clip of its name."""
    out = tmp_path / "annotated"

    result = call("count", make_picture("a.png", 1), video, "--overlay", out)

    assert result.exit_code == 0
    assert sorted(one.name for one in out.iterdir()) == ["a.png", "video.mp4"]


def test_a_clip_for_pictures_is_wrong_use(
    call: Call, make_picture: MakePicture, tmp_path: Path
) -> None:
    """Pictures do not fit into one clip: said before anything is counted."""
    result = call("count", make_picture("a.png", 1), "--overlay", tmp_path / "a.mp4")

    assert result.exit_code == 2
    assert "folder" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("option", ["--csv", "--overlay"])
@pytest.mark.parametrize("place", ["{tmp}/taken.txt/out", "{tmp}/taken.txt/x/out.mp4"])
def test_an_unwritable_output_is_told_before_work(
    call: Call, video: Path, tmp_path: Path, option: str, place: str
) -> None:
    """Nothing is counted when the result could not be kept."""
    (tmp_path / "taken.txt").touch()

    result = call("count", video, option, place.format(tmp=tmp_path))

    assert result.exit_code == 2
    assert "cannot be written" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("option", ["--csv", "--overlay"])
def test_an_input_is_never_overwritten(call: Call, video: Path, option: str) -> None:
    """An output that is an input would destroy what is counted."""
    before = video.read_bytes()

    result = call("count", video, option, video)

    assert result.exit_code == 2
    assert video.read_bytes() == before


def test_annotating_into_the_folder_that_is_counted_is_refused(
    call: Call, make_picture: MakePicture
) -> None:
    """Annotated pictures would replace the originals."""
    picture = make_picture("shots/a.png", 1)
    before = picture.read_bytes()

    result = call("count", picture.parent, "--overlay", picture.parent)

    assert result.exit_code == 2
    assert picture.read_bytes() == before


def test_a_missing_model_is_wrong_use(make_picture: MakePicture, tmp_path: Path) -> None:
    """Without a model nothing is counted, and the file is named."""
    from typer.testing import CliRunner

    from monitor.cli.app import app

    picture = make_picture("a.png", 1)
    result = CliRunner().invoke(
        app, ["count", str(picture), "--model", str(tmp_path / "none.onnx")]
    )

    assert result.exit_code == 2
    assert "none.onnx" in result.stderr


def test_no_password_is_shown(call: Call) -> None:
    """A stream that cannot be had is told without what is secret in its address."""
    result = call("count", "rtsp://viewer:S3cret@127.0.0.1:9/x?token=T0ken")

    assert result.exit_code == 1
    assert "127.0.0.1" in result.stderr
    assert "S3cret" not in result.output
    assert "T0ken" not in result.output


def test_an_unset_password_variable_is_wrong_use(call: Call) -> None:
    """A variable that is not there is named."""
    result = call("count", "rtsp://viewer@127.0.0.1:9/x", "--password-env", "NOT_SET_ANYWHERE")

    assert result.exit_code == 2
    assert "NOT_SET_ANYWHERE" in result.stderr


def test_nothing_named_is_wrong_use(call: Call) -> None:
    """Without an input the usage is shown."""
    assert call("count").exit_code == 2


HEARS_CTRL_C = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("monitor", run_name="__main__", alter_sys=True)
"""
"""The program, also where a shell started the tests in the background and deaf to Ctrl-C."""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for another process")
def test_an_interruption_keeps_what_was_written(tiny_model: Path, tmp_path: Path) -> None:
    """Ctrl-C in the middle of a stream leaves whole rows and a clip that plays."""
    table, clip = tmp_path / "counts.csv", tmp_path / "clip.mp4"
    process = subprocess.Popen(
        [sys.executable, "-c", HEARS_CTRL_C, "count", "synthetic:plaza?people=2&seed=1",
         "-m", tiny_model, "--csv", table, "--overlay", clip],
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    give_up_s = time.monotonic() + scaled_s(60)
    while not table.exists() or table.read_text().count("\n") < 4:
        assert time.monotonic() < give_up_s
        assert process.poll() is None

    process.send_signal(signal.SIGINT)
    try:
        _, notes = process.communicate(timeout=scaled_s(30))
    finally:
        process.kill()

    assert process.returncode == 130
    assert "interrupted" in notes
    assert "Traceback" not in notes
    rows = rows_of(table)
    assert [int(row["frame"]) for row in rows] == list(range(len(rows)))
    assert all(row["high"] for row in rows)
    with av.open(str(clip)) as container:
        shown = sum(1 for _ in container.decode(video=0))
    assert abs(shown - len(rows)) <= 1
