"""Where the history is kept and how much of it: its address, without a password, and its limits.

The address never holds a password: it would end up in site files, logs and screens. PostgreSQL's
password comes from the environment.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from platformdirs import user_data_path
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from monitor.core.errors import StoreError
from monitor.core.secret import Secret

PASSWORD_VARIABLE = "CROWD_MONITOR_STORE_PASSWORD"
"""Environment variable that holds the password of a history that needs one."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How long and how much a history keeps."""

    readings_for: timedelta = timedelta(days=30)
    """Readings as they came: 16 cameras at 2 a second fill about 10 GB in that time."""
    minutes_for: timedelta = timedelta(days=730)
    """Roll-ups by the minute."""
    bytes_max: int = 20_000_000_000
    """Largest size of a history in a file."""
    free_bytes_min: int = 1_000_000_000
    """Room that is left to others on the disk of a history in a file."""
    keeps_at_least: timedelta = timedelta(days=1)
    """Readings younger than this are not deleted for want of room: others may fill the disk."""


@dataclass(frozen=True, slots=True)
class StoreAddress:
    """Where the history is kept."""

    url: URL
    """SQLAlchemy address, without a password."""
    password: Secret | None = None
    """Password for the database; None: it needs none."""

    def __str__(self) -> str:
        if self.url.get_backend_name() == "sqlite":
            return str(self.url.database)
        return self.url.render_as_string(hide_password=True)


def default_url() -> str:
    """Give the address of the SQLite file in the user's data folder."""
    return f"sqlite:///{user_data_path('crowd-monitor', appauthor=False) / 'history.sqlite'}"


def parse_address(url: str | None, environ: Mapping[str, str]) -> StoreAddress:
    """Read where the history is kept.

    Args:
        url: `sqlite:///FILE` or `postgresql://user@host/name`; None: the user's own file.
        environ: The environment; `CROWD_MONITOR_STORE_PASSWORD` is looked up in it.

    Returns:
        The address, and the password beside it.

    Raises:
        StoreError: If the address cannot be read, holds a password, or names another database.
    """
    try:
        parsed = make_url(url or default_url())
    except (ArgumentError, ValueError):
        # The text itself is not shown: whoever mistypes an address may have typed a password.
        raise StoreError(
            "[store] url: cannot be read; write sqlite:///FILE or postgresql://user@host/name"
        ) from None
    if parsed.password is not None or "password" in parsed.query:
        raise StoreError(
            f"[store] url: remove the password from the address and put it into the environment "
            f"variable {PASSWORD_VARIABLE}"
        )
    backend = parsed.get_backend_name()
    if backend in {"postgresql", "postgres"}:
        password = environ.get(PASSWORD_VARIABLE)
        return StoreAddress(
            parsed.set(drivername="postgresql+psycopg"),
            None if password is None else Secret(password),
        )
    if backend != "sqlite":
        raise StoreError(f"[store] url: {backend} is not supported; use sqlite or postgresql")
    if not parsed.database or parsed.database == ":memory:":
        raise StoreError("[store] url: a history in memory is lost; write sqlite:///FILE")
    return StoreAddress(parsed.set(drivername="sqlite+pysqlite"))
