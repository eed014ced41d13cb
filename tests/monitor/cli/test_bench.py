"""`crowd-monitor bench`."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import Result

from monitor.cli.bench import decode, encode
from monitor.plaza import Plaza

Call = Callable[..., Result]
STAGES = ["decode", "convert", "inference", "overlay", "all together"]


@pytest.mark.slow
def test_every_stage_at_every_size(call: Call) -> None:
    """Five stages at three sizes, each with a time, and the machine that they are from."""
    result = call("bench", "--json", "--frames", 2)

    record = json.loads(result.stdout)
    assert result.exit_code == 0
    assert [one["stage"] for one in record["stages"]] == STAGES * 3
    assert {one["size"] for one in record["stages"]} == {"640x360", "1280x720", "1920x1080"}
    assert all(0 < one["median_ms"] <= one["slowest_ms"] for one in record["stages"])
    assert all(one["runs"] == 2 for one in record["stages"])
    assert record["machine"]["model"] == "bright blocks"


@pytest.mark.slow
def test_a_source_of_ones_own(call: Call, video: Path) -> None:
    """Frames of a video are measured too, and shown as a table."""
    result = call("bench", "--source", video, "--frames", 2)

    assert result.exit_code == 0
    assert all(stage in result.stdout for stage in STAGES)


def test_an_impossible_source_is_wrong_use(call: Call) -> None:
    """A source that is not there is one sentence."""
    result = call("bench", "--source", "nowhere.mp4")

    assert result.exit_code == 2
    assert "nowhere.mp4" in result.stderr


def test_the_clip_that_is_measured_holds_the_frames() -> None:
    """What is decoded is what was encoded, as many and alike."""
    frames = [Plaza(5, 1, (320, 180)).render(number).image for number in range(3)]

    shown = [picture.to_rgb() for picture in decode(encode(frames))]

    assert len(shown) == 3
    for one, other in zip(frames, shown, strict=True):
        assert np.abs(one.astype(int) - other).mean() < 8
