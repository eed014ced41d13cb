"""The page over HTTP: what it gives, to whom."""

import http.client
import json
import logging
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np
import pytest

from monitor.core.errors import SettingsError
from monitor.core.secret import Secret
from monitor.engine.health import Health, StreamState
from monitor.service.access import Access
from monitor.service.server import MOST_VIEWERS, Pages, StatusServer
from tests.rigs.load import scaled_s
from tests.rigs.snapshots import frame_of, prediction_of, snapshot_of
from tests.rigs.waiting import wait_until

TOKEN = "a-token-of-many-letters"
GATE = snapshot_of(
    "Gate 1/ä",
    frame=frame_of(np.full((48, 96, 3), (200, 40, 40), dtype=np.uint8)),
    counted_frame=frame_of(np.full((48, 96, 3), (40, 40, 200), dtype=np.uint8)),
    prediction=prediction_of(np.zeros((3, 6))),
)
LOST = snapshot_of(
    "Lost", health=Health(StreamState.UNREACHABLE, "nothing answers"), picture_age_s=12.0
)
GATE_PLACE = "/cameras/Gate%201%2F%C3%A4"


class Site:
    """What the pages show; a test may change it."""

    def __init__(self) -> None:
        self.cameras = [GATE, LOST]
        self.troubles: tuple[str, ...] = ()

    @property
    def pages(self) -> Pages:
        """Everything there is."""
        return Pages(
            document=lambda: {"cameras": [one.name for one in self.cameras]},
            troubles=lambda: self.troubles,
            cameras=lambda: tuple(self.cameras),
            metrics=lambda: (b"crowd_count 3\n", "text/plain; version=0.0.4"),
        )


@pytest.fixture
def site() -> Site:
    """A site with one camera that is live and one that is lost."""
    return Site()


@pytest.fixture
def server(site: Site) -> Iterator[StatusServer]:
    """A page on a free port of this machine."""
    page = StatusServer(site.pages, Access(), port=0)
    page.start()
    yield page
    page.stop()


@pytest.fixture
def guarded(site: Site) -> Iterator[StatusServer]:
    """The same page, which asks for a token."""
    page = StatusServer(site.pages, Access(Secret(TOKEN), is_local=False), port=0)
    page.start()
    yield page
    page.stop()


