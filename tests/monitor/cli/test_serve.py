"""The headless program as its own process: safe mode, reload, pictures, signals."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from monitor.cli.serve import ENDS_WITHIN_S, status_settings_of
from monitor.cli.site import ENGINE_ENDS_WITHIN_S, OUTPUTS_END_WITHIN_S
from monitor.settings import StatusSettings
from tests.rigs.load import scaled_s
from tests.rigs.waiting import wait_until

UNIX_ONLY = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
TOKEN = "a-token-of-many-letters"


class Service:
    """A running `crowd-monitor serve`."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.address = ""
        self.read_address()

    def read_address(self) -> None:
        """Read on which address the page is; it is printed when it is there."""
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip().removeprefix("status: ")

    def ask(self, place: str = "/status", token: str = "") -> tuple[int, bytes]:
        """Ask the page."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        address = self.address.removesuffix("/status") + place
        request = urllib.request.Request(address, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=scaled_s(10)) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    @property
    def state(self) -> dict[str, Any]:
        """What the page says now."""
        return json.loads(self.ask()[1])

    def counted(self) -> list[str]:
        """Name the cameras that have a count."""
        return [one["name"] for one in self.state["cameras"] if one["count"] is not None]

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """End it with a signal; gives exit code and log."""
        self.process.send_signal(number)
        _, log = self.process.communicate(timeout=scaled_s(30))
        return self.process.returncode, log


@contextmanager
def serving(site: Path, **environ: str) -> Iterator[Service]:
    """Run the service on a site file; it is gone afterwards whatever happened."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "monitor", "serve", "--config", site],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environ,
    )
    try:
        yield Service(process)
    finally:
        process.kill()
        process.communicate()


def site_text(folder: Path, model: Path, *names: str, status: str = "port = 0") -> str:
    cameras = "".join(
        f'[[camera]]\nname = "{name}"\nsource = "synthetic:plaza?people=2"\n' for name in names
    )
    return (
        f"{cameras}[model]\npath = '{model.as_posix()}'\n[status]\n{status}\n"
        f"[store]\nurl = 'sqlite:///{(folder / 'h.sqlite').as_posix()}'\n"
    )


@pytest.mark.slow
@UNIX_ONLY
def test_a_service_lives_through_every_edit(tmp_path: Path, tiny_model: Path) -> None:
    """Begins in safe mode, counts once mended, takes a camera over, shrugs off a bad edit, ends."""
    site = tmp_path / "site.toml"
    good = site_text(tmp_path, tiny_model, "A")
    site.write_text(good.replace("name", "nme"))

    with serving(site) as service:
        safe, unwell = service.state, service.ask("/healthz")
        site.write_text(good)
        service.read_address()
        wait_until(lambda: service.counted() == ["A"], "A is counted", within_s=60)
        well = service.ask("/healthz")
        picture = service.ask("/cameras/A/snapshot.jpg")
        site.write_text(site_text(tmp_path, tiny_model, "A", "B"))
        service.process.send_signal(signal.SIGHUP)
        wait_until(lambda: service.counted() == ["A", "B"], "B is counted", within_s=60)
        site.write_text(good.replace("name", "nme"))
        wait_until(lambda: service.state["site"]["mistakes"], "the mistakes are told")
        after = service.state
        code, log = service.end()

    assert (safe["is_safe_mode"], safe["cameras"], unwell[0]) == (True, [], 503)
    assert "line 2: camera[1].nme" in "\n".join(safe["site"]["mistakes"])
    assert well[0] == 200
    assert picture[1].startswith(b"\xff\xd8")
    assert [one["name"] for one in after["cameras"]] == ["A", "B"]
    assert after["is_running"]
    assert (code, "Traceback" in log) == (0, False)
    assert "Safe mode" in log


