"""`crowd-monitor demo` where there is no window."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import av
import pytest
from typer.testing import Result

from monitor.cli.demo import DemoOptions, Score, demo_site
from monitor.core.reading import Quality, Reading

Call = Callable[..., Result]
READING = Reading(
    "Plaza", datetime(2026, 1, 1, tzinfo=UTC), 1.0, 90.0, 80.0, 100.0, 36.0, 90.0, Quality.GOOD, 95
)


@pytest.mark.slow
def test_it_ends_by_itself_with_a_clip(call: Call, tmp_path: Path) -> None:
    """After the stated time it says how wrong the counts were and where the clip is."""
    clip = tmp_path / "new" / "demo.mp4"

    result = call("demo", "--headless", "--seconds", 3, "--people", 10, "--clip", clip)

    assert result.exit_code == 0
    assert str(clip) in result.stdout
    assert "Trained on Nothing" in result.stdout
    assert "pictures counted" in result.stdout
    with av.open(str(clip)) as container:
        assert sum(1 for _ in container.decode(video=0)) >= 2


def test_an_unwritable_clip_is_wrong_use(call: Call, tmp_path: Path) -> None:
    """A clip that cannot be kept is told before anything runs."""
    (tmp_path / "file").touch()

    result = call("demo", "--headless", "--clip", tmp_path / "file" / "demo.mp4")

    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


def test_the_score_is_the_mean_error() -> None:
    """Off by 5 and by 15 is 10 on average; the interval held once of two times."""
    score = Score()

    assert score.take(READING)
    assert score.take(replace(READING, captured_s=2.0, truth=105.0))

    assert score.text() == (
        "2 pictures counted; 100.0 people were there on average, and the counts were off by 10.0 "
        "on average. The 90 % interval held the true number in 50 % of them."
    )


def test_a_reading_counts_once() -> None:
    """Looking twice at the same reading changes nothing."""
    score = Score()
    score.take(READING)

    assert not score.take(READING)
    assert score.counts == 1


def test_the_limit_is_within_reach() -> None:
    """The demo's alarm can ring, and an empty square has none."""
    options = DemoOptions(people=100, seed=1, seconds=1, clip=Path("x.mp4"))

    limit = demo_site(options).camera[0].limit
    assert limit is not None
    assert 50 < limit.high < 100
    assert demo_site(replace(options, people=0)).camera[0].limit is None
