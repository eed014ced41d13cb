"""`crowd-monitor load` and `what-if`: what the history says of alarms, without a window."""

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import Result

from monitor.core.alarm import AlarmState
from monitor.core.clock import SystemClock
from monitor.outputs.history.history import History
from monitor.settings.outputs import parse_address
from tests.rigs.history import LIMIT_S, NOON, SOON, read_of, ring_of

Call = Callable[..., Result]
AGO = timedelta(hours=2, minutes=30)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Some hours ago: three rings within a minute, the last acknowledged after 40 s; 300 counts."""
    url = f"sqlite:///{tmp_path / 'history.sqlite'}"
    history = History(parse_address(url, {}), pace=SOON)
    history.start()
    moved = SystemClock().utc() - AGO - NOON
    for at_s in (0, 20, 40):
        ring = ring_of(at_s)
        history.on_event(replace(ring, at_utc=ring.at_utc + moved))
    known = ring_of(80, before=AlarmState.UNACKNOWLEDGED, after=AlarmState.ACKNOWLEDGED, who="Ada")
    history.on_event(replace(known, at_utc=known.at_utc + moved))
    for second in range(300):
        reading = read_of(second)
        history.on_reading(replace(reading, at_utc=reading.at_utc + moved))
    assert history.stop(LIMIT_S)
    file = tmp_path / "site.toml"
    file.write_text(f'[[camera]]\nname = "a"\nsource = "webcam:0"\n[store]\nurl = "{url}"\n')
    return file


def test_the_load_is_told_and_written(call: Call, site: Path, tmp_path: Path) -> None:
    """Counted by hand: three rings in a minute chatter; two were never answered."""
    out = tmp_path / "load.csv"

    result = call("load", "--config", site, "--hours", "4", "--csv", out)

    assert result.exit_code == 0
    assert "3 new alarms in 4 h: 0.8 an hour, 3 in the worst hour" in result.stdout
    assert "acknowledged within 40 s (median)" in result.stdout
    assert "never acknowledged: 2" in result.stdout
    assert "3  Gate 1/limit  chatters" in result.stdout
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert [row["alarms"] for row in rows if row["kind"] == "total"] == ["3"]


def test_a_quiet_hour_is_told_as_one(call: Call, site: Path) -> None:
    """The alarms were before it."""
    result = call("load", "--config", site, "--hours", "1")

    assert result.exit_code == 0
    assert "0 new alarms in 1 h" in result.stdout


@pytest.mark.parametrize("hours", ["0", "-1", "1e12"])
def test_no_time_is_wrong_use(call: Call, site: Path, hours: str) -> None:
    """One sentence."""
    result = call("load", "--config", site, "--hours", hours)

    assert result.exit_code == 2
    assert "--hours" in result.stderr


def test_a_limit_is_tried(call: Call, site: Path) -> None:
    """The count was the second: it was at 200 at second 200, and rang 10 s later, to the end."""
    result = call("what-if", "Gate 1", "200", "--config", site, "--hours", "4", "--json")

    (ringing,) = json.loads(result.stdout)["ringings"]
    assert ringing["worst"] == pytest.approx(295, abs=5)  # means over ten seconds
    words = call("what-if", "Gate 1", "200", "--config", site, "--hours", "4").stdout
    assert "at 200 people it would have rung once" in words


def test_a_limit_that_was_never_reached_never_rang(call: Call, site: Path) -> None:
    """Told as 0 times, not as an unknown."""
    result = call("what-if", "Gate 1", "5000", "--config", site, "--hours", "4")

    assert "0 times" in result.stdout


def test_an_unknown_camera_is_not_told_as_quiet(call: Call, site: Path) -> None:
    """Nothing is known of it."""
    result = call("what-if", "Gate 9", "10", "--config", site)

    assert result.exit_code == 0
    assert "nothing is known" in result.stdout


@pytest.mark.parametrize(
    "options",
    [["--measure", "stream"], ["--dead-band", "500"], ["--measure", "nothing"]],
)
def test_a_rule_that_makes_no_sense_is_wrong_use(
    call: Call, site: Path, options: list[str]
) -> None:
    """One sentence."""
    result = call("what-if", "Gate 1", "200", "--config", site, *options)

    assert result.exit_code == 2
