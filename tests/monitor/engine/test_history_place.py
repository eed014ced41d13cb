"""A history that moves while cameras are counted."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock

import pytest
from sqlalchemy import select

from monitor.core.errors import StoreError
from monitor.core.reading import Reading
from monitor.engine.engine import Engine
from monitor.engine.history_place import HistoryPlace
from monitor.outputs.history.history import History
from monitor.outputs.history.schema import readings, to_us
from monitor.outputs.outbox import Pace
from monitor.settings import SiteSettings
from monitor.settings.outputs import parse_address
from tests.rigs.counters import FixedCounter
from tests.rigs.history import create_plain_engine
from tests.rigs.sources import EndlessSource
from tests.rigs.waiting import wait_until

CAMERA = {"name": "Gate", "source": "webcam:0", "count_hz": 20}


def site_of(url: str, **store: float) -> SiteSettings:
    """A site whose history is somewhere."""
    return SiteSettings.model_validate({"camera": [CAMERA], "store": {"url": url, **store}})


class Kept:
    """A running camera, its history, and every reading that there was."""

    def __init__(self, url: str) -> None:
        site = site_of(url)
        self.history = History(parse_address(url, {}), pace=Pace(flush_s=0.02, retry_s=0.02))
        self.place = HistoryPlace(self.history, site.store, environ={})
        self.engine = Engine(
            site.camera, FixedCounter(12), open_source=lambda _, clock: EndlessSource(clock)
        )
        self._lock = Lock()
        self._seen: list[int] = []

    def on_reading(self, reading: Reading) -> None:
        """Take a reading down, then hand it to the history."""
        with self._lock:
            self._seen.append(to_us(reading.at_utc))
        self.history.on_reading(reading)

    @property
    def seen(self) -> list[int]:
        """When each reading was made."""
        with self._lock:
            return list(self._seen)

    def go_on(self, number: int = 5) -> None:
        """Wait for more readings to be kept."""
        goal = self.history.health.written + number
        wait_until(lambda: self.history.health.written >= goal, "more is kept")


@contextmanager
def keeping(url: str) -> Iterator[Kept]:
    """Keep a camera's readings while the context is open."""
    kept = Kept(url)
    kept.history.start()
    kept.engine.subscribe("history", on_reading=kept.on_reading)
    kept.engine.start()
    try:
        yield kept
    finally:
        assert kept.engine.stop()
        assert kept.history.stop()


def times_in(url: str) -> list[int]:
    """Give when the readings of a database were made, in order."""
    plain = create_plain_engine(parse_address(url, {}))
    with plain.connect() as connection:
        found = list(connection.execute(select(readings.c.at_us).order_by(readings.c.at_us)))
    plain.dispose()
    return [one[0] for one in found]


def test_every_reading_is_in_exactly_one_place(tmp_path: Path) -> None:
    """Moved twice while twenty a second come: nothing is lost, nothing is there twice."""
    urls = [f"sqlite:///{tmp_path}/{name}.sqlite" for name in ("a", "b", "c")]
    with keeping(urls[0]) as kept:
        kept.go_on()
        for url in urls[1:]:
            kept.place.prepare(site_of(url)).go_over()
            kept.go_on()
        now = datetime.now(UTC)
        shown = kept.history.readings_between("Gate", now - timedelta(hours=1), now)
    parts = [times_in(url) for url in urls]

    assert all(parts)
    assert sorted(moment for part in parts for moment in part) == kept.seen
    assert (parts[0][-1] < parts[1][0], parts[1][-1] < parts[2][0]) == (True, True)
    assert to_us(shown[0].at_utc) >= parts[2][0], "questions are answered from the new place"
    assert kept.history.health.lost == 0


def test_what_a_full_place_could_not_take_goes_to_the_new_one(tmp_path: Path) -> None:
    """Nobody can write the first: its readings wait, and the second gets them all."""
    (tmp_path / "file").write_text("no folder")
    bad, good = f"sqlite:///{tmp_path}/file/a.sqlite", f"sqlite:///{tmp_path}/b.sqlite"
    with keeping(bad) as kept:
        wait_until(lambda: kept.history.health.waiting > 3, "readings wait")
        kept.place.prepare(site_of(good)).go_over()
        wait_until(lambda: not kept.history.health.is_failing, "it is written again")
        kept.go_on()

    assert times_in(good) == kept.seen


def test_a_place_that_cannot_be_had_leaves_it_where_it_is(tmp_path: Path) -> None:
    """One sentence, and the next readings go where those before went."""
    (tmp_path / "file").write_text("no folder")
    url = f"sqlite:///{tmp_path}/a.sqlite"
    with keeping(url) as kept:
        kept.go_on()
        with pytest.raises(StoreError, match="folder cannot be made"):
            kept.place.prepare(site_of(f"sqlite:///{tmp_path}/file/b.sqlite"))
        kept.go_on()

    assert times_in(url) == kept.seen


def test_a_place_that_was_opened_in_vain_is_let_go_of(tmp_path: Path) -> None:
    """Something else of the same edit cannot be had: nothing is written there."""
    first, second = (f"sqlite:///{tmp_path}/{name}.sqlite" for name in ("a", "b"))
    with keeping(first) as kept:
        kept.go_on()
        kept.place.prepare(site_of(second)).give_up()
        kept.go_on()

    assert times_in(first) == kept.seen
    assert times_in(second) == []


def test_how_much_is_kept_changes_in_place(tmp_path: Path) -> None:
    """Room for nothing but others: a person is told at once, and the place stays."""
    url = f"sqlite:///{tmp_path}/a.sqlite"
    with keeping(url) as kept:
        kept.go_on()
        kept.place.prepare(site_of(url, min_free_gb=1e9)).go_over()
        wait_until(lambda: kept.history.shortage, "the shortage is told")

    assert times_in(url) == kept.seen
