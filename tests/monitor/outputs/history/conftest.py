"""Every database that a history may be kept in, and what is written to it."""

import pytest
from sqlalchemy import text

from monitor.outputs.history.history import History
from monitor.settings.outputs import PASSWORD_VARIABLE, parse_address
from tests.rigs.history import LIMIT_S, SOON, StoppedClock, create_plain_engine
from tests.rigs.postgres import PASSWORD, running_postgres


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server."""
    with running_postgres() as server:
        yield server


@pytest.fixture
def postgres_address(postgres):
    """An empty PostgreSQL database."""
    pytest.importorskip("psycopg", reason="the postgres extra is not installed")
    address = parse_address(postgres.url, {PASSWORD_VARIABLE: PASSWORD})
    plain = create_plain_engine(address)
    with plain.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    plain.dispose()
    return address


@pytest.fixture
def sqlite_address(tmp_path):
    """A history in a file."""
    return parse_address(f"sqlite:///{tmp_path}/history.sqlite", {})


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request):
    """Where a history may be kept: every database that is supported."""
    name = "sqlite_address" if request.param == "sqlite" else "postgres_address"
    return request.getfixturevalue(name)


@pytest.fixture
def open_history():
    """Make histories that are ended with the test."""
    made = []

    def make(address, **how):
        history = History(address, **({"clock": StoppedClock(), "pace": SOON} | how))
        history.start()
        made.append(history)
        return history

    yield make
    for history in made:
        assert history.stop(LIMIT_S)