@pytest.mark.slow
@UNIX_ONLY
def test_no_camera_blinks_while_everything_else_changes(tmp_path: Path, tiny_model: Path) -> None:
    """History, metrics, page and way of reading change, then a question is refused; A counts on."""
    site, other = tmp_path / "site.toml", tmp_path / "other.sqlite"
    good = site_text(tmp_path, tiny_model, "A")
    site.write_text(good)
    changed = good.replace("h.sqlite", other.name)
    changed += '[metrics]\nenabled = false\n[streams]\nprocesses = "always"\n'

    with serving(site) as service:
        wait_until(lambda: service.counted() == ["A"], "A is counted", within_s=60)
        began = service.state["cameras"][0]["frames_received"]
        metrics = [service.ask("/metrics")[0]]
        site.write_text(changed)
        service.process.send_signal(signal.SIGHUP)
        wait_until(lambda: service.ask("/metrics")[0] == 404, "it is taken over")
        wait_until(other.exists, "the history has moved")
        site.write_text(changed.replace("[[camera]]", '[[camera]]\ncount = ["dogs"]'))
        service.process.send_signal(signal.SIGHUP)
        wait_until(lambda: service.state["site"]["mistakes"], "the question is refused")
        goal = service.state["cameras"][0]["frames_received"] + 10
        wait_until(lambda: service.state["cameras"][0]["frames_received"] > goal, "A goes on")
        after = service.state
        service.end()

    (camera,) = after["cameras"]
    assert metrics == [200]
    assert "dogs" in after["site"]["mistakes"][0]
    assert after["site"]["waits_for_restart"] == []
    assert camera["frames_received"] > began
    assert (camera["state"], camera["reconnects"], camera["losses"]) == ("live", 0, {})


@pytest.mark.slow
@UNIX_ONLY
def test_systemd_and_the_network_are_served(tmp_path: Path, tiny_model: Path) -> None:
    """Told when ready, alive and stopping; other machines need the token."""
    site = tmp_path / "site.toml"
    status = 'port = 0\nhost = "0.0.0.0"\ntoken_env = "T"'
    site.write_text(site_text(tmp_path, tiny_model, "A", status=status))

    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(tmp_path / "notify"))
        ear.settimeout(60)
        told = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "1000000"}
        with serving(site, T=TOKEN, **told) as service:
            service.address = service.address.replace("0.0.0.0", "127.0.0.1")
            heard = [ear.recv(4096).decode() for _ in range(2)]
            answers = [service.ask()[0], service.ask(token=TOKEN)[0], service.ask("/healthz")[0]]
            code, log = service.end()
        while heard[-1] == "WATCHDOG=1":
            heard.append(ear.recv(4096).decode())

    assert heard[0].startswith("READY=1\n")
    assert heard[1] == "WATCHDOG=1"
    assert heard[-1] == "STOPPING=1"
    assert answers == [401, 200, 200]
    assert code == 0
    assert TOKEN not in log


@pytest.mark.slow
@UNIX_ONLY
def test_safe_mode_ends_on_a_signal(tmp_path: Path) -> None:
    """Cleanly, though nothing was ever counted."""
    site = tmp_path / "site.toml"
    site.write_text("[status]\nport = 0\n")

    with serving(site) as service:
        code, log = service.end(signal.SIGINT)

    assert code == 0
    assert "Traceback" not in log


def test_its_parts_end_before_it_is_ended_by_force() -> None:
    """Half a second is left to processes and pages; whatever is late then ends with the rest."""
    assert ENGINE_ENDS_WITHIN_S + OUTPUTS_END_WITHIN_S + 0.5 < ENDS_WITHIN_S


@pytest.mark.slow
@UNIX_ONLY
def test_a_thread_that_never_lets_go_does_not_hold_up_the_end() -> None:
    """The exit code is the one that was meant, whatever the thread is doing."""
    code = (
        "import sys, threading, monitor.cli.app as cli\n"
        "def chatter():\n"
        "    while True: print('x', file=sys.stderr)\n"
        "def app():\n"
        "    threading.Thread(target=chatter, name='crowd-x', daemon=True).start()\n"
        "    raise SystemExit(3)\n"
        "cli.app = app\n"
        "cli.main()\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)

    assert done.returncode == 3
    assert b"Fatal" not in done.stderr


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[status]\nport = 99\n[[camera]]\nnme = 1", StatusSettings(port=99)),
        ("[status]\nprt = 99\n", StatusSettings()),
        ("[status]\nport = ", StatusSettings()),
        ("status = 3", StatusSettings()),
        ('[status]\nhost = "0.0.0.0"\n', StatusSettings()),
        ('[status]\nhost = "0.0.0.0"\ntoken_env = "NO_SUCH_VARIABLE"\n', StatusSettings()),
    ],
    ids=["right", "wrong-key", "no-toml", "no-table", "no-token", "token-away"],
)
def test_safe_mode_answers_where_it_can(
    tmp_path: Path, text: str, expected: StatusSettings
) -> None:
    """By its own table where that is right, else on this machine alone."""
    file = tmp_path / "site.toml"
    file.write_text(text)

    assert status_settings_of(file) == expected
