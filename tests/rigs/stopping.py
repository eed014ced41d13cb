"""Starts `crowd-monitor serve` in trouble of many kinds and ends it by a signal at any moment.

The long loop is `benchmarks/stops.py`.
"""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.rigs.encoded import numbered_pictures
from tests.rigs.load import scaled_s
from tests.rigs.rtsp import RtspServer, serving
from tests.rigs.sockets import silent_server
from tests.rigs.tiny_model import write_tiny_model
from tests.rigs.waiting import wait_until
from tests.rigs.webhook import Webhook, running_webhook

STREAM_HZ = 10
_HEARS_SIGTERM = 1 << (signal.SIGTERM - 1)
_STARTS_WITHIN_S = 120.0
_VIEWERS = 4


@dataclass(frozen=True, slots=True)
class World:
    """What is around the service, all of it real."""

    folder: Path
    model: Path
    stream: RtspServer
    silent_port: int
    """Takes connections and says nothing: a half-open camera, a broker that hangs."""
    hook: Webhook
    """Takes messages and does not answer."""

    def site(self, *sources: str, more: str = "") -> Path:
        """Write a site file."""
        cameras = "".join(
            f'[[camera]]\nname = "{number}"\nsource = "{source}"\ncount_hz = 5\n'
            "limit = { high = 1, on_delay_s = 0 }\n"
            for number, source in enumerate(sources)
        )
        file = self.folder / "site.toml"
        file.write_text(
            f"{cameras}[model]\npath = '{self.model}'\nthreads = 1\n[status]\nport = 0\n"
            f"[store]\nurl = 'sqlite:///{self.folder / 'h.sqlite'}'\n{more}"
        )
        return file


@dataclass(frozen=True, slots=True)
class Stopped:
    """How one run ended."""

    situation: str
    code: int
    seconds: float
    """From the signal to the end."""
    log: str


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """Run a camera, a silent server and a webhook that hangs."""
    with ExitStack() as stack:
        stream = stack.enter_context(serving(folder / "s", numbered_pictures(20)))
        silent = stack.enter_context(silent_server())
        hook = stack.enter_context(running_webhook())
        hook.gate.clear()
        yield World(folder, write_tiny_model(folder / "m.onnx"), stream, silent, hook)


def _streaming(all_: World) -> Path:
    return all_.site(all_.stream.url(), all_.stream.url(), "synthetic:plaza?people=20")


def _connecting(all_: World) -> Path:
    silent = f"rtsp://127.0.0.1:{all_.silent_port}/live"
    return all_.site(silent, "rtsp://no-such-camera.invalid/live", "rtsp://127.0.0.1:1/live")


def _outputs_hang(all_: World) -> Path:
    broker = f'[mqtt]\nhost = "127.0.0.1"\nport = {all_.silent_port}\n'
    target = '[notify]\n[[notify.target]]\nname = "duty"\nurl_env = "DUTY"\n'
    return all_.site(all_.stream.url(), "synthetic:plaza?people=20", more=broker + target)


def _processes(all_: World) -> Path:
    return all_.site(all_.stream.url(), all_.stream.url(), more='[streams]\nprocesses = "always"\n')


SITUATIONS: dict[str, Callable[[World], Path]] = {
    "connecting": _connecting,
    "streaming": _streaming,
    "outputs hang": _outputs_hang,
    "processes": _processes,
}
MOMENTS = ("loading", "early", "running", "watched", "stalled")
"""While it loads, just when it answers, a moment later, while people look, with a mute camera."""


def stop_once(
    all_: World, situation: str, moment: str, *, number: signal.Signals, wait_s: float
) -> Stopped:
    """Start the service, bring it to a moment, end it.

    Args:
        all_: What is around it.
        situation: One of `SITUATIONS`.
        moment: One of `MOMENTS`.
        number: The signal.
        wait_s: Seconds between the moment and the signal.
    """
    site = SITUATIONS[situation](all_)
    log = all_.folder / "log.txt"  # a pipe would stay open as long as a child of the service lives
    with log.open("w") as lines:
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "monitor", "serve", "--config", site],
            stdout=subprocess.PIPE, stderr=lines, text=True,
            env=os.environ | {"DUTY": all_.hook.url(), "XDG_STATE_HOME": str(all_.folder)},
        )  # fmt: skip
    assert process.stdout is not None
    viewing = threading.Event()
    viewers: list[threading.Thread] = []
    try:
        wait_until(lambda: _hears(process.pid), "it hears", within_s=_STARTS_WITHIN_S)
        if moment != "loading":
            address = process.stdout.readline().strip().removeprefix("status: ")
            if moment == "watched":
                viewers = _watch(address.removesuffix("/status"), viewing)
            if moment == "stalled":
                viewing.wait(1.0)
                all_.stream.stall()
        threading.Event().wait(wait_s)
        began_s = time.monotonic()
        process.send_signal(number)
        code = process.wait(timeout=scaled_s(60))
        seconds = time.monotonic() - began_s
        return Stopped(f"{situation}, {moment}", code, seconds, log.read_text())
    finally:
        viewing.set()
        if moment == "stalled":
            all_.stream.resume()
        process.kill()
        process.communicate()
        for one in viewers:
            one.join()


def _hears(process_id: int) -> bool:
    """Say whether a process has taken SIGTERM over; before, the system ends it."""
    status = Path(f"/proc/{process_id}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) & _HEARS_SIGTERM)


def _watch(address: str, over: threading.Event) -> list[threading.Thread]:
    """Look at moving and at single pictures until it is over."""

    def look(place: str) -> None:
        while not over.is_set():
            with (
                contextlib.suppress(OSError, http.client.HTTPException),
                urllib.request.urlopen(address + place, timeout=scaled_s(5)) as answer,
            ):
                while answer.read(4096) and not over.is_set():
                    pass

    places = ("stream.mjpg", "snapshot.jpg?width=1600")
    viewers = [
        threading.Thread(target=look, args=(f"/cameras/{number % 2}/{places[number % 2]}",))
        for number in range(_VIEWERS)
    ]
    for one in viewers:
        one.start()
    return viewers
