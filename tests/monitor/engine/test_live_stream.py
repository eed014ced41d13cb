"""From end to end: real pictures of a real mall, through a real RTSP server, into the engine.

Only the counter is a stand-in, which finds always the same number of people; everything else is
what a control room runs.
"""

import itertools
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest

from monitor.core.alarm import AlarmEvent, AlarmState
from monitor.core.arrays import RgbImage
from monitor.core.prediction import Prediction
from monitor.core.reading import Quality, Reading
from monitor.engine.engine import Engine
from monitor.engine.health import StreamState
from monitor.engine.snapshot import CameraSnapshot
from monitor.engine.sources import reception_of
from monitor.settings import CameraSettings, LimitSettings
from monitor.video.pictures import read_picture
from tests.rigs.counters import FixedCounter
from tests.rigs.encoded import burn_number, numbered_pictures, read_number
from tests.rigs.rtsp import RtspServer, serving
from tests.rigs.sockets import file_server, unused_port
from tests.rigs.waiting import wait_until

MALL = Path(__file__).parents[4] / "shared" / "data" / "mall" / "frames"
PEOPLE = 37.0
RATE_HZ = 10
PASSWORD = "p@s:s/w%41 S3CRET?#"
MARK = "S3CRET"

needs_mall = pytest.mark.skipif(not MALL.is_dir(), reason="the Mall pictures are not on this disk")


@pytest.fixture(scope="module")
def mall() -> list[RgbImage]:
    """Thirty pictures of the Mall set, each with its number in its pixels."""
    paths = sorted(MALL.glob("*.jpg"))[:30]
    return [burn_number(read_picture(path), number) for number, path in enumerate(paths)]


@pytest.fixture
def server(tmp_path: Path, mall: list[RgbImage]) -> Iterator[RtspServer]:
    """The Mall as an RTSP camera that plays in a loop."""
    with serving(tmp_path, mall, rate_hz=RATE_HZ) as running:
        yield running


def settings(source: str, **more: object) -> CameraSettings:
    """Set up a camera that is judged quickly, so that the test is short."""
    values = {
        "name": "Mall",
        "source": source,
        "count_hz": RATE_HZ,
        "stale_after_s": 0.7,
        "lost_after_s": 1.4,
    }
    return CameraSettings.model_validate(values | more)


