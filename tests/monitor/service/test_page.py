"""A page that moves, asks for another token, or gives out no pictures, while it answers."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from monitor.core.errors import SettingsError
from monitor.service.page import LivePage
from monitor.service.server import Pages
from monitor.settings import SiteSettings, StatusSettings
from tests.rigs.load import scaled_s
from tests.rigs.sockets import silent_server, unused_port

TOKENS = {"FIRST": "a-token-of-many-letters", "SECOND": "another-of-many-letters"}


def ask(address: str, token: str = "") -> int:
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
    assert (ask(page.address), ask(before)) == (200, 0)


def test_a_port_that_is_taken_leaves_it_where_it_is(page: LivePage) -> None:
    """Nothing has changed, and the sentence names the port."""
    before = page.address
    with silent_server() as port, pytest.raises(SettingsError, match=str(port)):
        page.prepare(site_of(port=port))

    assert page.address == before
    assert ask(before) == 200


def test_a_port_that_was_taken_in_vain_is_given_back(page: LivePage) -> None:
    """Something else of the same edit cannot be had: the page stays, and the port is free."""
    before, port = page.address, unused_port()
    page.prepare(site_of(port=port)).give_up()
    page.prepare(site_of(port=port)).give_up()

    assert (page.address, ask(before)) == (before, 200)


def test_it_asks_for_another_token_at_once(page: LivePage) -> None:
    """On the same port, without closing it."""
    address = page.address
    page.prepare(site_of(port=0, token_env="FIRST")).go_over()
    first = [ask(address), ask(address, TOKENS["FIRST"])]
    page.prepare(site_of(port=0, token_env="SECOND")).go_over()
    second = [ask(address, TOKENS["FIRST"]), ask(address, TOKENS["SECOND"])]

    assert page.address == address
    assert (first, second) == ([401, 200], [401, 200])


def test_a_token_that_is_not_there_changes_nothing(page: LivePage) -> None:
    """Nobody is locked out by a variable that is missing."""
    with pytest.raises(SettingsError):
        page.prepare(site_of(port=0, token_env="NOWHERE"))

    assert ask(page.address) == 200


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
