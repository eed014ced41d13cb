"""Faults of cameras and networks, each against a real RTSP server."""

import os
import random
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from monitor.core.reading import Quality
from monitor.engine.health import StreamState
from monitor.engine.reading_pool import PoolStatus, ReadingPool
from tests.faults.scene import Outcome, camera_of, watching
from tests.faults.truth import TruthfulCounter, moving_pictures
from tests.rigs.cable import Cable, cable_to
from tests.rigs.encoded import encode_units, write_units
from tests.rigs.rtsp import RtspServer, serving_units
from tests.rigs.sockets import unused_port
from tests.rigs.waiting import wait_until

RATE_HZ = 10
USER = "op"
PASSWORD = "p@s:s/w%41 S3CRET?#"
SECRET = "S3CRET"
"""What no output may hold."""

PICTURES = moving_pictures(30)
LARGE = moving_pictures(20, (640, 480))
_LOSSES = 3  # datagrams that must be lost before a fault counts as tried


@dataclass(frozen=True, slots=True)
class Place:
    """What a fault may use."""

    folder: Path
    """A folder of its own."""
    server: RtspServer
    """A camera that all faults share: not to be stopped."""


Fault = Callable[[Place, Outcome], None]


@cache
def units_of(codec: str = "h264", *, is_large: bool = False) -> list[bytes]:
    """Encode the pictures, once: an encoder's memory must not hide what the app holds."""
    return encode_units(LARGE if is_large else PICTURES, rate_hz=RATE_HZ, codec=codec)


def _through(cable: Cable, server: RtspServer) -> str:
    address = server.url(user=USER, password=PASSWORD)
    return address.replace(f":{server.port}/", f":{cable.port}/")


def camera_killed(place: Place, outcome: Outcome) -> None:
    """The camera loses its power and comes back."""
    with (
        serving_units(
            place.folder, units_of(), rate_hz=RATE_HZ, user=USER, password=PASSWORD
        ) as server,
        watching(
            outcome,
            [camera_of(server.url(user=USER, password=PASSWORD))],
            TruthfulCounter(PICTURES),
        ) as scene,
    ):
        scene.until_good()
        server.kill()
        scene.until(lambda one: one.quality is Quality.LOST, "it is lost")
        scene.recovers(server.start)


def camera_replaced(place: Place, outcome: Outcome) -> None:
    """It comes back with another codec and another size."""
    counter = TruthfulCounter(PICTURES, LARGE)
    with (
        serving_units(place.folder, units_of(), rate_hz=RATE_HZ) as server,
        watching(outcome, [camera_of(server.url())], counter) as scene,
    ):
        scene.until_good()
        server.kill()
        units = units_of("h265", is_large=True)
        write_units(place.folder, units, rate_hz=RATE_HZ, codec="h265")
        scene.recovers(server.start)
        # Right after the loss, a picture of before may still be counted and be good.
        scene.until(
            lambda one: (
                one.counted_frame is not None
                and one.counted_frame.picture.size_hw == (480, 640)
                and one.quality is Quality.GOOD
            ),
            "a good count of the new pictures",
        )


def cable_cut(place: Place, outcome: Outcome) -> None:
    """For two seconds nothing arrives, and nobody is told."""
    with (
        cable_to(place.server.port) as cable,
        watching(
            outcome, [camera_of(_through(cable, place.server))], TruthfulCounter(PICTURES)
        ) as scene,
    ):
        scene.until_good()
        cable.cut()
        scene.until_state(StreamState.STALE)
        scene.recovers(cable.mend)


def cable_cut_for_long(place: Place, outcome: Outcome) -> None:
    """Longer than the read time limit, so that the connection is given up."""
    with (
        cable_to(place.server.port) as cable,
        watching(
            outcome, [camera_of(_through(cable, place.server))], TruthfulCounter(PICTURES)
        ) as scene,
    ):
        scene.until_good()
        cable.cut()
        scene.until_state(StreamState.UNREACHABLE)
        scene.recovers(cable.mend)


def half_open(place: Place, outcome: Outcome) -> None:
    """The camera is gone and the connection stays open; then it is back at the same address."""
    with (
        serving_units(place.folder, units_of(), rate_hz=RATE_HZ) as server,
        cable_to(server.port) as cable,
        watching(
            outcome,
            [camera_of(server.url().replace(str(server.port), str(cable.port)))],
            TruthfulCounter(PICTURES),
        ) as scene,
    ):
        scene.until_good()
        cable.hides_ends = True
        server.kill()
        scene.until_state(StreamState.STALE)
        cable.hides_ends = False
        scene.recovers(server.start)


def _loss(place: Place, outcome: Outcome, share: float) -> None:
    counter = TruthfulCounter(PICTURES)
    with (
        cable_to(place.server.port, seed=round(1000 * share)) as cable,
        watching(
            outcome,
            [camera_of(_through(cable, place.server), transport="udp")],
            counter,
        ) as scene,
    ):
        scene.until_good()
        cable.loss_share = share
        before = cable.lost
        wait_until(lambda: cable.lost >= before + _LOSSES, "datagrams are lost", within_s=60)
        scene.until(lambda one: one.health.packets_corrupt > 0, "packets are told")
        scene.recovers(lambda: setattr(cable, "loss_share", 0.0))
    outcome.harmed = counter.harmed


def one_percent_lost(place: Place, outcome: Outcome) -> None:
    """One datagram in a hundred does not arrive."""
    _loss(place, outcome, 0.01)