class Watch:
    """Looks at the only camera of a running engine, and remembers all that was ever shown."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.shown: list[CameraSnapshot] = []

    def look(self) -> CameraSnapshot:
        """Look once."""
        (snapshot,) = self._engine.snapshots()
        self.shown.append(snapshot)
        return snapshot

    def until_state(self, *states: StreamState, within_s: float = 10.0) -> CameraSnapshot:
        """Look until the stream is in one of some states."""
        wait_until(
            lambda: self.look().health.state in states, f"the stream is {states}", within_s=within_s
        )
        return self.shown[-1]

    def until_quality(self, quality: Quality) -> CameraSnapshot:
        """Look until the count is of some quality."""
        wait_until(lambda: self.look().quality is quality, f"the count is {quality}")
        return self.shown[-1]


@contextmanager
def watching(engine: Engine) -> Iterator[Watch]:
    """Run an engine and look at its only camera; it must end within its time limit."""
    engine.start()
    try:
        yield Watch(engine)
    finally:
        assert engine.stop(6), "the engine did not end in time"


@needs_mall
@pytest.mark.data
@pytest.mark.slow
def test_a_camera_goes_and_comes_back(server: RtspServer) -> None:
    """A power cut: the count stays with its age, is stale, then lost, never 0; then all is well."""
    engine = Engine(
        [settings(server.url(), limit=LimitSettings(high=5, on_delay_s=0))], FixedCounter(PEOPLE)
    )
    readings: list[Reading] = []
    events: list[AlarmEvent] = []
    engine.subscribe("test", on_reading=readings.append, on_event=events.append)

    with watching(engine) as watch:
        live = watch.until_quality(Quality.GOOD)
        wait_until(lambda: any(e.after is AlarmState.UNACKNOWLEDGED for e in events), "it rings")
        server.kill()
        gone = watch.until_state(StreamState.UNREACHABLE, StreamState.STALE)
        stale = watch.until_quality(Quality.STALE)
        lost = watch.until_quality(Quality.LOST)
        before_restart = len(readings)
        server.start()
        watch.until_state(StreamState.LIVE, within_s=20)
        back = watch.until_quality(Quality.GOOD)

    assert live.health.state is StreamState.LIVE
    assert live.frame is not None
    assert live.frame.picture.size_hw == (480, 640)
    assert gone.quality in {Quality.GOOD, Quality.DEGRADED, Quality.STALE}
    assert stale.reading_age_s is not None
    assert lost.reading_age_s is not None
    assert 0.7 < stale.reading_age_s < 1.4 < lost.reading_age_s
    assert lost.health.state is StreamState.UNREACHABLE
    assert lost.health.message
    assert back.health.reconnects >= 1
    assert len(readings) > before_restart
    counted = [one.reading for one in watch.shown if one.reading is not None]
    assert {reading.count for reading in [*counted, *readings]} == {PEOPLE}
    first_counted = next(i for i, one in enumerate(watch.shown) if one.reading is not None)
    assert all(one.reading is not None for one in watch.shown[first_counted:])
    rang_at = next(i for i, e in enumerate(events) if e.after is AlarmState.UNACKNOWLEDGED)
    assert events[rang_at + 1 :] == [], "the alarm goes on ringing while the camera is away"


@needs_mall
@pytest.mark.data
@pytest.mark.slow
def test_a_camera_that_hangs_is_stale(server: RtspServer) -> None:
    """The connection stays and nothing comes: stale within its time, and live when it goes on."""
    engine = Engine([settings(server.url())], FixedCounter(PEOPLE))

    with watching(engine) as watch:
        watch.until_quality(Quality.GOOD)
        server.stall()
        stale = watch.until_state(StreamState.STALE)
        watch.until_quality(Quality.LOST)
        server.resume()
        watch.until_quality(Quality.GOOD)
        back = watch.until_state(StreamState.LIVE)

    assert stale.picture_age_s == pytest.approx(0.7, abs=0.3)
    assert back.health.reconnects == 0
    assert {one.reading.count for one in watch.shown if one.reading is not None} == {PEOPLE}


class SlowCounter(FixedCounter):
    """Takes longer for a picture than four pictures take to come."""

    def predict(self, image: RgbImage) -> Prediction:
        """Take its time, then count."""
        Event().wait(4.5 / RATE_HZ)
        return super().predict(image)


@needs_mall
@pytest.mark.data
@pytest.mark.slow
def test_a_slow_model_never_makes_pictures_old(server: RtspServer) -> None:
    """Each count is of the newest picture: nine counts later it is no older than at first."""
    counter = SlowCounter(PEOPLE)
    engine = Engine([settings(server.url())], counter)

    with watching(engine) as watch:
        wait_until(lambda: watch.look().reading is not None, "the first count")
        wait_until(lambda: len(counter.pictures) >= 9, "nine counts", within_s=15)
        shown = watch.look()

    numbers = [read_number(picture) for picture in counter.pictures]
    steps = [(later - earlier) % 30 for earlier, later in itertools.pairwise(numbers)]
    assert sorted(steps[1:])[len(steps) // 2] in {4, 5}
    assert all(3 <= step <= 8 for step in steps[1:])
    assert shown.reading_age_s is not None
    assert shown.reading_age_s < 1.5
    assert shown.health.frames_dropped >= 20
    assert shown.health.rate_hz == pytest.approx(RATE_HZ, rel=0.3)


@needs_mall
@pytest.mark.data
@pytest.mark.slow
def test_a_wrong_password_is_shown_as_such_and_nowhere_itself(
    tmp_path: Path,
    mall: list[RgbImage],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """From the environment or in the address: the camera refuses, and no output holds it."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("MALL_PASSWORD", PASSWORD)

    with serving(tmp_path, mall[:5], user="op", password="right") as server:
        inline = server.url(user="op", password=PASSWORD)
        cameras = [
            settings(server.url(user="op"), password_env="MALL_PASSWORD"),
            settings(inline, name="inline"),
        ]
        engine = Engine(cameras, FixedCounter(PEOPLE))
        engine.start()
        wait_until(
            lambda: {one.health.state for one in engine.snapshots()} == {StreamState.UNAUTHORIZED},
            "both are refused",
        )
        shown = engine.snapshots()
        assert engine.stop(6)

    assert all("password" in one.health.message for one in shown)
    written = capfd.readouterr()
    everything = repr(shown) + caplog.text + written.out + written.err
    assert MARK not in everything
    assert "op:" not in everything


@pytest.mark.slow
def test_what_answers_but_is_no_camera_has_failed(tmp_path: Path) -> None:
    """A web server on the port, and a port on which nobody listens, are two states."""
    with file_server(tmp_path) as port:
        cameras = [
            settings(f"rtsp://op:{MARK}@127.0.0.1:{port}/live", name="web"),
            settings(f"rtsp://op:{MARK}@127.0.0.1:{unused_port()}/live", name="nobody"),
        ]
        engine = Engine(cameras, FixedCounter(PEOPLE))
        engine.start()
        wait_until(lambda: all(one.health.message for one in engine.snapshots()), "both failed")
        web, nobody = engine.snapshots()
        assert engine.stop(6)

    assert web.health.state is StreamState.FAILED
    assert "no video" in web.health.message
    assert nobody.health.state is StreamState.UNREACHABLE
    assert "nothing listens" in nobody.health.message
    assert MARK not in repr((web, nobody))


@pytest.mark.slow
def test_a_camera_that_hangs_lets_go_in_time(tmp_path: Path) -> None:
    """A stop is noticed within the read time limit and a second, though nothing comes any more."""
    with serving(tmp_path, numbered_pictures(20), rate_hz=RATE_HZ) as server:
        camera = settings(server.url())
        engine = Engine([camera], FixedCounter(PEOPLE))
        engine.start()
        wait_until(lambda: engine.snapshots()[0].reading is not None, "it is counted")
        server.stall()
        wait_until(lambda: engine.snapshots()[0].health.state is StreamState.STALE, "it hangs")

        has_ended = engine.stop(reception_of(camera).read_limit_s + 1)
        server.resume()

    assert has_ended
