"""The fault campaign in short: every fault once. `make faults` tries them for longer."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.faults.__main__ import Campaign, report_of
from tests.faults.campaign import secrets_in, try_machine, try_streams
from tests.faults.footprint import Footprint, baseline, leaks_between, settle
from tests.faults.machine import TRIALS
from tests.faults.mutations import (
    GOOD_SITE,
    Edit,
    MutatedStreams,
    edits,
    read_site,
    site_texts,
)
from tests.faults.scene import Outcome, camera_of, watching
from tests.faults.streams import FAULTS
from tests.rigs.counters import FixedCounter
from tests.rigs.encoded import numbered_pictures, write_video
from tests.rigs.waiting import wait_until

SHORT = 250
"""Examples in the suite; the long form has forty times as many."""


@pytest.fixture(scope="module")
def streams(tmp_path_factory: pytest.TempPathFactory) -> MutatedStreams:
    """Films to break."""
    return MutatedStreams(tmp_path_factory.mktemp("films"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where site files are written."""
    return tmp_path_factory.mktemp("sites")


@pytest.mark.slow
def test_every_fault_of_a_stream_is_survived(tmp_path: Path) -> None:
    """No crash, no lie, no leak, no secret, for each fault of a camera or a network."""
    before = baseline()

    outcomes = try_streams(FAULTS, tmp_path)

    assert [one for one in outcomes if not one.is_survived] == []
    assert secrets_in(outcomes) == []
    assert leaks_between(before, settle(before)) == []


@pytest.mark.slow
def test_every_fault_of_the_machine_is_survived(tmp_path: Path) -> None:
    """The same for its clock, disk, database, model and memory."""
    before = baseline()

    outcomes = try_machine(TRIALS, tmp_path)

    assert [one for one in outcomes if not one.is_survived] == []
    assert secrets_in(outcomes) == []
    assert leaks_between(before, settle(before)) == []


def test_a_lie_is_caught(tmp_path: Path) -> None:
    """The campaign itself can fail: a counter that finds nobody in good pictures is noticed."""
    outcome = Outcome("lie")
    path = write_video(tmp_path / "film.mp4", numbered_pictures(25, (256, 64)))

    with watching(outcome, [camera_of(f"{path}?loop=1")], FixedCounter(0)) as scene:
        wait_until(lambda: bool(outcome.lies), "the lie is noticed")
        scene.until_good()

    assert not outcome.is_survived
    assert all("0 people" in lie for lie in outcome.lies)


def test_the_report_tells_what_failed() -> None:
    """One fault survived, one not, memory that grows by 8 MiB a round: all of it is written."""
    good, bad = Outcome("cable_cut", recovery_s=[1.0, 3.0]), Outcome("frozen", lies=["0 people"])
    rounds = tuple(Footprint(1, 9, memory) for memory in (100, 150, 160, 168, 176))
    campaign = Campaign((good, bad), {"Broken films": 10}, rounds, ("2 threads in round 0",), 9)

    report = report_of(campaign)

    assert campaign.slope_mib == pytest.approx(8)
    assert not campaign.is_passed
    assert "tried: 2; survived: 1" in report
    assert "95 % within 3.0 s" in report
    assert "**frozen**:  0 people" in report
    assert "2 threads in round 0" in report


@pytest.mark.slow
@settings(max_examples=SHORT)
@given(film=st.integers(0, 3), wounds=edits)
def test_broken_films_are_survived(streams: MutatedStreams, film: int, wounds: list[Edit]) -> None:
    """Whatever the bytes, nothing but an error for people comes out."""
    streams.play(film, wounds)


@settings(max_examples=SHORT)
@given(broken=st.integers(0, 5), wounds=edits)
def test_broken_packets_are_survived(
    streams: MutatedStreams, broken: int, wounds: list[Edit]
) -> None:
    """One broken packet in a live stream: not even an error comes out."""
    streams.decode_packets(broken, wounds)


@settings(max_examples=SHORT)
@given(text=site_texts)
def test_random_site_files_are_refused_in_words(folder: Path, text: str) -> None:
    """Taken or refused with a sentence, never a traceback."""
    read_site(folder / "site.toml", text)


def test_the_good_site_file_is_good(folder: Path) -> None:
    """What the random ones are made from would be taken."""
    assert read_site(folder / "good.toml", GOOD_SITE)
