"""A real PostgreSQL server of the tests' own, started, stopped and thrown away."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.rigs.load import scaled_s
from tests.rigs.sockets import unused_port

USER = "crowd"
PASSWORD = "S3cret: @word"
_DEBIAN = Path("/usr/lib/postgresql")
_UNPRIVILEGED = "nobody"  # the server refuses to run as root
_LIMIT_S = 60


class PostgresServer:
    """One server on the loopback; `port` stays the same over restarts."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        self.port = unused_port()

    @property
    def url(self) -> str:
        """Address of an empty database, without the password."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/postgres"

    def prepare(self) -> None:
        """Make the server's files."""
        secret = self._folder / "password"
        secret.write_text(PASSWORD)
        if os.geteuid() == 0:
            shutil.chown(self._folder, _UNPRIVILEGED)
            shutil.chown(secret, _UNPRIVILEGED)
        self._run(
            "initdb", "--username", USER, "--pwfile", str(secret), "--auth", "scram-sha-256",
            "--encoding", "UTF8", "--locale", "C", "--no-sync", "-D", self._data,
        )  # fmt: skip

    def start(self) -> None:
        """Start and wait until it answers."""
        options = f"-p {self.port} -k {self._folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        log = str(self._folder / "log")
        self._run("pg_ctl", "start", "-w", "-D", self._data, "-l", log, "-o", options)

    def stop(self) -> None:
        """Stop at once, as a power cut would."""
        self._run("pg_ctl", "stop", "-m", "immediate", "-D", self._data)

    @property
    def _data(self) -> str:
        return str(self._folder / "data")

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._programs / program), *arguments],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # pg_ctl's server keeps it open
            stderr=subprocess.DEVNULL,
            timeout=scaled_s(_LIMIT_S),
            cwd=self._folder,
            user=_UNPRIVILEGED if os.geteuid() == 0 else None,
        )


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Run a server; skips the test where PostgreSQL is not installed."""
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed; Debian's package is called postgresql")
    # Not below the tests' own folder, which nobody but its owner may enter.
    folder = Path(tempfile.mkdtemp(prefix="crowd-postgres-"))
    server = PostgresServer(programs, folder)
    try:
        server.prepare()
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


def _programs() -> Path | None:
    for path in sorted(_DEBIAN.glob("*/bin/initdb"), reverse=True):
        return path.parent
    found = shutil.which("initdb")
    return None if found is None else Path(found).resolve().parent
