"""Starts, stalls, kills and restarts a real RTSP server on the loopback, for tests."""

import json
import os
import queue
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from monitor.core.arrays import RgbImage
from tests.rigs.encoded import encode_units, write_units
from tests.rigs.load import scaled_s

_SCRIPT = Path(__file__).with_name("rtsp_server.py")
_PYTHON = Path("/usr/bin/python3")  # GStreamer's bindings are a package of the system
_MISSING = 77
_START_S = 15.0
_PASSWORD_ENV = "RIG_PASSWORD"


class RtspServer:
    """One server process; `port` stays the same over restarts."""

    def __init__(
        self,
        stream: Path,
        *,
        user: str = "",
        password: str = "",
        is_digest: bool = True,
        is_once: bool = False,
        certificate: Path | None = None,
    ) -> None:
        self._stream = stream
        self._user = user
        self._password = password
        self._flags = ["--digest"] * is_digest + ["--once"] * is_once
        self._scheme = "rtsp"
        if certificate is not None:
            self._scheme = "rtsps"
            self._flags += ["--certificate", str(certificate)]
        self._process: subprocess.Popen[str] | None = None
        self.port = 0

    def url(self, *, user: str = "", password: str = "") -> str:
        """Give the address of the stream, with a user and a password if wanted."""
        at = f"{user}:{quote(password, safe='')}@" if password else f"{user}@" if user else ""
        return f"{self._scheme}://{at}127.0.0.1:{self.port}/live"

    def start(self) -> None:
        """Start the server and wait until it listens; skips the test if a package is missing."""
        command = [str(_PYTHON), str(_SCRIPT), str(self._stream), "--port", str(self.port)]
        if self._user:
            command += ["--user", self._user, "--password-env", _PASSWORD_ENV]
        self._process = subprocess.Popen(
            command + self._flags,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {_PASSWORD_ENV: self._password},
        )
        line = _first_line(self._process, _START_S)
        if not line:
            _, complaint = self._process.communicate(timeout=scaled_s(_START_S))
            if self._process.returncode == _MISSING:
                pytest.skip(f"the RTSP server of the tests needs {complaint.strip()}")
            raise RuntimeError(f"the RTSP server did not start: {complaint}")
        self.port = json.loads(line)["port"]

    def kill(self) -> None:
        """End the server at once, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def stall(self) -> None:
        """Let the server hang: connections stay open and nothing more comes."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a stalled server go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)


@contextmanager
def serving(
    folder: Path, pictures: Sequence[RgbImage], *, rate_hz: int = 10, **options: Any
) -> Iterator[RtspServer]:
    """Serve pictures as H.264 over RTSP, in a loop or once for each client.

    Args:
        folder: Where the encoded pictures are put.
        pictures: Pictures of one size.
        rate_hz: Pictures a second.
        options: As `RtspServer` takes them.
    """
    units = encode_units(pictures, rate_hz=rate_hz)
    with serving_units(folder, units, rate_hz=rate_hz, **options) as server:
        yield server


@contextmanager
def serving_units(
    folder: Path, units: Sequence[bytes], *, rate_hz: int = 10, codec: str = "h264", **options: Any
) -> Iterator[RtspServer]:
    """Serve access units that are already encoded; see `serving`."""
    if not _PYTHON.exists():
        pytest.skip("the RTSP server of the tests needs /usr/bin/python3 with python3-gi")
    stream = write_units(folder, units, rate_hz=rate_hz, codec=codec)
    server = RtspServer(stream, **options)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def self_signed_certificate(folder: Path) -> Path:
    """Make a certificate for 127.0.0.1 with its key, in one file; skips without openssl."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("encrypted streams are tested with openssl, which is not installed")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    certificate.write_bytes(certificate.read_bytes() + key.read_bytes())
    return certificate


def _first_line(process: subprocess.Popen[str], timeout_s: float) -> str:
    assert process.stdout is not None
    lines: queue.Queue[str] = queue.Queue()
    reader = threading.Thread(target=lambda: lines.put(process.stdout.readline()), daemon=True)
    reader.start()
    try:
        return lines.get(timeout=scaled_s(timeout_s))
    except queue.Empty:
        process.kill()
        return ""
    finally:
        reader.join(scaled_s(timeout_s))