def ten_percent_lost(place: Place, outcome: Outcome) -> None:
    """One datagram in ten does not arrive."""
    _loss(place, outcome, 0.1)


def garbage(place: Place, outcome: Outcome) -> None:
    """A switch goes mad: random bytes in place of the camera's."""
    scatter = random.Random(3)
    with (
        cable_to(place.server.port) as cable,
        watching(
            outcome, [camera_of(_through(cable, place.server))], TruthfulCounter(PICTURES)
        ) as scene,
    ):
        scene.until_good()
        cable.mangle = lambda data: scatter.randbytes(len(data))
        scene.recovers(lambda: setattr(cable, "mangle", None))


def _served(place: Place, outcome: Outcome, units: Sequence[bytes]) -> None:
    """Watch a camera that sends these units for ever: now good, now not, now good again."""
    counter = TruthfulCounter(PICTURES)
    with (
        serving_units(place.folder, units, rate_hz=RATE_HZ) as server,
        watching(outcome, [camera_of(server.url())], counter) as scene,
    ):
        scene.until_good()
        scene.until_not_good()
        scene.until_good()
        wait_until(lambda: counter.harmed >= _LOSSES, "harmed pictures are counted", within_s=60)
        scene.until(lambda one: one.health.packets_corrupt >= _LOSSES, "packets are told")
    outcome.harmed = counter.harmed


def truncated(place: Place, outcome: Outcome) -> None:
    """Every seventh picture is cut short by the camera itself, key pictures too, for ever."""
    units = units_of()
    _served(
        place,
        outcome,
        [unit[: len(unit) // 2] if number % 7 == 3 else unit for number, unit in enumerate(units)],
    )


def pictures_missing(place: Place, outcome: Outcome) -> None:
    """One picture in ten never comes, whole; the decoder says nothing of it."""
    units = units_of()
    _served(place, outcome, [unit for number, unit in enumerate(units) if number % 10 != 4])


def wrong_password(place: Place, outcome: Outcome) -> None:
    """Somebody changes the password at the camera, and later in the environment too."""
    variable = "FAULTS_PASSWORD"
    os.environ[variable] = f"{SECRET}-wrong"
    camera = camera_of(place.server.url(user=USER), password_env=variable)
    try:
        with watching(outcome, [camera], TruthfulCounter(PICTURES)) as scene:
            shown = scene.until_state(StreamState.UNAUTHORIZED)
            assert "password" in shown.health.message
            scene.recovers(lambda: os.environ.update({variable: PASSWORD}))
    finally:
        del os.environ[variable]


def no_name_server(place: Place, outcome: Outcome) -> None:
    """The camera's name cannot be looked up; the camera beside it is none the worse."""
    cameras = [
        camera_of(f"rtsp://{USER}:{SECRET}@camera.invalid/live"),
        camera_of(place.server.url(user=USER, password=PASSWORD), name="Other"),
    ]
    with watching(outcome, cameras, TruthfulCounter(PICTURES)) as scene:
        shown = scene.until_state(StreamState.UNREACHABLE)
        wait_until(
            lambda: scene.engine.snapshots()[1].quality is Quality.GOOD,
            "the other camera is counted",
            within_s=60,
        )

        assert shown.reading is None
        assert shown.quality is Quality.LOST


def nobody_listens(place: Place, outcome: Outcome) -> None:
    """The camera is switched on last of all."""
    port = unused_port()
    server = RtspServer(write_units(place.folder, units_of(), rate_hz=10))
    server.port = port
    try:
        with watching(outcome, [camera_of(server.url())], TruthfulCounter(PICTURES)) as scene:
            scene.until_state(StreamState.UNREACHABLE)
            scene.recovers(server.start)
    finally:
        server.kill()


def frozen(place: Place, outcome: Outcome) -> None:
    """The camera hangs and sends its last picture again and again."""
    moving = units_of()
    still = [moving[0]] * 25
    with (
        serving_units(place.folder, [*moving, *still], rate_hz=RATE_HZ) as server,
        watching(
            outcome, [camera_of(server.url(), frozen_after_s=1.0)], TruthfulCounter(PICTURES)
        ) as scene,
    ):
        scene.until_good()
        shown = scene.until(lambda one: bool(one.frame and one.frame.is_frozen), "it is frozen")
        scene.until(lambda one: one.quality is Quality.DEGRADED, "it is degraded")
        scene.until_good()

        assert "does not change" in shown.health.message


def reader_killed(place: Place, outcome: Outcome) -> None:
    """The process that reads the camera for the engine is killed, as when memory runs out."""
    pool = ReadingPool(2)
    address = place.server.url(user=USER, password=PASSWORD)
    try:
        with watching(
            outcome,
            [camera_of(address), camera_of(address, name="Other")],
            TruthfulCounter(PICTURES),
            open_source=pool.open_camera,
        ) as scene:
            scene.until_good()
            (process_id,) = pool.process_ids
            os.kill(process_id, signal.SIGKILL)
            scene.recovers(lambda: None)

            assert pool.status == PoolStatus(workers=1, deaths=1)
    finally:
        pool.close()


FAULTS: tuple[Fault, ...] = (
    camera_killed,
    camera_replaced,
    cable_cut,
    cable_cut_for_long,
    half_open,
    one_percent_lost,
    ten_percent_lost,
    garbage,
    truncated,
    pictures_missing,
    wrong_password,
    no_name_server,
    nobody_listens,
    frozen,
    reader_killed,
)
"""All faults of streams."""
