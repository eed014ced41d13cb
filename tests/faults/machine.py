"""Faults of the machine that counts: its clock, its disk, its database, its model, its memory."""

import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import TypeAlias

from sqlalchemy import Engine as Database
from sqlalchemy import event

from monitor.core.arrays import RgbImage
from monitor.core.clock import SystemClock
from monitor.core.errors import ModelError, UnreachableError
from monitor.core.prediction import Prediction
from monitor.core.reading import Quality
from monitor.inference.model import load_model
from monitor.outputs.history.database import open_database
from monitor.outputs.history.history import History
from monitor.outputs.mqtt.sink import Broker, Manners, MqttSink
from monitor.outputs.outbox import Pace
from monitor.settings.outputs import StoreAddress, parse_address
from monitor.video.open import open_source
from tests.faults.footprint import Footprint
from tests.faults.scene import COUNT_HZ, Outcome, camera_of, watching
from tests.faults.truth import PEOPLE
from tests.rigs.counters import FixedCounter
from tests.rigs.encoded import numbered_pictures, write_video
from tests.rigs.history import read_of, ring_of
from tests.rigs.mosquitto import running_mosquitto
from tests.rigs.sockets import unused_port
from tests.rigs.tiny_model import write_tiny_model
from tests.rigs.waiting import wait_until

Trial: TypeAlias = Callable[[Path, Outcome], None]

_SMALL_PAGES = 60  # pages of 4 KiB: room for the tables and a few hundred readings
_WITHIN_S = 45.0
_ATTEMPTS = 400
_WARM_UP_ATTEMPTS = 100
_GROWTH_MIB = 6.0  # 20 KiB for each attempt: what one leaked connection takes and more


def _film(folder: Path) -> str:
    """Give the address of a small film that is played for ever."""
    path = folder / "film.mp4"
    if not path.exists():
        write_video(path, numbered_pictures(50, (256, 64)))
    return f"{path}?loop=1"


class JumpingClock:
    """The clock of this machine, whose time of day somebody sets while it runs."""

    def __init__(self) -> None:
        self.jump = timedelta()

    def monotonic_s(self) -> float:
        """Seconds since some fixed moment."""
        return time.monotonic()

    def utc(self) -> datetime:
        """Time of day, as it was set."""
        return datetime.now(UTC) + self.jump


def _clock_jumps(folder: Path, outcome: Outcome, hours: int) -> None:
    clock = JumpingClock()
    with watching(outcome, [camera_of(_film(folder))], FixedCounter(PEOPLE), clock=clock) as scene:
        scene.until_good()
        clock.jump = timedelta(hours=hours)
        before = scene.now.health.frames_received
        shown = scene.until(lambda one: one.health.frames_received > before + 25, "frames go on")

        assert shown.quality is Quality.GOOD, "ages must not follow the time of day"
        assert shown.reading_age_s is not None
        assert 0 <= shown.reading_age_s < 5


def clock_forward(folder: Path, outcome: Outcome) -> None:
    """Summer begins, or a time server sets the clock an hour on."""
    _clock_jumps(folder, outcome, 1)


def clock_back(folder: Path, outcome: Outcome) -> None:
    """The clock is set back an hour."""
    _clock_jumps(folder, outcome, -1)


class BadCounter(FixedCounter):
    """Fails while told to, with a given error."""

    error: Exception | None = None

    def predict(self, image: RgbImage) -> Prediction:
        """Count, or fail."""
        if self.error is not None:
            raise self.error
        return super().predict(image)


def _inference_fails(folder: Path, outcome: Outcome, error: Exception) -> None:
    counter = BadCounter(PEOPLE)
    with watching(outcome, [camera_of(_film(folder))], counter) as scene:
        scene.until_good()
        counter.error = error
        shown = scene.until_not_good()
        assert shown.reading is not None
        assert shown.reading.count == PEOPLE
        assert shown.health.message
        scene.recovers(lambda: setattr(counter, "error", None))


def out_of_memory(folder: Path, outcome: Outcome) -> None:
    """Python finds no room for a picture, for a while."""
    _inference_fails(folder, outcome, MemoryError("cannot allocate 1.2 GiB"))


def card_out_of_memory(folder: Path, outcome: Outcome) -> None:
    """The card finds no room for a picture, for a while."""
    _inference_fails(folder, outcome, ModelError("a.onnx: counting failed in ONNX Runtime"))


def model_replaced_by_junk(folder: Path, outcome: Outcome) -> None:
    """Somebody copies a wrong file over the model while it runs; the next start says so."""
    path = write_tiny_model(folder / "model.onnx")
    model = load_model(path, provider="cpu", threads=1)
    with watching(Outcome(outcome.fault), [camera_of(_film(folder))], model) as scene:
        scene.until_good()
        path.write_bytes(b"junk" * 1000)
        before = scene.now.health.frames_received
        scene.until(lambda one: one.health.frames_received > before + 25, "frames go on")
        assert scene.now.quality is Quality.GOOD
    for junk in (b"", b"junk" * 1000, path.read_bytes()[:100]):
        path.write_bytes(junk)
        outcome.words.append(_refusal_of(path, provider="cpu"))