def ask(server: StatusServer, place: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    address = server.address.removesuffix("/status") + place
    request = urllib.request.Request(address, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=scaled_s(10)) as answer:
            return answer.status, answer.read(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), dict(error.headers)


def picture_in(content: bytes) -> np.ndarray:
    image = cv2.imdecode(np.frombuffer(content, dtype=np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return image[:, :, ::-1]


@pytest.mark.parametrize("place", ["/", "/status", "/status?x=1"])
def test_the_state_is_there(server: StatusServer, place: str) -> None:
    """As JSON, never kept by anybody on the way."""
    status, content, headers = ask(server, place)

    assert status == 200
    assert json.loads(content) == {"cameras": ["Gate 1/ä", "Lost"]}
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "place", ["/status/../../etc/passwd", "/cameras/", "/cameras/nobody/snapshot.jpg",
              f"{GATE_PLACE}/video.mp4"],
)  # fmt: skip
def test_there_is_nothing_else(server: StatusServer, place: str) -> None:
    """Any other place is not found."""
    assert ask(server, place)[0] == 404


def test_metrics_are_given_as_they_are(server: StatusServer) -> None:
    """With the content type that Prometheus wants."""
    status, content, headers = ask(server, "/metrics")

    assert (status, content) == (200, b"crowd_count 3\n")
    assert headers["Content-Type"] == "text/plain; version=0.0.4"


def test_health_tells_a_watchdog_to_restart(server: StatusServer, site: Site) -> None:
    """200 while the program is well, 503 once it is not; a lost camera does not count."""
    well = ask(server, "/healthz")
    site.troubles = ("the model hangs",)
    unwell = ask(server, "/healthz")

    assert (well[0], json.loads(well[1])) == (200, {"is_well": True})
    assert (unwell[0], json.loads(unwell[1])) == (503, {"is_well": False})


def test_a_snapshot_shows_the_newest_picture(server: StatusServer) -> None:
    """Without overlay the newest frame, with it the counted one; red and blue tell them apart."""
    plain = ask(server, f"{GATE_PLACE}/snapshot.jpg?overlay=0")
    drawn = ask(server, f"{GATE_PLACE}/snapshot.jpg")

    assert (plain[0], plain[2]["Content-Type"]) == (200, "image/jpeg")
    assert (plain[2]["X-Picture-Age-S"], plain[2]["X-Count-Quality"]) == ("0.10", "good")
    newest, counted = picture_in(plain[1]), picture_in(drawn[1])
    assert newest.shape == counted.shape == (48, 96, 3)
    assert newest[2, 2] == pytest.approx((200, 40, 40), abs=12)
    assert counted[2, 90, 2] > 100 > counted[2, 90, 0]


def test_a_snapshot_is_as_small_as_is_wanted(server: StatusServer) -> None:
    """Half the width is half the height."""
    content = ask(server, f"{GATE_PLACE}/snapshot.jpg?overlay=0&width=48")[1]

    assert picture_in(content).shape == (24, 48, 3)


def test_an_old_picture_is_no_snapshot(server: StatusServer) -> None:
    """It would pass for one of now."""
    status, content, _ = ask(server, "/cameras/Lost/snapshot.jpg")

    assert status == 503
    assert "nothing answers" in json.loads(content)["error"]


def parts_of(server: StatusServer, place: str) -> Iterator[bytes]:
    """Give the pictures of a view one after the other."""
    host = server.address.split("/")[2]
    connection = http.client.HTTPConnection(host, timeout=scaled_s(10))
    try:
        connection.request("GET", place)
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        while answer.readline():
            answer.readline()
            length = int(answer.readline().partition(b":")[2])
            answer.readline()
            yield answer.read(length)
            answer.readline()
    finally:
        connection.close()


def test_moving_pictures_follow_the_camera(server: StatusServer, site: Site) -> None:
    """The next picture is the new one; the camera's loss is drawn onto what was there last."""
    pictures = parts_of(server, f"{GATE_PLACE}/stream.mjpg?overlay=0")
    first = picture_in(next(pictures))
    site.cameras[0] = replace(GATE, frame=frame_of(np.full((48, 96, 3), 255, dtype=np.uint8)))
    second = picture_in(next(pictures))
    lost = Health(StreamState.STALE, "no picture")
    site.cameras[0] = replace(site.cameras[0], health=lost, picture_age_s=7.0)
    third = picture_in(next(pictures))
    site.cameras.pop(0)
    rest = list(pictures)
    pictures.close()

    assert first[2, 90] == pytest.approx((200, 40, 40), abs=12)
    assert second[2, 90] == pytest.approx((255, 255, 255), abs=4)
    assert third[2, 90].max() < 120
    assert len(rest) <= 1


def test_stopping_ends_moving_pictures(site: Site) -> None:
    """A service that somebody watches ends in time."""
    server = StatusServer(site.pages, Access(), port=0)
    server.start()
    pictures = parts_of(server, f"{GATE_PLACE}/stream.mjpg")
    next(pictures)
    server.stop()

    assert len(list(pictures)) <= 1


def test_too_many_viewers_are_turned_away(server: StatusServer) -> None:
    """The ninth gets a sentence, and a place as soon as somebody leaves."""
    views = [parts_of(server, f"{GATE_PLACE}/stream.mjpg") for _ in range(MOST_VIEWERS)]
    for view in views:
        next(view)
    refused = ask(server, f"{GATE_PLACE}/stream.mjpg")
    for view in views:
        view.close()

    assert refused[0] == 503
    assert "watching" in json.loads(refused[1])["error"]

    def is_let_in() -> bool:
        view = parts_of(server, f"{GATE_PLACE}/stream.mjpg")
        try:
            return bool(next(view))
        except AssertionError:
            return False
        finally:
            view.close()

    wait_until(is_let_in, "a place is free")


def test_pictures_can_be_withheld() -> None:
    """Where only numbers may leave the machine, there is no way to a picture."""
    server = StatusServer(Pages(document=dict, cameras=None), Access(), port=0)
    server.start()
    answers = [ask(server, f"{GATE_PLACE}/{kind}")[0] for kind in ("snapshot.jpg", "stream.mjpg")]
    server.stop()

    assert answers == [404, 404]


@pytest.mark.parametrize("place", ["/status", "/metrics", f"{GATE_PLACE}/snapshot.jpg",
                                   f"{GATE_PLACE}/stream.mjpg", "/nothing"])  # fmt: skip
def test_without_the_token_there_is_nothing(guarded: StatusServer, place: str) -> None:
    """Not even whether a place exists; and what a wrong token was is not repeated."""
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}):
        status, content, answered = ask(guarded, place, **headers)
        assert status == 401
        assert answered["WWW-Authenticate"] == "Bearer"
        assert b"wrong" not in content
    assert ask(guarded, f"{place}?token=wrong")[0] == 401


