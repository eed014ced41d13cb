"""Open the history: a SQLite file by default, PostgreSQL by address; make or check its tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from monitor.core.errors import DamagedStoreError, StoreError
from monitor.core.secret import HIDDEN_SECRET
from monitor.outputs.history.migrations import NewerSchemaError, prepare_tables
from monitor.outputs.history.schema import SCHEMA_VERSION
from monitor.settings.outputs import PASSWORD_VARIABLE, StoreAddress

_BUSY_TIMEOUT_S = 5  # another program may be reading or backing up the file
_CONNECT_TIMEOUT_S = 5
_STATEMENT_TIMEOUT_MS = 10_000  # a server that hangs must not hang the writer for ever
_IS_WRITER = "crowd_is_writer"


def open_database(address: StoreAddress) -> Engine:
    """Connect, and make the tables or check their version.

    Args:
        address: Where the history is kept.

    Returns:
        A pool of connections; the caller disposes of it.

    Raises:
        StoreError: If it cannot be opened, or was written by a newer version of the program.
    """
    try:
        engine = _connect_lazily(address)
    except ModuleNotFoundError as error:
        raise StoreError(
            f"history {address}: the PostgreSQL driver is missing; "
            "install it with: pip install 'crowd-monitor[postgres]'"
        ) from error
    try:
        with translated_errors(address), writing(engine) as connection:
            prepare_tables(connection)
    except NewerSchemaError as error:
        engine.dispose()
        raise StoreError(
            f"history {address}: schema {error.version}, this version reads up to "
            f"{SCHEMA_VERSION}; update the program or keep its history elsewhere"
        ) from error
    except StoreError:
        engine.dispose()
        raise
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that writes.

    SQLite is asked for the right to write at once: who reads first and then writes would be
    refused without waiting where another program has written meanwhile.

    Args:
        engine: From `open_database`.

    Yields:
        A connection; committed at the end of the block, rolled back if it fails.
    """
    with engine.execution_options(**{_IS_WRITER: True}).begin() as connection:
        yield connection


@contextmanager
def translated_errors(address: StoreAddress) -> Iterator[None]:
    """Turn a database's errors into ours, with a cause that a person can mend.

    Args:
        address: Where the history is kept.

    Yields:
        Once, for the block that uses the database.

    Raises:
        DamagedStoreError: If the file is damaged.
        StoreError: If the block fails in the database otherwise; no text holds the password.
    """
    try:
        yield
    except SQLAlchemyError as error:
        cause = _cause(error, address)
        kind = DamagedStoreError if cause in _DAMAGE else StoreError
        raise kind(f"history {address}: {cause}") from error


def _connect_lazily(address: StoreAddress) -> Engine:
    if address.url.get_backend_name() == "sqlite":
        _make_folder(address)
        engine = create_engine(
            address.url, hide_parameters=True, connect_args={"timeout": _BUSY_TIMEOUT_S}
        )
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin)
        return engine
    return create_engine(
        address.url.set(password=_revealed(address)),
        hide_parameters=True,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": _CONNECT_TIMEOUT_S,
            "options": f"-c statement_timeout={_STATEMENT_TIMEOUT_MS}",
        },
    )


def _make_folder(address: StoreAddress) -> None:
    database = str(address.url.database)
    if database.startswith("file:"):
        return  # a SQLite URI, whose parameters only SQLite understands
    try:
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"history {address}: its folder cannot be made: {error.strerror}") from (
            error
        )


def _set_pragmas(connection: Any, _record: object) -> None:
    """Let readers and the writer work at once, and lose nothing that was written in a power cut.

    `connection` is the driver's own, which has no type in SQLAlchemy.
    """
    connection.isolation_level = None  # the driver's own transactions would leave out tables
    cursor = connection.cursor()
    try:
        cursor.execute("PRAGMA auto_vacuum=INCREMENTAL")  # heeded by new files only
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")  # NORMAL writes through at checkpoints only
    finally:
        cursor.close()


def _begin(connection: Connection) -> None:
    is_writer = connection.get_execution_options().get(_IS_WRITER, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writer else "BEGIN")


_NO_DATABASE = "the file is no SQLite database; move it away"
_DAMAGED = "the file is damaged; move it away and restore a copy"
_DAMAGE = frozenset({_NO_DATABASE, _DAMAGED})

_KNOWN_CAUSES = {
    "database or disk is full": "the disk is full; free some space",
    "No space left on device": "the disk is full; free some space",
    "readonly database": "it cannot be written to; check its permissions",
    "read-only": "it cannot be written to; check its permissions",
    "database is locked": "another program holds it; close that program",
    "unable to open database file": "it cannot be opened; check its folder and permissions",
    "file is not a database": _NO_DATABASE,
    "malformed": _DAMAGED,
    "password authentication failed": (
        f"the password was refused; set {PASSWORD_VARIABLE} in the environment"
    ),
    "no password supplied": f"it needs a password; set {PASSWORD_VARIABLE} in the environment",
    "disk I/O error": "its disk reports an error; check the disk",
    "server closed the connection": "the database server went away; it is asked again",
    "terminating connection": "the database server went away; it is asked again",
    "Connection refused": "nothing answers there; check that the database server is running",
    "statement timeout": "the database server does not answer in time",
}


def _cause(error: SQLAlchemyError, address: StoreAddress) -> str:
    """Say what is wrong; the database's own first line where the cause is not known."""
    said = str(error.orig if isinstance(error, DBAPIError) else error)
    for part, cause in _KNOWN_CAUSES.items():
        if part in said:
            return cause
    first_line = (said.splitlines() or [type(error).__name__])[0]
    password = _revealed(address)
    return first_line.replace(password, HIDDEN_SECRET) if password else first_line


def _revealed(address: StoreAddress) -> str | None:
    """Give the password in the clear, for the driver and to be taken out of what it says."""
    return None if address.password is None else address.password.reveal()
