"""`crowd-monitor journal`."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from monitor.outputs.history.history import History
from monitor.settings.outputs import parse_address
from tests.rigs.history import LIMIT_S, SOON, StoppedClock, ring_of

Call = Callable[..., Result]
DAY_S = 86_400
CAMERA = '[[camera]]\nname = "a"\nsource = "webcam:0"\n'


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site whose history has three alarms: two at noon, one a day later."""
    url = f"sqlite:///{tmp_path / 'history.sqlite'}"
    history = History(parse_address(url, {}), clock=StoppedClock(), pace=SOON)
    history.start()
    for at_s in (0, 1, DAY_S):
        history.on_event(ring_of(at_s))
    assert history.stop(LIMIT_S)
    file = tmp_path / "site.toml"
    file.write_text(f'{CAMERA}[store]\nurl = "{url}"\n')
    return file


def lines_of(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_the_journal_is_written(call: Call, site: Path, tmp_path: Path) -> None:
    """What was before the day that is named; a header and two entries."""
    out = tmp_path / "journal.csv"

    result = call("journal", out, "--config", site, "--before", "2030-05-02")

    assert result.exit_code == 0
    assert "2 entries written to" in result.stdout
    assert lines_of(out) == 3


def test_what_is_moved_is_not_there_a_second_time(call: Call, site: Path, tmp_path: Path) -> None:
    """First two entries, then none; the later one stays in the history."""
    for name, entries in (("first.csv", "2 entries"), ("second.csv", "0 entries")):
        result = call(
            "journal", tmp_path / name, "--config", site, "--before", "2030-05-02", "--move"
        )
        assert f"{entries} moved to" in result.stdout

    result = call("journal", tmp_path / "rest.csv", "--config", site, "--before", "2031-01-01")
    assert "1 entry written to" in result.stdout


@pytest.mark.parametrize(
    ("options", "named"),
    [
        pytest.param(["--before", "yesterday"], "write a day as", id="no day"),
        pytest.param(["--move"], "--move needs --before", id="everything"),
    ],
)
def test_wrong_use_is_one_sentence(
    call: Call, site: Path, tmp_path: Path, options: list[str], named: str
) -> None:
    """Exit code 2, and nothing is written."""
    result = call("journal", tmp_path / "journal.csv", "--config", site, *options)

    assert result.exit_code == 2
    assert named in result.stderr
    assert not (tmp_path / "journal.csv").exists()


def test_a_file_that_is_there_stays(call: Call, site: Path, tmp_path: Path) -> None:
    """Last year's journal is not written over."""
    out = tmp_path / "journal.csv"
    out.write_text("last year's")

    result = call("journal", out, "--config", site)

    assert result.exit_code == 2
    assert "there already" in result.stderr
    assert out.read_text() == "last year's"
