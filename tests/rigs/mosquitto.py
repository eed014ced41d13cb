"""A real MQTT broker of the tests' own, and a client that writes down what it hears."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from tests.rigs.sockets import unused_port
from tests.rigs.waiting import wait_until

USER = "crowd"
PASSWORD = "S3cret: @word"
_PLACES = "/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin"


class Mosquitto:
    """One broker on the loopback; `port` stays the same over restarts."""

    def __init__(self, program: str, folder: Path, *settings: str) -> None:
        self._program = program
        self._configuration = folder / "mosquitto.conf"
        self._process: subprocess.Popen[bytes] | None = None
        self.port = unused_port()
        lines = [f"listener {self.port} 127.0.0.1", *settings]
        if os.geteuid() == 0:
            lines.append("user root")  # else it could not read its own files
        self._configuration.write_text("\n".join(lines) + "\n")

    def start(self) -> None:
        """Start and wait until it listens."""
        self._process = subprocess.Popen(
            [self._program, "-c", str(self._configuration)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(self._listens, "the broker listens")

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait()
            self._process = None

    def stall(self) -> None:
        """Let it hang: connections stay open and nothing more comes."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def running_mosquitto(folder: Path, *settings: str) -> Iterator[Mosquitto]:
    """Run a broker; skips the test where Mosquitto is not installed.

    Args:
        folder: For its files.
        settings: Lines of its configuration; none: everybody may do everything.
    """
    program = shutil.which("mosquitto", path=f"{os.environ['PATH']}:{_PLACES}")
    if program is None:
        pytest.skip("Mosquitto is not installed; Debian's package is called mosquitto")
    broker = Mosquitto(program, folder, *(settings or ("allow_anonymous true",)))
    broker.start()
    try:
        yield broker
    finally:
        broker.kill()


def password_file(folder: Path) -> Path:
    """Make a file by which the broker knows `USER` and `PASSWORD`."""
    path = folder / "passwords"
    subprocess.run(["mosquitto_passwd", "-c", "-b", str(path), USER, PASSWORD], check=True)
    return path


class Listener:
    """Hears everything on a broker."""

    def __init__(self, port: int) -> None:
        self._lock = Lock()
        self._heard: list[tuple[str, bytes]] = []
        self._is_ready = False
        self.client = Client(CallbackAPIVersion.VERSION2)
        self.client.on_connect = lambda client, *_: client.subscribe("#", qos=1)
        self.client.on_subscribe = self._note_ready
        self.client.on_message = self._note
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        wait_until(lambda: self._is_ready, "the listener hears")

    def heard(self, topic: str) -> list[bytes]:
        """Give what was said on a topic, in order."""
        with self._lock:
            return [payload for name, payload in self._heard if name == topic]

    @property
    def newest(self) -> dict[str, bytes]:
        """Give what was said last on every topic."""
        with self._lock:
            return dict(self._heard)

    def stop(self) -> None:
        """End."""
        self.client.disconnect()
        self.client.loop_stop()

    def _note_ready(self, *_: object) -> None:
        self._is_ready = True

    def _note(self, _client: Client, _data: object, message: object) -> None:
        with self._lock:
            self._heard.append((message.topic, message.payload))  # type: ignore[attr-defined]


@contextmanager
def listening(port: int) -> Iterator[Listener]:
    """Hear everything on a broker while the context is open."""
    listener = Listener(port)
    try:
        yield listener
    finally:
        listener.stop()