def test_the_token_opens_the_page(guarded: StatusServer) -> None:
    """In a header, or in the address for what can send no header; under any name."""
    assert ask(guarded, "/status", Authorization=f"Bearer {TOKEN}")[0] == 200
    assert ask(guarded, "/status", Authorization=f"bearer {TOKEN}", Host="cam.example")[0] == 200
    assert ask(guarded, f"/status?token={TOKEN}")[0] == 200


def test_health_needs_no_token(guarded: StatusServer) -> None:
    """A container's health check has none; it learns one bit."""
    status, content, _ = ask(guarded, "/healthz")

    assert (status, json.loads(content)) == (200, {"is_well": True})


def test_the_token_is_never_logged(guarded: StatusServer, caplog: pytest.LogCaptureFixture) -> None:
    """At any level, for a good question, a refused one, and a broken one."""
    with caplog.at_level(logging.DEBUG):
        ask(guarded, f"/status?token={TOKEN}")
        ask(guarded, f"/status?token=x{TOKEN}")
        host, _, port = guarded.address.split("/")[2].partition(":")
        with socket.create_connection((host, int(port)), timeout=scaled_s(10)) as connection:
            connection.sendall(f"GET /?token={TOKEN} x y HTTP/1.1\r\n\r\n".encode())
            answer = connection.makefile("rb").read()

    assert b"400" in answer
    assert "/status" in caplog.text
    assert TOKEN not in caplog.text


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8765", "127.0.0.1.evil.example"])
def test_a_foreign_name_is_refused(server: StatusServer, host: str) -> None:
    """A web page that resolves to this machine cannot read the counts."""
    assert ask(server, "/status", Host=host)[0] == 403


@pytest.mark.parametrize("host", ["localhost", "localhost:1234", "127.0.0.1", "[::1]:80", "[::1]"])
def test_this_machine_is_served(server: StatusServer, host: str) -> None:
    """Every name of this machine is fine."""
    assert ask(server, "/status", Host=host)[0] == 200


def test_a_taken_port_is_told(server: StatusServer) -> None:
    """If the port is in use, the sentence names it."""
    port = int(server.address.rsplit(":", 1)[1].split("/")[0])

    with pytest.raises(SettingsError, match=str(port)):
        StatusServer(Pages(dict), Access(), port=port)


def test_an_address_of_another_machine_is_told() -> None:
    """What to do stands in the sentence."""
    with pytest.raises(SettingsError, match=r"192\.0\.2\.7"):
        StatusServer(Pages(dict), Access(Secret(TOKEN), is_local=False), port=0, host="192.0.2.7")


def test_stopping_gives_the_port_back() -> None:
    """After `stop` the port can be used again; stopping what never started is harmless."""
    first = StatusServer(Pages(dict), Access(), port=0)
    port = int(first.address.rsplit(":", 1)[1].split("/")[0])
    first.start()
    first.stop()

    second = StatusServer(Pages(dict), Access(), port=port)
    second.stop()
