"""Opening a history: addresses, versions, and errors a person can mend."""

import sqlite3

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from monitor.core.errors import StoreError
from monitor.core.secret import Secret
from monitor.outputs.history.database import open_database, translated_errors
from monitor.settings.outputs import PASSWORD_VARIABLE, default_url, parse_address

SECRET = "S3cret!word"


def test_default_is_a_file_of_this_user():
    """Without a word about it the history is kept, in the place for a user's data."""
    address = parse_address(None, {})

    assert address.url.render_as_string() == default_url().replace("sqlite:", "sqlite+pysqlite:")
    assert "crowd-monitor" in str(address)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_postgresql_takes_its_password_from_the_environment(scheme):
    """The password stands beside the address and shows in neither text nor repr."""
    address = parse_address(f"{scheme}://ada@db.local/crowd", {PASSWORD_VARIABLE: SECRET})

    assert address.password == Secret(SECRET)
    assert address.url.get_dialect().driver == "psycopg"
    assert SECRET not in f"{address} {address!r} {address.url!r}"


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://ada:{SECRET}@db.local/crowd",
        f"postgresql://ada@db.local/crowd?password={SECRET}",
    ],
)
def test_address_with_a_password_is_refused_without_showing_it(url):
    """A site file is copied and mailed; the message says where the password belongs."""
    with pytest.raises(StoreError, match=PASSWORD_VARIABLE) as caught:
        parse_address(url, {})

    assert SECRET not in repr(caught.value)


@pytest.mark.parametrize(
    ("url", "named"),
    [
        pytest.param("no address", "cannot be read", id="no address"),
        pytest.param(f"postgresql://ada:{SECRET}@db:port/x", "cannot be read", id="broken port"),
        pytest.param("mysql://ada@db.local/crowd", "mysql is not supported", id="other database"),
        pytest.param("sqlite://", "in memory", id="memory"),
        pytest.param("sqlite:///:memory:", "in memory", id="memory by name"),
    ],
)
def test_address_that_cannot_be_used_is_refused(url, named):
    """Each mistake has its own sentence, none shows a password."""
    with pytest.raises(StoreError, match=named) as caught:
        parse_address(url, {})

    assert SECRET not in str(caught.value)


def test_new_file_gets_its_folder_tables_and_version(tmp_path):
    """The first start makes all that is needed; write-ahead logging is on."""
    path = tmp_path / "data" / "crowd" / "history.sqlite"

    open_database(parse_address(f"sqlite:///{path}", {})).dispose()

    plain = sqlite3.connect(path)
    assert plain.execute("SELECT version FROM crowd_schema_version").fetchall() == [(3,)]
    assert plain.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    plain.close()


def test_opening_twice_writes_one_version(tmp_path):
    """A second start finds what the first made."""
    address = parse_address(f"sqlite:///{tmp_path}/history.sqlite", {})

    open_database(address).dispose()
    engine = open_database(address)

    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM crowd_schema_version")).scalar() == 1
    engine.dispose()


def test_newer_schema_is_refused_and_left_alone(tmp_path):
    """An older program does not spoil what a newer one wrote."""
    path = tmp_path / "history.sqlite"
    address = parse_address(f"sqlite:///{path}", {})
    open_database(address).dispose()
    plain = sqlite3.connect(path)
    plain.execute("UPDATE crowd_schema_version SET version = 4")
    plain.commit()

    with pytest.raises(StoreError, match="schema 4, this version reads up to 3"):
        open_database(address)

    assert plain.execute("SELECT version FROM crowd_schema_version").fetchall() == [(4,)]
    plain.close()


def test_a_file_that_is_no_database_is_named(tmp_path):
    """Nothing is overwritten."""
    path = tmp_path / "history.sqlite"
    path.write_bytes(b"dear diary, today nobody came" * 100)

    with pytest.raises(StoreError, match="no SQLite database"):
        open_database(parse_address(f"sqlite:///{path}", {}))

    assert path.read_bytes().startswith(b"dear diary")


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    """A file in the way of the folder is told as such."""
    (tmp_path / "data").write_text("a file")

    with pytest.raises(StoreError, match="folder cannot be made"):
        open_database(parse_address(f"sqlite:///{tmp_path}/data/crowd/history.sqlite", {}))


def test_what_was_written_survives_a_power_cut(tmp_path):
    """SQLite waits for the disk at every commit; at NORMAL it would only at checkpoints."""
    engine = open_database(parse_address(f"sqlite:///{tmp_path}/history.sqlite", {}))

    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
        assert connection.exec_driver_sql("PRAGMA auto_vacuum").scalar() == 2  # INCREMENTAL
    engine.dispose()


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ("database or disk is full", "free some space"),
        ("attempt to write a readonly database", "check its permissions"),
        ("disk I/O error", "check the disk"),
        ("server closed the connection unexpectedly\n\tThis probably means", "went away"),
        ("database disk image is malformed", "restore a copy"),
    ],
)
def test_a_known_cause_says_what_to_do(tmp_path, said, cause):
    """The database's own words, as its driver gives them."""
    address = parse_address(f"sqlite:///{tmp_path}/history.sqlite", {})

    with pytest.raises(StoreError, match=cause), translated_errors(address):
        raise OperationalError("INSERT", {}, sqlite3.OperationalError(said))


def test_unknown_cause_is_told_in_the_database_words(tmp_path):
    """An error nobody foresaw still says something."""
    address = parse_address(f"sqlite:///{tmp_path}/history.sqlite", {})
    engine = open_database(address)

    with (
        pytest.raises(StoreError, match="no such table: nowhere"),
        translated_errors(address),
        engine.connect() as connection,
    ):
        connection.execute(text("SELECT * FROM nowhere"))

    engine.dispose()


def test_postgresql_that_is_not_there_is_named_without_password():
    """Nothing listens on port 1 of this machine."""
    pytest.importorskip("psycopg", reason="the postgres extra is not installed")
    address = parse_address("postgresql://ada@127.0.0.1:1/crowd", {PASSWORD_VARIABLE: SECRET})

    with pytest.raises(StoreError, match="nothing answers there") as caught:
        open_database(address)

    assert SECRET not in f"{caught.value!r} {caught.value.__cause__!r}"
