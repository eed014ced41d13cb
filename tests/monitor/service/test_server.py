"""The pages answer over HTTP, only to those who may ask, and can move while they run."""

import http.client
import json
import logging
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.errors import SettingsError
from monitor.core.secret import Secret
from monitor.engine.health import Health, StreamState
from monitor.service.server import (
    MOST_VIEWERS,
    SHORTEST_TOKEN,
    Access,
    LivePage,
    Pages,
    StatusServer,
    access_of,
    refusal,
)
from monitor.settings import SiteSettings, StatusSettings
from tests.rigs.load import scaled_s
from tests.rigs.snapshots import frame_of, prediction_of, snapshot_of
from tests.rigs.sockets import silent_server, unused_port
from tests.rigs.waiting import wait_until

LONG_TOKEN = "a-token-of-many-letters"
GUARDED = Access(Secret(LONG_TOKEN), is_local=False)


def judge(access: Access, *, host: str = "", authorization: str = "", query: str = ""):
    refused = refusal(access, host=host, authorization=authorization, query=query)
    return None if refused is None else refused.status


@given(st.text(), st.text())
def test_nothing_but_the_token_opens_the_door(authorization: str, query: str) -> None:
    """Law: any header and any query without the token in it is refused, and none breaks it."""
    expected = None if LONG_TOKEN in authorization + query else HTTPStatus.UNAUTHORIZED

    assert judge(GUARDED, authorization=authorization, query=query) is expected


@pytest.mark.parametrize(
    ("authorization", "query", "is_let_in"),
    [
        (f"Bearer {LONG_TOKEN}", "", True),
        (f"BEARER   {LONG_TOKEN} ", "", True),
        ("", f"a=b&token={LONG_TOKEN}", True),
        (LONG_TOKEN, "", False),
        (f"Bearer {LONG_TOKEN}x", "", False),
        (f"Bearer {LONG_TOKEN[:-1]}", "", False),
        ("Bearer wrong", f"token={LONG_TOKEN}", False),
        ("", f"token=wrong&token={LONG_TOKEN}", False),
        ("", f"TOKEN={LONG_TOKEN}", False),
        ("", "&".join(["x=1"] * 100 + [f"token={LONG_TOKEN}"]), False),
    ],
)
def test_the_token_is_shown_in_one_of_two_ways(
    authorization: str, query: str, is_let_in: bool
) -> None:
    """The header counts before the query; a near miss is a miss."""
    status = judge(GUARDED, authorization=authorization, query=query)

    assert (status is None) == is_let_in


def test_a_token_guards_this_machine_too() -> None:
    """Who sets one wants it asked for, by every user of the machine."""
    access = Access(Secret(LONG_TOKEN), is_local=True)

    assert judge(access, host="localhost") is HTTPStatus.UNAUTHORIZED
    assert judge(access, host="elsewhere", authorization=f"Bearer {LONG_TOKEN}") is None


def test_the_token_is_where_the_settings_say(tmp_path: Path) -> None:
    """Without one there is none; a short one is refused without being shown."""
    file = tmp_path / "token"
    file.write_text(f"{LONG_TOKEN}\n")
    file.chmod(0o600)

    assert access_of(StatusSettings(), {}) == Access(None, is_local=True)
    found = access_of(StatusSettings(host="0.0.0.0", token_env="T"), {"T": LONG_TOKEN})
    assert found == Access(Secret(LONG_TOKEN), is_local=False)
    assert access_of(StatusSettings(token_file=str(file)), {}).token == Secret(LONG_TOKEN)
    with pytest.raises(SettingsError, match="fewer than") as caught:
        access_of(StatusSettings(token_env="T"), {"T": "x" * (SHORTEST_TOKEN - 1)})
    assert "xxx" not in str(caught.value)
    with pytest.raises(SettingsError, match="T is not set"):
        access_of(StatusSettings(token_env="T"), {})


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


TOKENS = {"FIRST": "a-token-of-many-letters", "SECOND": "another-of-many-letters"}


def ask_of_page(address: str, token: str = "") -> int:
    """Ask for the state; gives the status of the answer, 0 where nobody answers."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        with urllib.request.urlopen(
            urllib.request.Request(address, headers=headers), timeout=scaled_s(10)
        ) as answer:
            assert json.loads(answer.read()) == {"is": "well"}
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except urllib.error.URLError:
        return 0


def site_of(**status: object) -> SiteSettings:
    """Make a site with a page."""
    camera = {"name": "A", "source": "webcam:0"}
    return SiteSettings.model_validate({"camera": [camera], "status": status})


@pytest.fixture
def addresses() -> list[str]:
    """Where the page said that it is."""
    return []


@pytest.fixture
def page(addresses: list[str]) -> Iterator[LivePage]:
    """A page on a free port, for this machine alone."""
    pages = Pages(document=lambda: {"is": "well"}, cameras=tuple)
    running = LivePage(StatusSettings(port=0), pages, environ=TOKENS, on_address=addresses.append)
    yield running
    running.stop()


def test_it_moves_to_another_port(page: LivePage, addresses: list[str]) -> None:
    """The new one answers before the old one ends, and it is told where."""
    before = page.address
    port = unused_port()
    page.prepare(site_of(port=port)).go_over()

    assert addresses == [before, f"http://127.0.0.1:{port}/status"]
    assert (ask_of_page(page.address), ask_of_page(before)) == (200, 0)


def test_a_port_that_is_taken_leaves_it_where_it_is(page: LivePage) -> None:
    """Nothing has changed, and the sentence names the port."""
    before = page.address
    with silent_server() as port, pytest.raises(SettingsError, match=str(port)):
        page.prepare(site_of(port=port))

    assert page.address == before
    assert ask_of_page(before) == 200


def test_a_port_that_was_taken_in_vain_is_given_back(page: LivePage) -> None:
    """Something else of the same edit cannot be had: the page stays, and the port is free."""
    before, port = page.address, unused_port()
    page.prepare(site_of(port=port)).give_up()
    page.prepare(site_of(port=port)).give_up()

    assert (page.address, ask_of_page(before)) == (before, 200)


def test_it_asks_for_another_token_at_once(page: LivePage) -> None:
    """On the same port, without closing it."""
    address = page.address
    page.prepare(site_of(port=0, token_env="FIRST")).go_over()
    first = [ask_of_page(address), ask_of_page(address, TOKENS["FIRST"])]
    page.prepare(site_of(port=0, token_env="SECOND")).go_over()
    second = [ask_of_page(address, TOKENS["FIRST"]), ask_of_page(address, TOKENS["SECOND"])]

    assert page.address == address
    assert (first, second) == ([401, 200], [401, 200])


def test_a_token_that_is_not_there_changes_nothing(page: LivePage) -> None:
    """Nobody is locked out by a variable that is missing."""
    with pytest.raises(SettingsError):
        page.prepare(site_of(port=0, token_env="NOWHERE"))

    assert ask_of_page(page.address) == 200


def test_pictures_are_given_out_or_not(page: LivePage) -> None:
    """As the table says from now on."""
    snapshot = page.address.replace("/status", "/cameras/A/snapshot.jpg")
    kinds = []
    for is_wanted in (True, False, True):
        page.prepare(site_of(port=0, pictures=is_wanted)).go_over()
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(snapshot, timeout=scaled_s(10))
        kinds.append(json.loads(caught.value.read())["error"])
        caught.value.close()

    assert kinds == ["no such camera", "[status] pictures is false", "no such camera"]