def card_missing(folder: Path, outcome: Outcome) -> None:
    """A card is asked for that is not there: told at once; `auto` counts without it."""
    path = write_tiny_model(folder / "model.onnx")
    outcome.words.append(_refusal_of(path, provider="tensorrt"))
    model = load_model(path, threads=1)
    with watching(Outcome(outcome.fault), [camera_of(_film(folder))], model) as scene:
        scene.until_good()


def _refusal_of(path: Path, *, provider: str) -> str:
    try:
        load_model(path, provider=provider)
    except ModelError as error:
        return str(error)
    raise AssertionError(f"{path.name} was taken on {provider}")


def disk_full(folder: Path, outcome: Outcome) -> None:
    """No room for the history: counting goes on, people are told, and nothing is lost after."""
    limits = [_SMALL_PAGES]

    def open_small(address: StoreAddress) -> Database:
        database = open_database(address)

        @event.listens_for(database, "checkout")
        def _limit(connection: sqlite3.Connection, *_: object) -> None:
            connection.execute(f"PRAGMA max_page_count = {limits[0]}")

        return database

    address = parse_address(f"sqlite:///{folder / 'full.sqlite'}", {})
    history = History(address, pace=Pace(flush_s=0.02, retry_s=0.05), open_engine=open_small)
    _fails_and_recovers(
        history, outcome, heal=lambda: limits.__setitem__(0, 1_000_000), readings=5000
    )


def database_locked(folder: Path, outcome: Outcome) -> None:
    """Another program keeps the history locked, for longer than is waited for it."""
    path = folder / "locked.sqlite"
    address = parse_address(f"sqlite:///{path}", {})
    open_database(address).dispose()

    def open_impatient(address: StoreAddress) -> Database:
        database = open_database(address)

        @event.listens_for(database, "checkout")
        def _limit(connection: sqlite3.Connection, *_: object) -> None:
            connection.execute("PRAGMA busy_timeout = 50")

        return database

    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    history = History(address, pace=Pace(flush_s=0.02, retry_s=0.05), open_engine=open_impatient)
    try:
        _fails_and_recovers(history, outcome, heal=lambda: other.execute("COMMIT"), readings=50)
    finally:
        other.close()


def _fails_and_recovers(
    history: History, outcome: Outcome, *, heal: Callable[[], object], readings: int
) -> None:
    history.start()
    try:
        for index in range(readings):
            history.on_reading(read_of(index / COUNT_HZ))
        wait_until(lambda: history.health.is_failing, "people are told", within_s=_WITHIN_S)
        outcome.words.append(history.health.message)
        assert history.health.message
        heal()
        healed_s = time.monotonic()
        wait_until(lambda: history.health.written == readings, "all is written", within_s=_WITHIN_S)
        outcome.recovery_s.append(time.monotonic() - healed_s)
        assert history.health.lost == 0
        assert not history.health.is_failing
    finally:
        assert history.stop()


def broker_gone(folder: Path, outcome: Outcome) -> None:
    """The MQTT broker dies while cameras are counted; events of the meantime arrive later."""
    with running_mosquitto(folder) as broker:
        pace = Pace(flush_s=0.02, retry_s=0.05, retry_max_s=0.2)
        address = Broker("127.0.0.1", broker.port)
        sink = MqttSink(address, Manners(reconnect_max_s=1), ["Gate"], pace=pace)
        sink.start()
        try:
            with watching(outcome, [camera_of(_film(folder))], FixedCounter(PEOPLE)) as scene:
                scene.until_good()
                wait_until(lambda: not sink.health.is_failing, "connected", within_s=_WITHIN_S)
                broker.kill()
                wait_until(lambda: sink.health.is_failing, "people are told", within_s=_WITHIN_S)
                outcome.words.append(sink.health.message)
                for index in range(20):
                    sink.on_event(ring_of(index, camera="Gate", alarm_id="Gate/limit"))
                before = scene.now.health.frames_received
                scene.until(lambda one: one.health.frames_received > before + 25, "frames go on")
                assert scene.now.quality is Quality.GOOD
                broker.start()
                back_s = time.monotonic()
                wait_until(lambda: not sink.health.is_failing, "it is back", within_s=_WITHIN_S)
                outcome.recovery_s.append(time.monotonic() - back_s)
                assert sink.health.lost == 0
        finally:
            assert sink.stop(_WITHIN_S)


def nobody_there_for_long(_: Path, outcome: Outcome) -> None:
    """Hundreds of attempts at a camera that is not there leave nothing behind."""
    address = f"rtsp://op:pw@127.0.0.1:{unused_port()}/live"
    for attempt in range(_ATTEMPTS):
        source = open_source(address, pace=True, clock=SystemClock())
        try:
            next(iter(source.frames(Event())))
        except UnreachableError as error:
            outcome.words.append(str(error))
        if attempt == _WARM_UP_ATTEMPTS:
            before = Footprint.now()
    after = Footprint.now()

    assert len(outcome.words) == _ATTEMPTS
    assert after.open_files <= before.open_files
    assert after.memory_mib - before.memory_mib < _GROWTH_MIB


TRIALS: tuple[Trial, ...] = (
    clock_forward,
    clock_back,
    out_of_memory,
    card_out_of_memory,
    model_replaced_by_junk,
    card_missing,
    disk_full,
    database_locked,
    broker_gone,
    nobody_there_for_long,
)
"""All faults of the machine."""
